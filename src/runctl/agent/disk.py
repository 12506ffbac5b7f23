"""Room kept aside, so that a full disk costs neither the outcome of a run nor the next lines of its output."""

from __future__ import annotations

import ctypes
import errno
import json
import os
from typing import Any

from runctl.agent import processes

_FOR_RECORDS = 256 * 1024
_FOR_STATE = 64 * 1024
_FOR_OUTPUT = 8 * 1024 * 1024
_KEEP_SIZE = 1  # fallocate(2): FALLOC_FL_KEEP_SIZE


class Reserve:
    """A file that holds room for the last records of a run: nothing else can fill it up before they are written."""

    def __init__(self, path: str) -> None:
        self._path = path

    def fill(self) -> None:
        """Makes the file. Raises OSError when the disk is full already; no part of it is then left."""
        try:
            with open(self._path, "wb") as file:
                file.write(b"\0" * _FOR_RECORDS)
        except OSError:
            self.release()
            raise

    def make_room(self) -> None:
        """Gives most of the room back to the disk, for the last events."""
        try:
            os.truncate(self._path, _FOR_STATE)
        except OSError:
            pass  # it was never filled, or somebody removed the run's folder

    def become(self, path: str, document: dict[str, Any]) -> None:
        """Writes a JSON document into the room itself, which needs no other, and moves it to `path`. Raises OSError."""
        with open(self._path, "r+b") as file:
            file.write(json.dumps(document).encode() + b"\n")
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        os.replace(self._path, path)

    def release(self) -> None:
        """Gives what is left of the room back to the disk."""
        try:
            os.unlink(self._path)
        except OSError:
            pass  # it became a record, or somebody removed the run's folder


class OutputRoom:
    """Keeps blocks beyond the end of output.log (Linux), so that a disk filled by checkpoints does not make
    the script's next `print` fail."""

    def __init__(self, log: int) -> None:
        self._log = log
        self._reserved_to = 0
        self._libc = ctypes.CDLL(None, use_errno=True) if processes.LINUX else None
        self.refused = False

    def extend(self, size: int) -> None:
        """Reserves on from `size` bytes when less than half of the room is left. Sets `refused` when the disk
        has less than that."""
        if self._libc is None or self._reserved_to - size > _FOR_OUTPUT // 2:
            return
        failed = self._libc.fallocate(self._log, _KEEP_SIZE, ctypes.c_int64(size), ctypes.c_int64(_FOR_OUTPUT))
        self.refused = bool(failed) and ctypes.get_errno() == errno.ENOSPC
        if not failed:
            self._reserved_to = size + _FOR_OUTPUT

    def release(self) -> None:
        """Gives back what was not used."""
        if self._reserved_to:
            os.ftruncate(self._log, os.fstat(self._log).st_size)
