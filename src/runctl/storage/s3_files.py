"""What of a folder is uploaded: every file in it, also those that links lead to."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from runctl.agent.s3.transfer_names import PART_PREFIX
from runctl.core.errors import NotFoundError, RefusedError
from runctl.core.text import printable


class Found(NamedTuple):
    """A file: `path`, and its `name` relative to the folder, with slashes. Size in bytes."""

    name: str
    path: str
    size: int
    mtime_ns: int


def files_of(place: str) -> list[Found]:
    """The files below a folder, or the one file itself, in order of their names.

    Raises NotFoundError; RefusedError, naming them, for files that can't be objects: sockets, links that lead nowhere
    or in circles, names that are not UTF-8.
    """
    try:
        there = os.stat(place)
    except FileNotFoundError:
        raise NotFoundError(f"there is no {printable(place)}") from None
    if not stat.S_ISDIR(there.st_mode):
        return [_found(os.path.basename(os.path.abspath(place)), place, there)]
    return sorted(_walk(place, "", ((there.st_dev, there.st_ino),)))


def _walk(folder: str, prefix: str, above: tuple[tuple[int, int], ...]) -> Iterator[Found]:
    with os.scandir(folder) as entries:
        for entry in entries:
            # what an unfinished download left is no data
            if entry.name.startswith(PART_PREFIX):
                continue
            try:
                there = entry.stat()
            except OSError as error:
                raise RefusedError(f"{printable(entry.path)} can't be uploaded: {error.strerror}") from None
            name = prefix + entry.name
            if not stat.S_ISDIR(there.st_mode):
                yield _found(name, entry.path, there)
                continue
            identity = (there.st_dev, there.st_ino)
            if identity in above:
                raise RefusedError(f"{printable(entry.path)} is a link to a folder that it is in", "remove the link")
            yield from _walk(entry.path, name + "/", (*above, identity))


def _found(name: str, path: str, there: os.stat_result) -> Found:
    if not stat.S_ISREG(there.st_mode):
        raise RefusedError(f"{printable(path)} can't be uploaded: it is no file and no folder")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise RefusedError(f"{printable(path)} can't be uploaded: its name is not UTF-8", "rename it") from None
    return Found(name, path, there.st_size, there.st_mtime_ns)
