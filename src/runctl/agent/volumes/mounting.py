"""Mounts a volume where it belongs, and makes the file system first where that is asked for and harmless."""

from __future__ import annotations

import os
from typing import Any, Dict, List, NamedTuple, Optional

from runctl.agent.control import Refused
from runctl.agent.volumes import devices, disks, formatting, growing, locks, mounts, places, signatures, tools
from runctl.agent.volumes.disks import Disk
from runctl.agent.volumes.frames import Reporter
from runctl.agent.volumes.mounts import Mount
from runctl.agent.volumes.targets import target

# data are no programs of root's and no devices; reading a file is no reason to write to the disk
_OPTIONS = "noatime,nosuid,nodev"
_LOST_AND_FOUND = "lost+found"
_MOUNT_POINTS = "mount-points"


class Wish(NamedTuple):
    """What is wanted of one volume. `mount_point` counts where it is not mounted yet, or always when `exactly`;
    `format` is made if it is provably blank (None: never), or whatever is on it when `erase`. `holds` is the file
    system that it is known to hold, if any; `settling_s` is how long its device may be there and not show what it
    holds."""

    volume: devices.Volume
    mount_point: str
    exactly: bool
    format: Optional[formatting.Format]
    erase: bool
    holds: Optional[str]
    settling_s: float
    patience_s: float

    def unwritten(self, disk: Disk) -> bool:
        """Whether it is known to have been never written, so that nothing can be about to show on it."""
        return self.format is not None and not self.holds and self.format.provenance.proves_unwritten(disk.number)


def mount(wish: Wish, reporter: Reporter) -> Dict[str, Any]:
    """Mounts a volume and tells where; one that is mounted already stays. Raises Refused, OSError, BrokenPipeError
    (before anything was changed)."""
    volume = wish.volume
    with locks.held(volume.id, lambda: reporter.stage(volume.id, "waiting for another command")) as lock:
        disk = _found(wish, reporter)
        there = of_disk(disk)
        if there:
            return _as_it_is(wish, disk, there)
        content = None if wish.erase else signatures.settled(disk, 0.0 if wish.unwritten(disk) else wish.settling_s)
        formatted = content is None and _formatted(wish, disk, reporter, lock)
        part, content = target(volume, disk, content or signatures.look(disk))
        mounted = _mounted(wish, part, content.type)
    return _answer(wish, mounted, part.path, formatted, growing.grow(mounted, part.path))


def _formatted(wish: Wish, disk: Disk, reporter: Reporter, lock: int) -> bool:
    """Whether a file system was made, as is wished; a disk that turns out to hold something is left as it is."""
    if wish.format is None:
        return False
    if wish.holds and not wish.erase:
        raise Refused(
            "%s is known to hold an %s file system, but nothing is seen on it" % (wish.volume.id, wish.holds),
            "the device may not be ready: try again; or, to lose what it held, mount it with --format and --erase",
        )
    _refuse_place(wish.mount_point)
    if wish.erase:
        formatting.erasing(wish.volume.id, disk, wish.format, reporter, lock)
        return True
    try:
        formatting.blank(wish.volume.id, disk, wish.format, reporter, lock)
    except Refused:
        # what shows late may be what is to be mounted
        if signatures.look(disk) is None:
            raise
        return False
    return True


def _found(wish: Wish, reporter: Reporter) -> Disk:
    volume = wish.volume
    disk = devices.find(volume)
    if disk is None:
        reporter.stage(volume.id, "waiting for the device")
    else:
        refuse_own(volume, disk)
    disk = devices.wait(volume, wish.patience_s)
    refuse_own(volume, disk)
    return disk


def refuse_own(volume: devices.Volume, disk: Disk) -> None:
    """Raises Refused for a disk that the machine itself runs from."""
    for mounted in of_disk(disk):
        if places.is_own(mounted.point):
            raise Refused("%s is this machine's own disk: %s is on it" % (volume.id, mounted.point))


def of_disk(disk: Disk) -> List[Mount]:
    """The mounts of a disk and of its partitions, in the order in which they were made."""
    table = mounts.table()
    numbers = [disk.number, *(partition.number for partition in disks.partitions(disk))]
    found = {each.mount_id for number in numbers for each in mounts.of(number, table)}
    return [each for each in table if each.mount_id in found]


def _as_it_is(wish: Wish, disk: Disk, there: List[Mount]) -> Dict[str, Any]:
    points = [mounted.point for mounted in there]
    if wish.erase:
        raise Refused("%s is mounted at %s, and is not erased" % (wish.volume.id, points[0]))
    if wish.exactly and wish.mount_point not in points:
        raise Refused(
            "%s is mounted at %s already" % (wish.volume.id, points[0]),
            "to move it: runctl aws ebs unmount %s" % wish.volume.id,
        )
    chosen = there[points.index(wish.mount_point)] if wish.mount_point in points else there[0]
    _give_away(chosen.point)
    return _answer(wish, chosen, disk.path, formatted=False)


def _refuse_place(point: str) -> None:
    """Raises Refused while nothing has been written yet."""
    with locks.held(_MOUNT_POINTS):
        places.remove(_free_place(point))


def _free_place(point: str) -> List[str]:
    for other in mounts.table():
        if other.point == point:
            raise Refused("cannot mount at %s: %s is mounted there" % (point, other.source))
    return places.prepare(point)


def _mounted(wish: Wish, part: Disk, file_system: str) -> Mount:
    """By its device, not by UUID: a volume and its copy by snapshot have the same one."""
    point = wish.mount_point
    options = _OPTIONS + (",nouuid" if file_system == "xfs" else "")
    with locks.held(_MOUNT_POINTS):
        made = _free_place(point)
        done = tools.run(["mount", "-t", file_system, "-o", options, part.path, point])
        if done.code:
            places.remove(made)
            raise OSError(done.code, "cannot mount %s: %s" % (wish.volume.id, done.complaint), point)
    _give_away(point)
    return next(each for each in mounts.of(part.number, mounts.table()) if each.point == point)


def _give_away(point: str) -> None:
    """Gives an empty file system that is root's to the user who logs in here, so that scripts can write."""
    owner, group = os.environ.get("SUDO_UID"), os.environ.get("SUDO_GID")
    status = os.stat(point)
    if owner and group and (status.st_uid, status.st_gid) == (0, 0) and set(os.listdir(point)) <= {_LOST_AND_FOUND}:
        os.chown(point, int(owner), int(group))


def _answer(
    wish: Wish, mounted: Mount, path: str, formatted: bool, grown: Optional[growing.Grown] = None
) -> Dict[str, Any]:
    return {
        "id": wish.volume.id,
        "device": path,
        "mount_point": mounted.point,
        "file_system": mounted.file_system,
        "formatted": formatted,
        "mounted": grown is not None,
        "grown_bytes": grown.after - grown.before if grown else 0,
        "problem": grown.problem if grown else None,
    }
