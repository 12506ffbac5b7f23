"""Zip archives that nobody vouches for: what lies in them, and a bounded look at single members."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from runctl.storage.checkpoints.content import MIB, Budget, Damaged, TooMuch

# 16 MiB of directory name at most some 350,000 members
DIRECTORY_LIMIT = 16 * MIB
_END, _END64, _END64_LOCATOR, _MEMBER = b"PK\5\6", b"PK\6\6", b"PK\6\7", b"PK\3\4"
_END_SIZE, _COMMENT_LIMIT = 22, 65535
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Archive:
    """An open zip archive whose directory has been checked against the file."""

    def __init__(self, archive: zipfile.ZipFile, budget: Budget) -> None:
        self._archive = archive
        self._budget = budget
        self.members = archive.infolist()

    def read(self, member: zipfile.ZipInfo, limit: int) -> bytes:
        """The bytes of a member. Raises TooMuch when they are more than `limit`, Damaged when unreadable."""
        data = self.read_start(member, limit + 1)
        if len(data) > limit:
            raise TooMuch(f"{member.filename} is more than runctl reads ({limit} bytes)")
        return data

    def read_start(self, member: zipfile.ZipInfo, count: int) -> bytes:
        """The first `count` bytes of a member, or all when it has fewer."""
        if member.compress_type not in _METHODS:
            raise Damaged(f"{member.filename} is packed in a way that no checkpoint is")
        try:
            with self._archive.open(member) as file:
                data = file.read(count)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, struct.error) as error:
            raise Damaged(f"{member.filename} can't be read: {error}") from error
        self._budget.take(len(data), member.filename)
        return data


@contextmanager
def opened(path: Path, budget: Budget) -> Iterator[Archive]:
    """The archive in a file. Raises Damaged when it is cut short or holds what lies outside the file."""
    with path.open("rb") as file:
        _check_directory_size(file, path.stat().st_size, budget)
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError) as error:
            raise Damaged(f"the zip directory can't be read: {error}") from error
        with archive:
            _check_members(archive, file)
            yield Archive(archive, budget)


def is_zip(start: bytes) -> bool:
    """Whether a file that starts so is a zip archive."""
    return start.startswith((_MEMBER, _END))


def _check_directory_size(file: BinaryIO, size: int, budget: Budget) -> None:
    # zipfile reads the whole directory at once, and a file may claim that it is nothing but directory
    tail_size = min(size, _END_SIZE + _COMMENT_LIMIT)
    file.seek(size - tail_size)
    tail = file.read(tail_size)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise Damaged("cut short: the zip directory at the end of the file is missing")
    directory = int(struct.unpack_from("<L", tail, at + 12)[0])
    locator = size - tail_size + at - 20
    if locator >= 0:
        directory = max(directory if directory != 0xFFFFFFFF else 0, _directory64(file, locator))
    if directory > DIRECTORY_LIMIT:
        raise TooMuch(f"the zip directory of {directory} bytes is more than runctl reads")
    budget.take(directory, "the zip directory")


def _directory64(file: BinaryIO, locator: int) -> int:
    file.seek(locator)
    data = file.read(20)
    if not data.startswith(_END64_LOCATOR):
        return 0
    file.seek(min(struct.unpack("<8xQ4x", data)[0], locator))
    record = file.read(56)
    if len(record) < 56 or not record.startswith(_END64):
        raise Damaged("the zip64 end record is missing")
    return int(struct.unpack_from("<Q", record, 40)[0])


def _check_members(archive: zipfile.ZipFile, file: BinaryIO) -> None:
    names = set()
    for member in archive.infolist():
        if member.filename in names:
            raise Damaged(f"it holds {member.filename} twice")
        names.add(member.filename)
        if member.header_offset < 0 or member.header_offset + 30 + member.compress_size > archive.start_dir:
            raise Damaged(f"{member.filename} lies outside the file")
        file.seek(member.header_offset)
        if file.read(4) != _MEMBER:
            raise Damaged(f"{member.filename} is missing where the zip directory says it lies")
