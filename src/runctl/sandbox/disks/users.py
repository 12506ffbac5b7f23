"""Who has a device open."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

CONTAINER = re.compile(rb"[0-9a-f]{64}")


def held_open(number: int, pid: int) -> bool:
    """Whether a process of the host whose init is `pid` has a node of the device open, also one in a container of its
    own. Processes of this machine (udev, which looks at every new device) don't count."""
    host = _container(pid)
    return any(_container(holder) == host for holder in _holders(number))


def _holders(number: int) -> Iterator[int]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it may end while we look
            if any(_is(descriptor, number) for descriptor in (process / "fd").iterdir()):
                yield int(process.name)


def _is(descriptor: Path, number: int) -> bool:
    try:
        known = descriptor.stat()
    except OSError:
        return False
    return stat.S_ISBLK(known.st_mode) and known.st_rdev == number


def _container(pid: int) -> bytes | None:
    """The outermost container that the process is in."""
    try:
        match = CONTAINER.search(Path(f"/proc/{pid}/cgroup").read_bytes())
    except OSError:
        return None
    return match and match[0]
