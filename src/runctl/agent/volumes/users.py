"""Who keeps a disk busy: processes with a file of it open, and what the kernel itself has built upon it."""

from __future__ import annotations

import os
from typing import Iterator, List, Set

from runctl.agent.volumes import disks, mounts
from runctl.agent.volumes.mounts import Mount

_LONGEST_COMMAND = 80


def of(numbers: Set[str], mounted: List[Mount]) -> List[str]:
    """What uses the block devices `numbers` (`major:minor`), which are mounted here as `mounted`; each as words for
    people: `process 4711 (python train.py)`."""
    points = [mount.point for mount in mounted]
    ids = {mount.mount_id for mount in mounted}
    found = list(_kernel_users(numbers, points, ids))
    own_namespace = _namespace("self")
    told: Set[str] = set()
    for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
        if pid == os.getpid():
            continue
        namespace = _namespace(str(pid))
        if namespace in ("", own_namespace):
            busy = _uses(pid, numbers, points, ids)
        else:
            # one process stands for all of a container
            busy = namespace not in told and _holds_in_its_namespace(pid, numbers)
            told.update([namespace] if busy else [])
        if busy:
            found.append("process %d (%s)" % (pid, _command(pid)))
    return found


def _kernel_users(numbers: Set[str], points: List[str], ids: Set[int]) -> Iterator[str]:
    for mount in mounts.table():
        if mount.parent in ids and mount.mount_id not in ids:
            yield "what is mounted at %s, below it" % mount.point
    with open("/proc/swaps") as file:
        for line in file.read().splitlines()[1:]:
            if _below(line.split()[0], points):
                yield "the swap file %s" % line.split()[0]
    for name in sorted(os.listdir(disks.SYS + "/block")):
        try:
            with open("%s/block/%s/loop/backing_file" % (disks.SYS, name)) as file:
                backing = file.read().rstrip("\n")
        except OSError:
            continue
        if _below(backing, points):
            yield "the loop device %s, made of %s" % (name, backing)
    for number in sorted(numbers):
        for holder in disks.holders(number):
            yield "%s, which is built upon it" % holder


def _uses(pid: int, numbers: Set[str], points: List[str], ids: Set[int]) -> bool:
    folder = "/proc/%d" % pid
    if any(_below(_link("%s/%s" % (folder, name)), points) for name in ("cwd", "root", "exe")):
        return True
    return any(_open_file_is_on(pid, name, numbers, ids) for name in _listed(folder + "/fd")) or _maps(pid, points)


def _open_file_is_on(pid: int, descriptor: str, numbers: Set[str], ids: Set[int]) -> bool:
    # by the id of its mount: to look at the file itself could wait for a dead network disk
    if _mount_id(pid, descriptor) in ids:
        return True
    target = _link("/proc/%d/fd/%s" % (pid, descriptor))
    disk = disks.at(target) if target.startswith("/dev/") else None
    return disk is not None and disk.number in numbers


def _mount_id(pid: int, descriptor: str) -> int:
    try:
        with open("/proc/%d/fdinfo/%s" % (pid, descriptor)) as file:
            for line in file:
                if line.startswith("mnt_id:"):
                    return int(line.split()[1])
    except OSError:
        pass  # closed, or the process has ended
    return -1


def _maps(pid: int, points: List[str]) -> bool:
    try:
        with open("/proc/%d/maps" % pid, errors="surrogateescape") as file:
            return any(_below(line.split(None, 5)[5].rstrip("\n"), points) for line in file if "/" in line)
    except OSError:
        return False


def _holds_in_its_namespace(pid: int, numbers: Set[str]) -> bool:
    """Whether another mount namespace (a container's) keeps it mounted even when it is unmounted here."""
    try:
        table = mounts.table(str(pid))
    except OSError:
        return False
    return any(mount.number in numbers and not mount.spreads for mount in table)


def _below(path: str, points: List[str]) -> bool:
    return any(path == point or path.startswith(point + "/") for point in points)


def _namespace(process: str) -> str:
    return _link("/proc/%s/ns/mnt" % process)


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _listed(folder: str) -> List[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _command(pid: int) -> str:
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            words = file.read().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        words = ""
    return words[:_LONGEST_COMMAND] or "?"
