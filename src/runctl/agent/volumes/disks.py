"""Block devices as sysfs describes them; a disk is known by its number, not by what a node in /dev is called."""

from __future__ import annotations

import os
import stat
from typing import List, NamedTuple, Optional

SYS = "/sys"
_SECTOR = 512  # what sysfs counts in, whatever the disk's own sector is
# sectors written and discarded: Documentation/block/stat.rst in the kernel's sources, counted from 0. Not the requests:
# a flush that had nothing to write is one of those
_WRITTEN, _DISCARDED = 6, 13


class Disk(NamedTuple):
    """A block device: its node in /dev, its number as `major:minor`, its size in bytes."""

    path: str
    number: str
    size: int


def at(path: str) -> Optional[Disk]:
    """The disk whose node `path` is, links followed; None when it is no block device or has gone."""
    try:
        path = os.path.realpath(path)
        status = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISBLK(status.st_mode):
        return None
    number = "%d:%d" % (os.major(status.st_rdev), os.minor(status.st_rdev))
    sectors = _read(number, "size")
    return Disk(path, number, int(sectors) * _SECTOR if sectors.isdigit() else 0)


def serial(number: str) -> str:
    """The serial number of an NVMe disk; empty where there is none."""
    return _read(number, "device/serial")


def model(number: str) -> str:
    """What the disk calls itself: `Amazon Elastic Block Store`, `Amazon EC2 NVMe Instance Storage`."""
    return _read(number, "device/model")


def is_whole(number: str) -> bool:
    """Whether it is a whole disk, not a partition."""
    return not os.path.exists(_folder(number) + "/partition")


def whole(number: str) -> str:
    """The number of the disk that a partition is on; a whole disk's own."""
    if is_whole(number):
        return number
    with open(os.path.realpath(_folder(number)) + "/../dev") as file:
        return file.read().strip()


def partitions(disk: Disk) -> List[Disk]:
    """The partitions that the kernel knows of, in order; those whose node is not there yet have size 0."""
    folder = os.path.realpath(_folder(disk.number))
    found = []
    for name in sorted(_names(folder)):
        if not os.path.exists(os.path.join(folder, name, "partition")):
            continue
        with open(os.path.join(folder, name, "dev")) as file:
            number = file.read().strip()
        suffix = name[len(os.path.basename(folder)) :]
        node = at(disk.path + suffix)
        found.append(node if node and node.number == number else Disk(disk.path + suffix, number, 0))
    return found


def holders(number: str) -> List[str]:
    """Names of the devices that are built upon it: LVM volumes, RAID arrays, opened LUKS containers."""
    return sorted(_names(_folder(number) + "/holders"))


def untouched(number: str) -> bool:
    """Whether nothing was written to it or discarded on it since it appeared on this machine."""
    counts = [int(count) for count in _read(number, "stat").split()]
    return len(counts) > _WRITTEN and not counts[_WRITTEN] and not any(counts[_DISCARDED : _DISCARDED + 1])


def _folder(number: str) -> str:
    return "%s/dev/block/%s" % (SYS, number)


def _names(folder: str) -> List[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def _read(number: str, name: str) -> str:
    try:
        with open(os.path.join(_folder(number), name)) as file:
            return file.read().strip()
    except OSError:
        return ""
