"""Creates an instance by its plan, in named steps. When one fails, what it and those before it made is taken back."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from runctl.core.aws import Account, calling
from runctl.core.config import Config
from runctl.core.errors import CloudError, NotFoundError, RefusedError, RunctlError
from runctl.providers.aws import groups, instances, keys, model, tags
from runctl.providers.aws.creation_plan import Plan, check_room
from runctl.providers.aws.launching import Ask, Launching, Report
from runctl.providers.aws.model import Instance
from runctl.providers.aws.polling import Pause, poll

Filters = list[dict[str, Any]]
_GROUP_S = 120
_TOLD_S = 15
_BOOT_S = 600
_GONE_S = 300


class Step(NamedTuple):
    """A step of a creation: what it does, for people; how it is done; how it is taken back."""

    title: str
    do: Callable[[], None]
    undo: Callable[[], None] | None


class Creation:
    """One creation. `pause` sleeps, and raises KeyboardInterrupt once the user has asked to end: requests to AWS
    are never cut off in the middle, so that nothing is made that nobody knows of. `rest` sleeps while things are taken
    back, which nothing cuts off."""

    def __init__(
        self,
        account: Account,
        config: Config,
        plan: Plan,
        report: Report,
        ask: Ask,
        pause: Pause,
        rest: Pause = time.sleep,
    ) -> None:
        self._account = account
        self._config = config
        self._plan = plan
        self._report = report
        self._pause = pause
        self._rest = rest
        self._key = plan.key
        self._made_key = False
        self._group_id = plan.group or ""
        self._made_group = False
        self._launching = Launching(account, plan, report, ask, pause)
        self._instance: Instance | None = None

    def steps(self) -> list[Step]:
        """The steps of this plan, in order."""
        plan = self._plan
        steps = []
        if plan.make_key:
            steps.append(Step("make a key pair", self._make_key, self._remove_key))
        if plan.make_group or plan.network:
            steps.append(Step("prepare the security group", self._prepare_group, self._remove_group))
        steps.append(Step(f"launch {plan.kind.name}", self._launch, self._end))
        steps.append(Step("wait until it runs", self._wait, None))
        if plan.volumes:
            steps.append(Step("label the volumes", self._label_volumes, None))
        steps.append(Step("count the instances", self._count, None))
        steps.append(Step("complete", self._complete, None))
        return steps

    def run(self) -> Instance:
        """Creates the instance and returns it running. Raises RunctlError or KeyboardInterrupt when everything that
        was made has been taken back; the error says so where that failed too."""
        begun: list[Step] = []
        try:
            for step in self.steps():
                self._report(step.title)
                self._pause(0)
                # also a step that fails may have made something
                begun.append(step)
                step.do()
        except BaseException as error:
            self._take_back(begun, error)
            raise
        assert self._instance is not None
        return self._instance

    def _take_back(self, begun: list[Step], error: BaseException) -> None:
        left = []
        for step in reversed(begun):
            if step.undo:
                try:
                    step.undo()
                except Exception as failure:  # whatever it is, the other steps are taken back too
                    left.append(failure.message if isinstance(failure, RunctlError) else repr(failure))
        if left:
            message = error.message if isinstance(error, RunctlError) else "interrupted"
            raise CloudError(
                "\n".join([message, "and it could not all be taken back:", *left]),
                "see what is left: runctl aws doctor",
            ) from error

    # --- steps

    def _make_key(self) -> None:
        key = keys.make_local_key(self._config.home)
        self._key = key.name
        self._made_key = keys.import_key(self._account, key)

    def _remove_key(self) -> None:
        if self._made_key and self._key:
            keys.delete_key(self._account, self._key)

    def _prepare_group(self) -> None:
        group, self._made_group = groups.make_group(self._account, self._plan.places[0].vpc)
        self._group_id = group.id
        if self._plan.network:
            groups.open_door(self._account, group, self._plan.network)

    def _remove_group(self) -> None:
        def gone_or_used() -> bool | None:
            deleted = groups.delete_group(self._account, self._group_id)
            return True if deleted or instances.of_group(self._account, self._group_id) else None

        # an instance that ended gives its network interface back a moment later than it says so
        if self._made_group:
            poll(gone_or_used, _GROUP_S, self._rest)

    def _launch(self) -> None:
        self._instance = self._launching.launch(self._key, self._group_id)

    def _wait(self) -> None:
        instance = self._known()

        def runs() -> Instance | None:
            # EC2 may not know for some seconds what it has just made
            with suppress(NotFoundError):
                now = instances.get(self._account, instance.id)
                if now.state == model.RUNNING and len(now.data_volumes) >= len(self._plan.volumes):
                    return now
                if now.state not in (model.PENDING, model.RUNNING):
                    raise CloudError(f"{now.id} did not start: {now.reason or now.state}", code=now.state)
            return None

        running = poll(runs, _BOOT_S, self._pause)
        if running is None:
            raise CloudError(f"{instance.id} was not running within {_BOOT_S} s", code="Timeout")
        self._instance = running

    def _label_volumes(self) -> None:
        """Says of each data volume where it belongs, and that nothing can be on it."""
        instance = self._known()
        for wish in self._plan.volumes:
            volume_id = next(each.volume_id for each in instance.volumes if each.device == wish.device)
            where = {tags.MOUNT: wish.mount_point} if wish.mount_point else {}
            name = f"{self._plan.name}-{wish.device[-1]}"
            with calling(f"label {volume_id}"):
                self._account.client("ec2").create_tags(
                    Resources=[volume_id], Tags=tags.as_list({tags.NAME: name, tags.BLANK: "true", **where})
                )

    def _count(self) -> None:
        """Of two creations at once that were one too many, the later takes itself back."""
        mine = self._known()
        before = [each for each in instances.own(self._account) if (each.launched_at, each.id) < _order(mine)]
        try:
            check_room(before, self._plan.most, self._plan.name if self._plan.named else None)
        except RefusedError as error:
            raise RefusedError(f"{error.message} (made at the same time)", error.hint) from error

    def _complete(self) -> None:
        instance = self._known()
        made = [instance.id, *(volume.volume_id for volume in instance.volumes)]
        with calling(f"complete {instance.id}"):
            self._account.client("ec2").delete_tags(Resources=made, Tags=[{"Key": tags.CREATING}])
        self._instance = instances.get(self._account, instance.id)

    def _end(self) -> None:
        """Ends whatever the launch made; also when its answer was lost."""
        unfinished: Filters = [{"Name": f"tag:{tags.CREATING}", "Values": [self._plan.token]}]
        for instance in self._launched(unfinished):
            if not instance.ended:
                with suppress(OSError):  # perhaps it is because nobody reads the reports that all is taken back
                    self._report(f"taking {instance.id} back")
                instances.release_volumes(self._account, instance, instance.data_volumes)
                instances.terminate(self._account, instance, self._rest)
            self._delete_left_volumes(unfinished)

    def _launched(self, unfinished: Filters) -> list[Instance]:
        if self._instance:
            return [instances.get(self._account, self._instance.id)]
        if not self._launching.unsure:
            return []
        # EC2 may tell of an instance only some seconds after it made it
        return poll(lambda: instances.describe(self._account, unfinished) or None, _TOLD_S, self._rest) or []

    def _delete_left_volumes(self, unfinished: Filters) -> None:
        """Deletes the volumes that EC2 had not yet named when the instance was ended."""
        client = self._account.client("ec2")

        def gone() -> bool | None:
            with calling("list volumes"):
                left = client.describe_volumes(Filters=unfinished)["Volumes"]
            for volume in left:
                if volume["State"] == "available":
                    with suppress(NotFoundError), calling(f"delete {volume['VolumeId']}"):
                        client.delete_volume(VolumeId=volume["VolumeId"])
            return None if left else True

        if poll(gone, _GONE_S, self._rest) is None:
            raise CloudError(f"volumes of {self._plan.name} are still there", code="Timeout")

    def _known(self) -> Instance:
        assert self._instance is not None
        return self._instance


def _order(instance: Instance) -> tuple[float, str]:
    return instance.launched_at, instance.id
