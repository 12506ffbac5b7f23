"""EBS volumes and snapshots as rows, lines and documents; pure."""

from __future__ import annotations

from typing import Any

from runctl.core.text import local_time, printable, size
from runctl.machines.volume_care import Resized
from runctl.machines.volumes import Attached, Detached
from runctl.providers.aws import price_table
from runctl.providers.aws.model import Price, Snapshot, Volume
from runctl.providers.aws.prices import HOURS_PER_MONTH
from runctl.providers.aws.volumes import NewVolume
from runctl.transport.volumes_client import Mounted

HEADER = ("VOLUME", "NAME", "SIZE", "TYPE", "ZONE", "STATE", "INSTANCE", "MOUNT POINT", "$/MONTH", "")
SNAPSHOTS_HEADER = ("SNAPSHOT", "NAME", "VOLUME", "SIZE", "STATE", "STARTED", "")


def volume_row(volume: Volume, price: Price) -> tuple[str, ...]:
    """One volume as a row of the table."""
    return (
        volume.id,
        volume.name or "-",
        f"{volume.size_gib} GiB",
        volume.type,
        volume.zone,
        volume.state,
        ", ".join(f"{each.instance_id} ({each.device})" for each in volume.attachments) or "-",
        volume.mount_point or "-",
        f"{monthly(price):.2f}",
        "" if volume.managed else "not runctl's",
    )


def snapshot_row(snapshot: Snapshot) -> tuple[str, ...]:
    """One snapshot as a row of the table."""
    return (
        snapshot.id,
        snapshot.name or "-",
        snapshot.volume_id or "-",
        f"{snapshot.size_gib} GiB",
        snapshot.state if snapshot.state == "completed" else f"{snapshot.state} {snapshot.progress}".strip(),
        local_time(snapshot.started_at),
        "" if snapshot.managed else "not runctl's",
    )


def plan_lines(wanted: NewVolume, price: Price) -> list[str]:
    """What is about to be made, and what it costs."""
    source = f" from {wanted.snapshot_id}" if wanted.snapshot_id else ""
    locked = "encrypted" if wanted.encrypted else "not encrypted"
    return [
        f"{printable(wanted.name)}: {wanted.size_gib} GiB {wanted.type} in {wanted.zone}{source}, {locked}",
        f"${monthly(price):.2f} per month until it is deleted ({price.source})",
    ]


def attached_lines(attached: Attached) -> list[str]:
    """Where a volume is now."""
    where = f"{attached.volume_id} is attached to {attached.instance_id} as {attached.device}"
    if attached.mounted is None:
        return [where, f"not mounted; to mount it: runctl aws ebs mount {attached.volume_id} /mnt/data"]
    return [where, *mounted_lines(attached.mounted)]


def mounted_lines(mounted: Mounted) -> list[str]:
    """Where a volume is mounted, and what was done for it."""
    made = ", formatted just now" if mounted.formatted else ""
    lines = [f"mounted at {printable(mounted.mount_point)} ({mounted.file_system}, {mounted.device}{made})"]
    if mounted.grown_bytes:
        lines.append(f"its file system was grown by {size(mounted.grown_bytes)}")
    return lines


def detached_lines(detached: Detached) -> list[str]:
    """Where a volume was."""
    if detached.instance_id is None:
        return [f"{detached.volume_id} is not attached"]
    return [
        *(f"unmounted from {printable(point)}" for point in detached.unmounted),
        f"{detached.volume_id} is detached from {detached.instance_id}",
    ]


def named(volume: Volume) -> str:
    """A volume for people: its id, name and size."""
    return f"{volume.id} ({printable(volume.name) or 'no name'}, {volume.size_gib} GiB)"


def deletion_line(volume: Volume, last: Snapshot | None) -> str:
    """What is about to be deleted, and what of it stays."""
    stays = f"its last snapshot is {last.id} of {local_time(last.started_at)}" if last else "there is no snapshot of it"
    return f"{named(volume)}: {stays}"


def deletion_document(volume: Volume, last: Snapshot | None) -> dict[str, Any]:
    """A volume that is gone, for --json."""
    return {"id": volume.id, "last_snapshot": last.id if last else None}


def resized_lines(resized: Resized) -> list[str]:
    """The new size, and what became of the file system."""
    lines = [f"{resized.volume_id} has {resized.size_gib} GiB"]
    if resized.grown is None or resized.grown.mount_point is None:
        return [*lines, "its file system grows when it is mounted"]
    if resized.grown.problem:
        return [*lines, f"its file system has not grown: {printable(resized.grown.problem)}"]
    return [*lines, f"the file system at {printable(resized.grown.mount_point)} takes all of it"]


def resized_document(resized: Resized) -> dict[str, Any]:
    """The new size, for --json."""
    grown = resized.grown
    return {
        "volume": resized.volume_id,
        "size_gib": resized.size_gib,
        "mount_point": grown.mount_point if grown else None,
        "grown_bytes": grown.grown_bytes if grown else 0,
        "problem": grown.problem if grown else None,
    }


def monthly(price: Price) -> float:
    """US dollars per month of 730 hours."""
    return price.usd_per_hour * HOURS_PER_MONTH


def snapshot_cost(snapshot: Snapshot) -> str:
    """What a snapshot costs at most."""
    most = snapshot.size_gib * price_table.SNAPSHOTS
    return f"at most ${most:.2f} per month: only what was written is stored (table of {price_table.AS_OF})"


def volume_document(volume: Volume, price: Price) -> dict[str, Any]:
    """One volume for --json."""
    return {
        "id": volume.id,
        "name": volume.name or None,
        "state": volume.state,
        "size_gib": volume.size_gib,
        "type": volume.type,
        "iops": volume.iops,
        "throughput_mib_per_second": volume.throughput,
        "region": volume.region,
        "zone": volume.zone,
        "encrypted": volume.encrypted,
        "snapshot": volume.snapshot_id,
        "created_at": volume.created_at,
        "attachments": [
            {"instance": each.instance_id, "device": each.device, "state": each.state} for each in volume.attachments
        ],
        "mount_point": volume.mount_point,
        "managed": volume.managed,
        "price_per_month_usd": round(monthly(price), 4),
        "price_source": price.source,
        "tags": dict(volume.tags),
    }


def snapshot_document(snapshot: Snapshot) -> dict[str, Any]:
    """One snapshot for --json."""
    return {
        "id": snapshot.id,
        "name": snapshot.name or None,
        "state": snapshot.state,
        "progress": snapshot.progress or None,
        "volume": snapshot.volume_id or None,
        "size_gib": snapshot.size_gib,
        "encrypted": snapshot.encrypted,
        "started_at": snapshot.started_at,
        "managed": snapshot.managed,
        "tags": dict(snapshot.tags),
    }


def attached_document(attached: Attached) -> dict[str, Any]:
    """Where a volume is, for --json; `mount` is null when nothing was mounted."""
    return {
        "volume": attached.volume_id,
        "instance": attached.instance_id,
        "device": attached.device,
        "mount": _mount_document(attached.mounted) if attached.mounted else None,
    }


def _mount_document(mounted: Mounted) -> dict[str, Any]:
    return {
        "device": mounted.device,
        "mount_point": mounted.mount_point,
        "file_system": mounted.file_system,
        "formatted": mounted.formatted,
        "mounted_now": mounted.mounted,
        "grown_bytes": mounted.grown_bytes,
    }
