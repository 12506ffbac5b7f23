"""EBS volumes: found by id, by the beginning of an id or by name; attached, detached, resized, deleted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from runctl.core.aws import Account, calling
from runctl.core.errors import CloudError, NotFoundError, RefusedError, UsageError
from runctl.core.text import printable
from runctl.providers.aws import tags
from runctl.providers.aws.instances import own as own_instances
from runctl.providers.aws.model import Attachment, Instance, Volume, volume_of
from runctl.providers.aws.polling import Pause, poll
from runctl.providers.aws.wanted import DEVICES

AVAILABLE, IN_USE, CREATING, ATTACHED, FAILED = "available", "in-use", "creating", "attached", "error"
_GONE = ("deleting", "deleted")
_PAGE_SIZE = 500
_ID = re.compile(r"vol-(?:[0-9a-f]{8}|[0-9a-f]{17})")
_BEGINNING = re.compile(r"vol-[0-9a-f]{1,16}")
_WAIT_S = 300.0
# EC2 may think for long about a larger size
_MODIFY_S = 1800.0


class NewVolume(NamedTuple):
    """A volume to be made; what is None is EC2's choice. `throughput` is in MiB/s."""

    name: str
    zone: str
    size_gib: int
    type: str
    iops: int | None
    throughput: int | None
    snapshot_id: str | None
    encrypted: bool
    mount_point: str | None
    tags: Mapping[str, str]


def describe(account: Account, filters: Sequence[Mapping[str, Any]] = ()) -> list[Volume]:
    """The volumes of the region that pass all `filters`, as DescribeVolumes takes them, oldest first."""
    pages = account.client("ec2").get_paginator("describe_volumes")
    with calling("list volumes"):
        found = [
            volume_of(answer)
            for page in pages.paginate(Filters=list(filters), PaginationConfig={"PageSize": _PAGE_SIZE})
            for answer in page["Volumes"]
        ]
    living = (volume for volume in found if volume.state not in _GONE)
    return sorted(living, key=lambda volume: (volume.created_at, volume.id))


def own(account: Account) -> list[Volume]:
    """runctl's volumes, oldest first."""
    return describe(account, [tags.MANAGED_FILTER])


def of_instance(account: Account, instance: Instance) -> list[Volume]:
    """The data volumes of an instance: all that are attached to it but the one it boots from."""
    found = describe(account, [{"Name": "attachment.instance-id", "Values": [instance.id]}])
    data = {volume.volume_id for volume in instance.data_volumes}
    return [volume for volume in found if volume.id in data]


def get(account: Account, volume_id: str) -> Volume:
    """The volume as it is now. Raises NotFoundError."""
    with calling(f"look at {volume_id}"):
        found = account.client("ec2").describe_volumes(VolumeIds=[volume_id])["Volumes"]
    volumes = [volume for volume in map(volume_of, found) if volume.state not in _GONE]
    if not volumes:
        raise _unknown(account, volume_id)
    return volumes[0]


def called(account: Account, name: str) -> list[Volume]:
    """The volumes of this name, whoever made them, oldest first."""
    pattern = re.sub(r"[*?\\]", "?", name)  # what a filter takes for wildcards matches itself, and is then compared
    found = describe(account, [{"Name": "tag:Name", "Values": [pattern]}])
    return [volume for volume in found if volume.name == name]


def find(account: Account, text: str) -> Volume:
    """The volume that `text` means: its id, the beginning of one volume's id, or its name.

    Raises NotFoundError when there is none, UsageError when there are several.
    """
    found = _meant(account, text)
    if not found:
        raise _unknown(account, text)
    if len(found) > 1:
        ids = ", ".join(volume.id for volume in found)
        raise UsageError(f"{printable(text)!r} may be any of {ids}", hint="give the whole id")
    return found[0]


def find_all(account: Account, texts: Iterable[str]) -> list[Volume]:
    """What each of `texts` means, each volume once. Raises as `find` does."""
    found = {volume.id: volume for volume in (find(account, text) for text in texts)}
    return list(found.values())


def check_may_delete(found: Iterable[Volume], force: bool) -> None:
    """Raises RefusedError for a volume that is attached or, without `force`, was not made by runctl."""
    for volume in found:
        for attachment in volume.attachments:
            raise RefusedError(
                f"{volume.id} is attached to {attachment.instance_id}", hint=f"runctl aws ebs detach {volume.id}"
            )
        if not volume.managed and not force:
            raise RefusedError(f"{volume.id} was not made by runctl", hint="if it is yours to delete: --force")


def default_zone(account: Account) -> str:
    """The zone of runctl's instances, else the region's first. Raises UsageError when they are in several."""
    zones = sorted({instance.zone for instance in own_instances(account)})
    if len(zones) > 1:
        raise UsageError(
            f"your instances are in {' and '.join(zones)}", hint=f"a volume is in one zone: --zone {zones[0]}"
        )
    return zones[0] if zones else _zones(account)[0]


def checked_zone(account: Account, zone: str) -> str:
    """The zone's name. Raises NotFoundError when the region has no such zone."""
    zones = _zones(account)
    if zone not in zones:
        raise NotFoundError(
            f"{account.region} has no zone {printable(zone)!r}", hint=f"its zones are: {', '.join(zones)}"
        )
    return zone


