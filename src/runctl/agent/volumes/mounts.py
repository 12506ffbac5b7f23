"""What is mounted, from the kernel's own table (proc(5), /proc/PID/mountinfo)."""

from __future__ import annotations

import os
import re
from typing import List, NamedTuple

_ESCAPE = re.compile(rb"\\([0-7]{3})")


class Mount(NamedTuple):
    """One row of the table. `number` is the device as `major:minor`; `subtree` the part of the file system that is
    seen (`/` unless it is a bind mount); `spreads` whether unmounting reaches it from another namespace."""

    mount_id: int
    parent: int
    number: str
    subtree: str
    point: str
    file_system: str
    source: str
    spreads: bool


def table(process: str = "self") -> List[Mount]:
    """All mounts that a process sees, in the order in which they were made."""
    with open("/proc/%s/mountinfo" % process, "rb") as file:
        return [parsed(line) for line in file.read().splitlines()]


def parsed(line: bytes) -> Mount:
    """The mount that a line of mountinfo tells of."""
    fields = line.split(b" ")
    end = fields.index(b"-", 6)
    file_system, source = _text(fields[end + 1]), _text(fields[end + 2])
    spreads = any(field.startswith((b"shared:", b"master:")) for field in fields[6:end])
    number, subtree, point = (_text(field) for field in fields[2:5])
    return Mount(int(fields[0]), int(fields[1]), number, subtree, point, file_system, source, spreads)


def of(number: str, among: List[Mount]) -> List[Mount]:
    """The mounts of one block device, `number` its `major:minor`."""
    return [mount for mount in among if number in (mount.number, _number_of_source(mount))]


def _number_of_source(mount: Mount) -> str:
    """btrfs has a number of its own for each mount; its source is the device."""
    if not (mount.number.startswith("0:") and mount.source.startswith("/dev/")):
        return ""
    try:
        number = os.stat(mount.source).st_rdev
    except OSError:
        return ""
    return "%d:%d" % (os.major(number), os.minor(number))


def _text(field: bytes) -> str:
    return os.fsdecode(_ESCAPE.sub(lambda match: bytes([int(match[1], 8)]), field))
