"""Lets a mounted file system take the room that its disk has: after a resize, or on a copy that is larger."""

from __future__ import annotations

import os
from typing import List, NamedTuple, Optional

from runctl.agent.volumes import tools
from runctl.agent.volumes.mounts import Mount


class Grown(NamedTuple):
    """Sizes of the file system in bytes before and after, and why it could not grow (None when it could)."""

    before: int
    after: int
    problem: Optional[str]


def grow(mount: Mount, path: str) -> Grown:
    """Grows what is mounted from the device `path`; one that is as large as its disk is left as it is."""
    before = _size(mount.point)
    command = _command(mount, path)
    if not command:
        return Grown(before, before, "file systems of the kind %s are not grown" % mount.file_system)
    try:
        done = tools.run(command)
    except FileNotFoundError:
        return Grown(before, before, "this machine has no %s" % command[0])
    return Grown(before, _size(mount.point), "%s: %s" % (command[0], done.complaint) if done.code else None)


def _command(mount: Mount, path: str) -> List[str]:
    if mount.file_system == "xfs":
        return ["xfs_growfs", "-d", mount.point]
    return ["resize2fs", path] if mount.file_system in ("ext2", "ext3", "ext4") else []


def _size(point: str) -> int:
    status = os.statvfs(point)
    return status.f_blocks * status.f_frsize
