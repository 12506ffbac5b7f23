"""Bytes that come from S3 onto the disk."""

from __future__ import annotations

import os
import zlib
from contextlib import contextmanager
from typing import Any, Iterator, NamedTuple, Optional

from runctl.agent.s3.errors import shown
from runctl.agent.s3.transfer_digests import md5
from runctl.agent.s3.transfer_model import TransferError
from runctl.agent.s3.transfer_workers import Tally

_READ = 1024 * 1024


class WriteFailed(TransferError):
    """The disk did not take what came: it is full, or broken."""

    def __init__(self, path: str, error: OSError) -> None:
        super().__init__("%s could not be written: %s" % (shown(path), error.strerror), "make room, and start again")
        self.error = error


@contextmanager
def writing(path: str) -> Iterator[None]:
    """Tells failures of the disk from those of the network, which are OSErrors as well."""
    try:
        yield
    except OSError as error:
        raise WriteFailed(path, error) from error


class Digests(NamedTuple):
    """The checksums of a stretch of a file; `md5` is empty where it is not needed."""

    crc32: int
    md5: str


class Writer:
    """Writes what it is called with into a file, from an offset on, and computes its checksums."""

    def __init__(self, descriptor: int, offset: int, path: str, tally: Tally, with_md5: bool = False) -> None:
        self._descriptor, self._offset, self._path, self._tally = descriptor, offset, path, tally
        self._crc32 = 0
        self._md5: Optional[Any] = md5() if with_md5 else None

    def __call__(self, view: memoryview) -> None:
        self._crc32 = zlib.crc32(view, self._crc32)
        if self._md5:
            self._md5.update(view)
        count = len(view)
        try:
            while view:
                written = os.pwrite(self._descriptor, view, self._offset)
                self._offset += written
                view = view[written:]
        except OSError as error:
            raise WriteFailed(self._path, error) from error
        self._tally.add(count)

    @property
    def digests(self) -> Digests:
        """Those of all that was written."""
        return Digests(self._crc32, self._md5.hexdigest() if self._md5 else "")


def digests_of(descriptor: int, start: int, end: int, with_md5: bool) -> Digests:
    """The checksums of what a file holds between two offsets."""
    crc32, whole = 0, md5() if with_md5 else None
    while start < end:
        block = os.pread(descriptor, min(_READ, end - start), start)
        if not block:
            break
        crc32 = zlib.crc32(block, crc32)
        if whole:
            whole.update(block)
        start += len(block)
    return Digests(crc32, whole.hexdigest() if whole else "")
