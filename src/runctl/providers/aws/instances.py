"""EC2 instances: found by id, by the beginning of an id or by name; started, stopped, terminated, waited for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from runctl.core.aws import Account, calling
from runctl.core.errors import CloudError, NotFoundError, RefusedError, UsageError
from runctl.core.text import printable
from runctl.providers.aws import described, model, tags
from runctl.providers.aws.model import AttachedVolume, Instance, instance_of
from runctl.providers.aws.polling import Pause, poll

# pages are as large as EC2 gives them: each is a round trip
PAGE_SIZE = 1000
_ID = re.compile(r"i-(?:[0-9a-f]{8}|[0-9a-f]{17})")
_BEGINNING = re.compile(r"i-[0-9a-f]{1,16}")
_LIVE_STATES = {
    "Name": "instance-state-name",
    "Values": [model.PENDING, model.RUNNING, model.STOPPING, model.STOPPED],
}
_BOOT_S, _STOP_S, _END_S = 600, 900, 900


class Details(NamedTuple):
    """What only other requests tell: whether an instance is protected against termination, what becomes of it when it
    shuts itself down ("stop", "terminate"; None when it has ended), and what EC2 says of its spot request."""

    protected: bool
    shutdown_behavior: str | None
    spot_status: str | None


def describe(account: Account, filters: Sequence[Mapping[str, Any]] = ()) -> list[Instance]:
    """The instances of the region that pass all `filters`, as DescribeInstances takes them, oldest first."""
    client = account.client("ec2")
    pages = client.get_paginator("describe_instances")
    with calling("list instances"), described.reading_itself(client):
        found = [
            instance
            for page in pages.paginate(Filters=list(filters), PaginationConfig={"PageSize": PAGE_SIZE})
            for instance in page[described.INSTANCES]
        ]
    return sorted(found, key=lambda instance: (instance.launched_at, instance.id))


def own(account: Account) -> list[Instance]:
    """runctl's instances that still exist (ended ones apart), oldest first."""
    return describe(account, [tags.MANAGED_FILTER, _LIVE_STATES])


def of_group(account: Account, group_id: str) -> list[Instance]:
    """The instances that exist and use a security group."""
    return describe(account, [{"Name": "instance.group-id", "Values": [group_id]}, _LIVE_STATES])


def get(account: Account, instance_id: str) -> Instance:
    """The instance as it is now. Raises NotFoundError."""
    with calling(f"look at {instance_id}"):
        answer = account.client("ec2").describe_instances(InstanceIds=[instance_id])
    for reservation in answer["Reservations"]:
        for found in reservation["Instances"]:
            return instance_of(found)
    raise NotFoundError(f"there is no instance {instance_id} in {account.region}", hint="see: runctl aws list")


def find(account: Account, text: str) -> Instance:
    """The instance that `text` means: its id, the beginning of one instance's id, or its name.

    Raises NotFoundError when there is none, UsageError when there are several.
    """
    found = _meant(account, text)
    # an instance that ended goes on being described for an hour; its name may be in use again
    candidates = [instance for instance in found if not instance.ended] or found
    if not candidates:
        raise NotFoundError(
            f"there is no instance {printable(text)!r} in {account.region}",
            hint="see: runctl aws list, or give --region",
        )
    if len(candidates) > 1:
        ids = ", ".join(instance.id for instance in candidates)
        raise UsageError(f"{printable(text)!r} may be any of {ids}", hint="give the whole id")
    return candidates[0]


def find_live(account: Account, text: str) -> Instance:
    """Like `find`. Raises NotFoundError also for an instance that has ended."""
    instance = find(account, text)
    if instance.ended:
        why = f": {printable(instance.reason)}" if instance.reason else ""
        raise NotFoundError(f"{instance.id} is {instance.state}{why}", hint="see: runctl aws list")
    return instance


def find_all(account: Account, texts: Iterable[str]) -> list[Instance]:
    """What each of `texts` means, each instance once. Raises as `find_live` does, before anything is done."""
    found = {instance.id: instance for instance in (find_live(account, text) for text in texts)}
    return list(found.values())


def _meant(account: Account, text: str) -> list[Instance]:
    if _ID.fullmatch(text):
        try:
            return [get(account, text)]
        except NotFoundError:
            return []
    by_name = describe(account, [{"Name": "tag:Name", "Values": [_literal(text)]}]) if text else []
    if by_name or not _BEGINNING.fullmatch(text):
        return by_name
    ours = [instance for instance in own(account) if instance.id.startswith(text)]
    return ours or describe(account, [{"Name": "instance-id", "Values": [text + "*"]}])


def _literal(text: str) -> str:
    """A filter's value in which nothing is a wildcard."""
    return re.sub(r"([*?\\])", r"\\\1", text)


