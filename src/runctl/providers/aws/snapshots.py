"""EBS snapshots: made, listed, found by id, by the beginning of an id or by name, waited for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from runctl.core.aws import Account, calling
from runctl.core.errors import CloudError, NotFoundError, UsageError
from runctl.core.text import printable
from runctl.providers.aws import tags
from runctl.providers.aws.model import Snapshot, Volume, snapshot_of
from runctl.providers.aws.polling import Pause, poll

COMPLETED, ERROR = "completed", "error"
_ID = re.compile(r"snap-(?:[0-9a-f]{8}|[0-9a-f]{17})")
_BEGINNING = re.compile(r"snap-[0-9a-f]{1,16}")
# the first snapshot of a large volume copies all of it
_WAIT_S = 24 * 3600.0


def describe(account: Account, filters: Sequence[Mapping[str, Any]] = ()) -> list[Snapshot]:
    """The account's own snapshots in the region that pass all `filters`, oldest first."""
    pages = account.client("ec2").get_paginator("describe_snapshots")
    with calling("list snapshots"):
        found = [
            snapshot_of(answer)
            for page in pages.paginate(OwnerIds=["self"], Filters=list(filters), PaginationConfig={"PageSize": 1000})
            for answer in page["Snapshots"]
        ]
    return sorted(found, key=lambda snapshot: (snapshot.started_at, snapshot.id))


def own(account: Account) -> list[Snapshot]:
    """runctl's snapshots, oldest first."""
    return describe(account, [tags.MANAGED_FILTER])


def of_volume(account: Account, volume_id: str) -> list[Snapshot]:
    """The snapshots of a volume, whoever made them, oldest first."""
    return describe(account, [{"Name": "volume-id", "Values": [volume_id]}])


def last_of(account: Account, volume_id: str) -> Snapshot | None:
    """The newest complete snapshot of a volume; None when there is none."""
    complete = [snapshot for snapshot in of_volume(account, volume_id) if snapshot.state == COMPLETED]
    return complete[-1] if complete else None


def get(account: Account, snapshot_id: str) -> Snapshot:
    """The snapshot as it is now; it may be another account's. Raises NotFoundError."""
    with calling(f"look at {snapshot_id}"):
        found = account.client("ec2").describe_snapshots(SnapshotIds=[snapshot_id])["Snapshots"]
    if not found:
        raise _unknown(account, snapshot_id)
    return snapshot_of(found[0])


def find(account: Account, text: str) -> Snapshot:
    """The snapshot that `text` means: its id, the beginning of one snapshot's id, or its name.

    Raises NotFoundError when there is none, UsageError when there are several.
    """
    if _ID.fullmatch(text):
        return get(account, text)
    everything = describe(account) if text else []
    found = [snapshot for snapshot in everything if snapshot.name == text]
    if not found and _BEGINNING.fullmatch(text):
        found = [snapshot for snapshot in everything if snapshot.id.startswith(text)]
    if not found:
        raise _unknown(account, text)
    if len(found) > 1:
        ids = ", ".join(snapshot.id for snapshot in found)
        raise UsageError(f"{printable(text)!r} may be any of {ids}", hint="give the whole id")
    return found[0]


def default_name(volume: Volume, now: float) -> str:
    """The volume's name or id, and the time (UTC)."""
    return f"{volume.name or volume.id}-{datetime.fromtimestamp(now, timezone.utc):%Y%m%d-%H%M%S}"


def create(account: Account, volume: Volume, name: str) -> Snapshot:
    """Begins a snapshot; it holds the volume as it is when this returns. Raises CloudError."""
    own_tags = tags.as_list(tags.own(name))
    with calling(f"make a snapshot of {volume.id}"):
        answer = account.client("ec2").create_snapshot(
            VolumeId=volume.id,
            Description=f"{printable(volume.name) or volume.id}, by runctl",
            TagSpecifications=[{"ResourceType": "snapshot", "Tags": own_tags}],
        )
    return snapshot_of(answer)


def wait_until_complete(
    account: Account, snapshot_id: str, pause: Pause, report: Callable[[Snapshot], None]
) -> Snapshot:
    """The snapshot once it is complete; `report` gets it now and then. Raises CloudError."""

    def arrived() -> Snapshot | None:
        snapshot = get(account, snapshot_id)
        if snapshot.state == ERROR:
            raise CloudError(f"EC2 could not make {snapshot_id}", code=ERROR)
        report(snapshot)
        return snapshot if snapshot.state == COMPLETED else None

    snapshot = poll(arrived, _WAIT_S, pause)
    if snapshot is None:
        raise CloudError(f"{snapshot_id} was not complete within {_WAIT_S / 3600:g} h", code="Timeout")
    return snapshot


def _unknown(account: Account, text: str) -> NotFoundError:
    return NotFoundError(
        f"there is no snapshot {printable(text)!r} in {account.region}",
        hint="see: runctl aws ebs snapshots, or give --region",
    )