def attach(account: Account, volume: Volume, instance: Instance, device: str | None, pause: Pause) -> Attachment:
    """Attaches an available volume under the first free name, or `device`; returns when it is done.

    Somebody else may take the name at the same time: then the next one is tried. Raises CloudError.
    """
    taken = {each.device for each in instance.volumes}
    names = [device] if device else [name for name in DEVICES if name not in taken]
    if not names:
        raise RefusedError(f"{instance.id} has no free device name", hint=f"of {DEVICES[0]} to {DEVICES[-1]}")
    for name in names:
        try:
            with calling(f"attach {volume.id} to {instance.id} as {name}"):
                account.client("ec2").attach_volume(VolumeId=volume.id, InstanceId=instance.id, Device=name)
            break
        except CloudError as error:
            if not _name_is_taken(error) or name == names[-1]:
                raise
    return wait_until_attached(account, volume.id, instance.id, pause)


def wait_until_attached(account: Account, volume_id: str, instance_id: str, pause: Pause) -> Attachment:
    """The attachment once EC2 calls it attached. Raises CloudError."""

    def arrived() -> Attachment | None:
        return attachment_to(get(account, volume_id), instance_id, ATTACHED)

    attachment = poll(arrived, _WAIT_S, pause)
    if attachment is None:
        raise CloudError(f"{volume_id} was not attached within {_WAIT_S:g} s", code="Timeout")
    return attachment


def attachment_to(volume: Volume, instance_id: str, state: str | None = None) -> Attachment | None:
    """The volume's attachment to an instance, if it has one (in that state)."""
    for attachment in volume.attachments:
        if attachment.instance_id == instance_id and state in (None, attachment.state):
            return attachment
    return None


def detach(account: Account, volume_id: str, instance_id: str, force: bool, pause: Pause) -> Volume:
    """Detaches a volume that nothing uses any more, and returns it available. `force` as EC2 means it: what was not
    written is lost. Raises CloudError."""
    if attachment_to(get(account, volume_id), instance_id, ATTACHED) or force:
        with calling(f"detach {volume_id} from {instance_id}"):
            account.client("ec2").detach_volume(VolumeId=volume_id, InstanceId=instance_id, Force=force)
    return wait_for(account, volume_id, AVAILABLE, pause)


def delete(account: Account, volume_id: str) -> None:
    """Deletes a volume that is not attached. Raises CloudError, NotFoundError."""
    with calling(f"delete {volume_id}"):
        account.client("ec2").delete_volume(VolumeId=volume_id)


def enlarge(account: Account, volume: Volume, size_gib: int, pause: Pause) -> None:
    """Makes a volume larger, and returns when its instance can use the room. Raises CloudError."""
    client = account.client("ec2")
    if volume.size_gib < size_gib:
        with calling(f"resize {volume.id}"):
            client.modify_volume(VolumeId=volume.id, Size=size_gib)

    def arrived() -> bool | None:
        with calling(f"look at the change of {volume.id}"):
            changes = client.describe_volumes_modifications(VolumeIds=[volume.id])["VolumesModifications"]
        newest = changes[-1]["ModificationState"] if changes else "completed"
        if newest == "failed":
            raise CloudError(f"{volume.id} was not resized: {changes[-1].get('StatusMessage', '')}", code="failed")
        return True if newest in ("optimizing", "completed") else None

    if poll(arrived, _MODIFY_S, pause) is None:
        raise CloudError(f"{volume.id} was not resized within {_MODIFY_S:g} s", code="Timeout")


def tag(account: Account, resource_id: str, new: Mapping[str, str]) -> None:
    """Gives a resource these tags as well. Raises CloudError."""
    with calling(f"tag {resource_id}"):
        account.client("ec2").create_tags(Resources=[resource_id], Tags=tags.as_list(new))


def untag(account: Account, resource_id: str, keys: Iterable[str]) -> None:
    """Takes tags away; those that are not there are passed over. Raises CloudError."""
    with calling(f"take tags of {resource_id} away"):
        account.client("ec2").delete_tags(Resources=[resource_id], Tags=[{"Key": key} for key in keys])


def wait_for(account: Account, volume_id: str, state: str, pause: Pause) -> Volume:
    """The volume once it is in `state`. Raises CloudError when it fails, or not in time (code "Timeout")."""

    def arrived() -> Volume | None:
        volume = get(account, volume_id)
        if volume.state == FAILED:
            raise CloudError(f"EC2 could not make {volume_id}", code=FAILED)
        return volume if volume.state == state else None

    volume = poll(arrived, _WAIT_S, pause)
    if volume is None:
        raise CloudError(f"{volume_id} was not {state} within {_WAIT_S:g} s", code="Timeout")
    return volume


def _meant(account: Account, text: str) -> list[Volume]:
    if _ID.fullmatch(text):
        return [get(account, text)]
    by_name = called(account, text) if text else []
    if by_name or not _BEGINNING.fullmatch(text):
        return by_name
    return [volume for volume in describe(account) if volume.id.startswith(text)]


def _unknown(account: Account, text: str) -> NotFoundError:
    return NotFoundError(
        f"there is no volume {printable(text)!r} in {account.region}",
        hint="see: runctl aws ebs list --all, or give --region",
    )


def _zones(account: Account) -> list[str]:
    filters = [{"Name": "zone-type", "Values": ["availability-zone"]}, {"Name": "state", "Values": ["available"]}]
    with calling("list zones"):
        answer = account.client("ec2").describe_availability_zones(Filters=filters)
    return sorted(zone["ZoneName"] for zone in answer["AvailabilityZones"])


def _name_is_taken(error: CloudError) -> bool:
    return error.code == "InvalidParameterValue" and "already in use" in error.message.lower()