def start(account: Account, instance: Instance, pause: Pause) -> Instance:
    """Starts a stopped instance and returns it running. One that runs already is left as it is.

    Raises RefusedError for a spot instance of one request, CloudError when there is no capacity.
    """
    if instance.state == model.STOPPING:
        instance = wait_for(account, instance.id, model.STOPPED, pause)
    if instance.state == model.STOPPED:
        if instance.spot:
            raise RefusedError(f"{instance.id} is a spot instance, which can't be started again")
        with calling(f"start {instance.id}"):
            account.client("ec2").start_instances(InstanceIds=[instance.id])
    return wait_for(account, instance.id, model.RUNNING, pause)


def stop(account: Account, instance: Instance, pause: Pause, wait: bool = True) -> Instance:
    """Stops an instance; its volumes stay. Returns it stopped, or stopping without `wait`. Raises RefusedError."""
    check_can_stop(instance)
    if instance.state not in (model.STOPPED, model.STOPPING):
        with calling(f"stop {instance.id}"):
            account.client("ec2").stop_instances(InstanceIds=[instance.id])
    return wait_for(account, instance.id, model.STOPPED, pause) if wait else get(account, instance.id)


def check_can_stop(instance: Instance) -> None:
    """Raises RefusedError for an instance that can only be terminated."""
    if instance.spot:
        raise RefusedError(
            f"{instance.id} is a spot instance of a one-time request, which can only be terminated",
            hint=f"runctl aws terminate {instance.id}",
        )


def terminate(account: Account, instance: Instance, pause: Pause, wait: bool = True) -> Instance:
    """Ends an instance for good. Returns it terminated, or shutting down without `wait`."""
    with calling(f"terminate {instance.id}"):
        account.client("ec2").terminate_instances(InstanceIds=[instance.id])
    return wait_for(account, instance.id, model.TERMINATED, pause) if wait else get(account, instance.id)


def release_volumes(account: Account, instance: Instance, volumes: Sequence[AttachedVolume]) -> None:
    """Lets `volumes` be deleted by EC2 together with their instance."""
    if volumes:
        mappings = [{"DeviceName": each.device, "Ebs": {"DeleteOnTermination": True}} for each in volumes]
        with calling(f"change the volumes of {instance.id}"):
            account.client("ec2").modify_instance_attribute(InstanceId=instance.id, BlockDeviceMappings=mappings)


def details(account: Account, instance: Instance) -> Details:
    """What DescribeInstances does not say."""
    behavior = _attribute(account, instance, "instanceInitiatedShutdownBehavior")
    return Details(protected(account, instance), str(behavior) if behavior else None, _spot_status(account, instance))


def _spot_status(account: Account, instance: Instance) -> str | None:
    if not instance.spot_request:
        return None
    with calling(f"look at {instance.spot_request}"):
        filters = [{"Name": "spot-instance-request-id", "Values": [instance.spot_request]}]
        answer = account.client("ec2").describe_spot_instance_requests(Filters=filters)
    for request in answer["SpotInstanceRequests"]:
        status = request.get("Status", {}).get("Message") or request.get("Status", {}).get("Code")
        return f"{request['State']}{f': {status}' if status else ''}"
    return None


def protected(account: Account, instance: Instance) -> bool:
    """Whether it is protected against termination through the API."""
    return bool(_attribute(account, instance, "disableApiTermination"))


def _attribute(account: Account, instance: Instance, name: str) -> object:
    """An attribute's value; None for an instance that has ended, which has none."""
    if instance.ended:
        return None
    with calling(f"look at {instance.id}"):
        answer = account.client("ec2").describe_instance_attribute(InstanceId=instance.id, Attribute=name)
    value: object = answer[name[0].upper() + name[1:]].get("Value")
    return value


def unprotect(account: Account, instance: Instance) -> None:
    """Takes the protection against termination away."""
    with calling(f"take the protection of {instance.id} away"):
        account.client("ec2").modify_instance_attribute(InstanceId=instance.id, DisableApiTermination={"Value": False})


def wait_for(account: Account, instance_id: str, state: str, pause: Pause, timeout_s: float | None = None) -> Instance:
    """The instance once it is in `state`.

    `timeout_s` defaults to what EC2 may take in the worst case. Raises CloudError when it ends up in another state,
    or not in time; with the code "Timeout" then.
    """
    limit_s = (
        timeout_s if timeout_s is not None else {model.RUNNING: _BOOT_S, model.STOPPED: _STOP_S}.get(state, _END_S)
    )

    def arrived() -> Instance | None:
        instance = get(account, instance_id)
        if instance.ended and state != model.TERMINATED:
            why = f": {printable(instance.reason)}" if instance.reason else ""
            raise CloudError(f"{instance_id} is {instance.state}{why}", code=instance.state)
        return instance if instance.state == state else None

    instance = poll(arrived, limit_s, pause)
    if instance is None:
        raise CloudError(
            f"{instance_id} was not {state} within {limit_s:g} s",
            hint=f"see: runctl aws status {instance_id}",
            code="Timeout",
        )
    return instance
