"""Which disks of the machine hold data, and where: all that is mounted and is not the system's."""

from __future__ import annotations

import os
from typing import Dict, List, Optional

from runctl.agent.volumes import mounts, places
from runctl.agent.volumes.mounts import Mount

# the data's own servers: EFS and FSx above all
_NETWORK = ("nfs", "nfs4", "lustre", "ceph", "cifs", "smb3", "glusterfs", "zfs", "virtiofs", "9p", "beegfs")
_FUSE = "fuse."
# below these are the works of programs, not data
_TREES = ("/snap", "/var/snap", "/var/lib/snapd", "/var/lib/docker", "/var/lib/containerd", "/var/lib/kubelet")


def points(docker_root: str) -> List[str]:
    """The mount points of all data disks that this process sees, one of each disk: of several it is the one that shows
    most of it, and of equals the first. `docker_root` is where Docker keeps its own."""
    with open("/proc/self/mountinfo", "rb") as file:
        lines = file.read().splitlines()
    return chosen([mounts.parsed(line) for line in lines], _options(lines), docker_root)


def chosen(table: List[Mount], options: Dict[int, str], docker_root: str) -> List[str]:
    """The mount points of `points`, in this table. `options` are those of a mount's file system, by the mount's id."""
    roots = {mount.number for mount in table if mount.point == "/"}
    candidates = [
        mount
        for mount in table
        if mount.number not in roots
        and _holds_data(mount, options.get(mount.mount_id, ""))
        and not _is_systems(mount.point, docker_root)
        and _seen_at(mount.point, table) == mount
    ]
    kept: List[Mount] = []
    for mount in sorted(candidates, key=lambda each: each.subtree.count("/") if each.subtree != "/" else 0):
        if not any(mount.number == other.number and _below(mount.subtree, other.subtree) for other in kept):
            kept.append(mount)
    return sorted(mount.point for mount in kept if _is_folder(mount))


def _options(lines: List[bytes]) -> Dict[int, str]:
    return {int(line.split(b" ", 1)[0]): line.rsplit(b" ", 1)[1].decode("utf-8", "replace") for line in lines}


def _holds_data(mount: Mount, options: str) -> bool:
    if mount.file_system.startswith(_FUSE):
        # root, as whom Docker looks at it, must be let in
        return {"allow_other", "user_id=0"} & set(options.split(",")) != set()
    on_disk = not mount.number.startswith("0:") or mount.source.startswith("/dev/")
    return on_disk or mount.file_system in _NETWORK


def _is_systems(point: str, docker_root: str) -> bool:
    return places.is_own(point) or any(_below(point, tree) for tree in (*_TREES, docker_root))


def _seen_at(path: str, table: List[Mount]) -> Optional[Mount]:
    """Which mount a path leads into: one that was made later may hide another."""
    ids = {mount.mount_id for mount in table}
    current = next((mount for mount in table if mount.parent not in ids), None)
    parts = path.strip("/").split("/") if path != "/" else []
    for count in range(len(parts) + 1):
        place = "/" + "/".join(parts[:count])
        while current is not None:
            above = [mount for mount in table if mount.parent == current.mount_id and mount.point == place]
            above = [mount for mount in above if mount is not current]
            if not above:
                break
            current = above[-1]
    return current


def _is_folder(mount: Mount) -> bool:
    """Single files can be mounted too. A server that hangs is not asked."""
    return mount.file_system in _NETWORK or os.path.isdir(mount.point)


def _below(path: str, tree: str) -> bool:
    return tree == "/" or path == tree or path.startswith(tree + "/")
