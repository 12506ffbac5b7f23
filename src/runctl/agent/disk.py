"""Room kept aside, so that a full disk costs neither the outcome of a run nor the next lines of its output."""

from __future__ import annotations

import ctypes
import os

from runctl.agent import processes

_FOR_RECORDS = 256 * 1024
_FOR_OUTPUT = 8 * 1024 * 1024
_KEEP_SIZE = 1  # fallocate(2): FALLOC_FL_KEEP_SIZE


class Reserve:
    """A file that holds room for the last records of a run; given up when the disk is full."""

    def __init__(self, path: str) -> None:
        self._path = path
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, b"\0" * _FOR_RECORDS)
        finally:
            os.close(descriptor)

    def release(self) -> None:
        """Gives the room back to the disk."""
        if os.path.exists(self._path):
            os.unlink(self._path)


class OutputRoom:
    """Keeps blocks beyond the end of output.log (Linux), so that a disk filled by checkpoints does not make
    the script's next `print` fail."""

    def __init__(self, log: int) -> None:
        self._log = log
        self._reserved_to = 0
        self._libc = ctypes.CDLL(None, use_errno=True) if processes.LINUX else None
        self.full = False

    def extend(self, size: int) -> None:
        """Reserves on from `size` bytes when less than half of the room is left. Sets `full` when it can't."""
        if self._libc is None or self._reserved_to - size > _FOR_OUTPUT // 2:
            return
        failed = self._libc.fallocate(self._log, _KEEP_SIZE, ctypes.c_int64(size), ctypes.c_int64(_FOR_OUTPUT))
        self.full = bool(failed) and ctypes.get_errno() == 28
        if not failed:
            self._reserved_to = size + _FOR_OUTPUT

    def release(self) -> None:
        """Gives back what was not used."""
        if self._reserved_to:
            os.ftruncate(self._log, os.fstat(self._log).st_size)
