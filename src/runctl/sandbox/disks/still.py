"""Copies of a volume at one moment, while a host may be writing to it."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from runctl.sandbox.disks import files, loops

ATTEMPTS = 2
FIFREEZE = 0xC0045877
FITHAW = 0xC0045878


def copy(source: Path, target: Path) -> None:
    """`target` becomes what is in `source` at one moment.

    While nothing is written, a copy is that. Where a host writes on and on, its file system is frozen for the copying:
    the copy then also has what EBS would have missed, which is better than a copy of two moments.
    """
    for _ in range(ATTEMPTS):
        before = _written(source)
        files.copy(source, target)
        if _written(source) == before:
            return
    with _frozen(source):
        files.copy(source, target)


def _written(file: Path) -> list[str]:
    """The device that the file backs, its writes and discards, done and under way (Documentation/block/stat.rst).
    Empty when it backs none."""
    loop = loops.of(file)
    if loop is None:
        return []
    try:
        fields = Path("/sys/block", loop.name, "stat").read_text().split()
    except FileNotFoundError:  # freed, and made anew, meanwhile
        return []
    return [loop.name, *fields[4:7], *fields[8:9], *fields[11:14]]


@contextmanager
def _frozen(file: Path) -> Iterator[None]:
    loop = loops.of(file)
    with ExitStack() as stack:
        for folder in _mounted_at(loop) if loop else ():
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, descriptor)
            with suppress(OSError):  # a file system that can't be frozen
                fcntl.ioctl(descriptor, FIFREEZE, 0)
                stack.callback(fcntl.ioctl, descriptor, FITHAW, 0)
            break
        yield


def _mounted_at(loop: loops.Loop) -> Iterator[str]:
    """Where some process sees the device's file system, as a path that can be opened from here."""
    number = f"{os.major(loop.device)}:{os.minor(loop.device)}"
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            for line in (process / "mountinfo").read_text().splitlines():
                fields = line.split(" ")
                if fields[2] == number:
                    yield f"{process}/root{_unescaped(fields[4])}"


def _unescaped(path: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), path)
