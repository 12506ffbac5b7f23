"""Sparse files: the bytes of volumes and snapshots."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

GIB = 1 << 30


def make(path: Path, size: int) -> None:
    """A file of `size` bytes, all zero, that takes no room."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.truncate(path, size)


def copy(source: Path, target: Path) -> None:
    """`target` becomes what `source` is; holes stay holes, and where the file system can, the bytes are shared."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as reader, target.open("wb") as writer:
        size = os.fstat(reader.fileno()).st_size
        os.truncate(writer.fileno(), size)
        for start, end in _extents(reader.fileno(), 0, size):
            _copy_range(reader.fileno(), writer.fileno(), start, end, start)


def fold(path: Path, size: int) -> None:
    """What was written behind the first `size` bytes is written to the same place in them, and the file ends there."""
    with path.open("r+b") as file:
        for start, end in _extents(file.fileno(), size, 2 * size):
            _copy_range(file.fileno(), file.fileno(), start, end, start - size)
        os.truncate(file.fileno(), size)


def _extents(descriptor: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        try:
            start = os.lseek(descriptor, start, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # nothing but a hole from here on
                return
            raise
        hole = min(os.lseek(descriptor, start, os.SEEK_HOLE), end)
        if start < hole:
            yield start, hole
        start = hole


def _copy_range(reader: int, writer: int, start: int, end: int, to: int) -> None:
    while start < end:
        done = os.copy_file_range(reader, writer, end - start, start, to)
        start, to = start + done, to + done
