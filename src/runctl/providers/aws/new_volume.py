"""What the user wants of a new volume, checked and completed before it is made."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import NamedTuple

from runctl.core.aws import Account
from runctl.core.errors import RefusedError, UsageError
from runctl.core.text import printable
from runctl.providers.aws import snapshots, tags, volumes
from runctl.providers.aws.model import Snapshot
from runctl.providers.aws.volume_creation import check_name
from runctl.providers.aws.volumes import NewVolume

# https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html
TYPES = ("gp3", "gp2", "io2", "io1", "st1", "sc1", "standard")
_WITH_IOPS, _WITH_THROUGHPUT, _NEED_IOPS = ("gp3", "io1", "io2"), ("gp3",), ("io1", "io2")


class Wanted(NamedTuple):
    """A new volume as asked for; what is None is chosen by runctl. `throughput` is in MiB/s."""

    size_gib: int | None
    type: str
    iops: int | None
    throughput: int | None
    zone: str | None
    name: str | None
    snapshot: str | None
    encrypted: bool
    mount_point: str | None
    tags: Mapping[str, str]


def complete(account: Account, wanted: Wanted) -> NewVolume:
    """The volume to make, with zone, size and name. Raises UsageError, NotFoundError, RefusedError."""
    _check_performance(wanted)
    source = snapshots.find(account, wanted.snapshot) if wanted.snapshot is not None else None
    if wanted.name:
        check_name(account, wanted.name)
    return NewVolume(
        name=wanted.name or f"data-{uuid.uuid4().hex[:6]}",
        zone=volumes.checked_zone(account, wanted.zone) if wanted.zone else volumes.default_zone(account),
        size_gib=_size(wanted, source),
        type=wanted.type,
        iops=wanted.iops,
        throughput=wanted.throughput,
        snapshot_id=source.id if source else None,
        encrypted=wanted.encrypted or (source is not None and source.encrypted),
        mount_point=wanted.mount_point,
        tags=wanted.tags,
    )


def parse_name(text: str) -> str:
    """A name for a volume or a snapshot. Raises UsageError where it could be taken for an id, or is none."""
    looks_like_id = text.startswith(("vol-", "snap-", "-"))
    if not text.strip() or text != printable(text) or len(text) > tags.LONGEST_VALUE or looks_like_id:
        raise UsageError(f"--name: {printable(text)!r} can't be a name", hint="such as imagenet")
    return text


def _size(wanted: Wanted, source: Snapshot | None) -> int:
    if source is None:
        if wanted.size_gib is None:
            raise UsageError("a volume needs a size", hint="--size 500 (GiB)")
        return wanted.size_gib
    if source.state == snapshots.ERROR:
        raise RefusedError(f"{source.id} was never completed", hint="see: runctl aws ebs snapshots")
    if wanted.size_gib is not None and wanted.size_gib < source.size_gib:
        raise RefusedError(
            f"{source.id} holds a volume of {source.size_gib} GiB, which {wanted.size_gib} GiB can't hold",
            hint=f"--size {source.size_gib} or more",
        )
    return wanted.size_gib or source.size_gib


def _check_performance(wanted: Wanted) -> None:
    if wanted.iops is not None and wanted.type not in _WITH_IOPS:
        raise UsageError(f"--iops can't be chosen for {wanted.type}", hint=f"it can for {', '.join(_WITH_IOPS)}")
    if wanted.throughput is not None and wanted.type not in _WITH_THROUGHPUT:
        raise UsageError(f"--throughput can't be chosen for {wanted.type}", hint="it can for gp3")
    if wanted.iops is None and wanted.type in _NEED_IOPS:
        raise UsageError(f"{wanted.type} needs --iops", hint="such as --iops 4000")
