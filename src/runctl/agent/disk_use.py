"""How full this machine's file systems are: each once, however often it is mounted."""

from __future__ import annotations

import os
from typing import Any

from runctl.agent.volumes import mounts
from runctl.agent.volumes.mounts import Mount

# images that are full by nature, such as snap packages
_IMAGES = ("squashfs", "iso9660", "erofs")
# file systems on disks, whose mounts have numbers that are no device's
_NUMBERED_BY_THEMSELVES = ("btrfs", "zfs")


def read() -> list[dict[str, Any]]:
    """Each file system that is on a disk of this machine, and the root's: sizes in bytes, as `df` counts them."""
    first: dict[str, Mount] = {}
    for mount in mounts.table():
        if _counts(mount):
            first.setdefault(mount.source if mount.file_system in _NUMBERED_BY_THEMSELVES else mount.number, mount)
    return [_use(mount) for mount in sorted(first.values(), key=lambda each: each.point)]


def _counts(mount: Mount) -> bool:
    # a container is given single files of its host's
    if mount.file_system in _IMAGES or not os.path.isdir(mount.point):
        return False
    on_disk = not mount.number.startswith("0:") or mount.file_system in _NUMBERED_BY_THEMSELVES
    return on_disk or mount.point == "/"


def _use(mount: Mount) -> dict[str, Any]:
    try:
        found = os.statvfs(mount.point)
        total, free = found.f_blocks * found.f_frsize, found.f_bfree * found.f_frsize
        available = found.f_bavail * found.f_frsize
    except OSError:
        total = free = available = 0  # a folder that this user may not look into
    return {
        "mount": mount.point,
        "source": mount.source,
        "file_system": mount.file_system,
        "total_bytes": total,
        "used_bytes": total - free,
        "available_bytes": available,
    }
