"""What a run on another machine would do, step by step; found out without changing anything anywhere."""

from __future__ import annotations

from typing import Any, NamedTuple

from runctl.core.aws import Account
from runctl.core.config import Config
from runctl.core.errors import RefusedError
from runctl.core.text import size
from runctl.machines.code import sync
from runctl.project.files import project_files
from runctl.providers.aws.model import RUNNING
from runctl.runs.arrival import Login, known, look_up
from runctl.runs.remote_plan import RemotePlan
from runctl.runs.s3_checks import DataFound, find_data
from runctl.runs.submission import left_out, project_of


class Sending(NamedTuple):
    """What would be sent. `compared` is False where that is the whole project, because no connection is open by which
    to ask what is there already."""

    folder: str
    files: int
    bytes: int
    removed: int
    unchanged: int
    compared: bool


class Preview(NamedTuple):
    """`sending` is None with --no-sync-code, `data` without --data-s3. `instance` is an id, None where one would be
    created."""

    plan: RemotePlan
    instance: str | None
    volumes: int
    sending: Sending | None
    data: DataFound | None

    def steps(self) -> list[str]:
        """What would be done, in order, in words."""
        steps = [f"reach {self.instance or 'it'}"]
        if self.volumes:
            steps.append(f"mount its volumes ({self.volumes})")
        steps.append(self._sending())
        steps += ["start the run; on the machine, while nobody needs to watch:", *self._there()]
        return steps

    def document(self) -> dict[str, Any]:
        """The preview for `--json`."""
        sending = self.sending
        return {
            "spec": self.plan.spec,
            "instance_id": self.instance,
            "steps": self.steps(),
            "files": sending and sending.files,
            "files_bytes": sending and sending.bytes,
            "compared": bool(sending and sending.compared),
            "data_objects": self.data and self.data.objects,
            "data_bytes": self.data and self.data.bytes,
        }

    def _sending(self) -> str:
        sending = self.sending
        if sending is None:
            return "send nothing: the project is used as it is there"
        what = f"{sending.files} files, {size(sending.bytes)}"
        if not sending.compared:
            return f"send what is not there yet of {what} to {sending.folder}"
        removed = f", and remove {sending.removed}" if sending.removed else ""
        return f"send {what} to {sending.folder}{removed}; {sending.unchanged} are there already"

    def _there(self) -> list[str]:
        spec, steps = self.plan.spec, []
        if spec["container"]:
            image = spec["container"]["image"]
            steps.append(f"  get the image {image}" if image else "  build the image")
        elif spec["environment"]["source"]:
            steps.append(f"  prepare the environment of {spec['environment']['source']}")
        if self.data:
            more = "more than " if self.data.more else ""
            what = f"{more}{self.data.objects} objects, {more}{size(self.data.bytes)}"
            steps.append(f"  bring down what is not there yet of {what} of data")
        steps.append("  run the script")
        if self.plan.output_uri:
            steps.append("  send the results to S3, and verify them")
        if spec["then"] != "keep":
            steps.append(f"  {spec['then']} the machine")
        return steps


def preview_on(account: Account, config: Config, plan: RemotePlan, target: str, login: Login) -> Preview:
    """The preview of a run on an instance. Raises what the checks before a run raise."""
    instance = look_up(account, target)
    if instance.state != RUNNING:
        raise RefusedError(f"{instance.id} is {instance.state}, not running", hint=f"runctl aws start {instance.id}")
    return Preview(
        plan,
        instance.id,
        len(instance.data_volumes),
        None if plan.keep_code else _sending(config, plan, instance.id, login),
        _data(account, plan),
    )


def preview_of_new(account: Account, plan: RemotePlan, volumes: int) -> Preview:
    """The preview of a run on an instance that is yet to be created."""
    return Preview(plan, None, volumes, None if plan.keep_code else _everything(plan), _data(account, plan))


def _sending(config: Config, plan: RemotePlan, instance_id: str, login: Login) -> Sending:
    machine = known(config, instance_id, login)
    if machine is None:
        return _everything(plan)
    project = project_of(plan, config, instance_id)
    synced = sync(machine.transport, project, dry_run=True)
    return Sending(
        synced.folder, len(synced.sent), synced.bytes_sent, len(synced.removed), synced.unchanged, compared=True
    )


def _everything(plan: RemotePlan) -> Sending:
    files = project_files(plan.root, plan.include, leave_out=left_out(plan))
    return Sending(plan.spec["root"], len(files), sum(each.size for each in files), 0, 0, compared=False)


def _data(account: Account, plan: RemotePlan) -> DataFound | None:
    return find_data(account, plan.data_uri) if plan.data_uri else None
