"""What of a volume is mounted: the disk itself, or the one partition of it that holds a file system."""

from __future__ import annotations

from typing import Optional, Tuple

from runctl.agent.control import Refused
from runctl.agent.volumes import devices, disks, signatures
from runctl.agent.volumes.disks import Disk
from runctl.agent.volumes.signatures import Content

_EFI = "vfat"  # of no use to a script


def target(volume: devices.Volume, disk: Disk, content: Optional[Content]) -> Tuple[Disk, Content]:
    """The device to mount of a disk that holds `content`, and what that device holds. Raises Refused."""
    if content is None:
        raise Refused(
            "%s holds no file system" % volume.id,
            "make one: runctl aws ebs mount %s --format xfs (only a blank volume is formatted)" % volume.id,
        )
    if content.kind == signatures.FILE_SYSTEM:
        return disk, content
    if content.kind == signatures.PARTITION_TABLE:
        return _partition(volume, disk, content)
    raise Refused("%s holds %s, which runctl does not open" % (volume.id, content.words))


def _partition(volume: devices.Volume, disk: Disk, table: Content) -> Tuple[Disk, Content]:
    parts = [(part, signatures.settled(part)) for part in disks.partitions(disk) if part.size]
    usable = [(part, held) for part, held in parts if held and held.kind == signatures.FILE_SYSTEM]
    data = [(part, held) for part, held in usable if held.type != _EFI] or usable
    if len(data) != 1:
        counted = "%d file systems" % len(data) if data else "no file system"
        raise Refused("%s holds %s with %s; one is mounted, not more" % (volume.id, table.words, counted))
    return data[0]
