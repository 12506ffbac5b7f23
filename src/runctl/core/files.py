"""A file of a project, as it is told from its earlier self."""

from __future__ import annotations

from typing import NamedTuple


class File(NamedTuple):
    """A file of a project, or a symbolic link, which has a `link` (its target) and the size 0.

    `path` is relative to the project's root, with `/` between the names; what is not UTF-8 in it is kept by
    surrogates. `size` is in bytes. `version` changes whenever anything about the file does: modification time and time
    of change in nanoseconds, inode.
    """

    path: str
    size: int
    version: tuple[int, int, int]
    executable: bool
    link: str | None


def encoded(path: str) -> bytes:
    """A path as the file system has it."""
    return path.encode("utf-8", "surrogateescape")


def decoded(path: bytes) -> str:
    """A path as text; the inverse of `encoded`."""
    return path.decode("utf-8", "surrogateescape")
