"""Where a script's output goes, and the record of when it came.

Without secrets the script writes straight into output.log: nothing stands between, so nothing can slow it,
change a byte or break when the agent dies. With secrets it writes into a pipe that the agent masks.
"""

from __future__ import annotations

import os
import struct
from typing import Iterator

from runctl.agent.masking import Masker
from runctl.agent.rundir import RunDir

_CHUNK = 1 << 16
_TIME = struct.Struct("<dQ")  # Unix time in seconds, bytes of output there were then


def open_log(run: RunDir) -> int:
    """Opens output.log for appending; each writer's bytes go to its end, whoever else writes."""
    return os.open(run.output, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


class MaskedPipe:
    """A pipe into output.log that hides secrets. The script gets `write_end`."""

    def __init__(self, log: int, masker: Masker) -> None:
        self._log = log
        self._masker = masker
        self.read_end, self.write_end = os.pipe()
        os.set_blocking(self.read_end, False)
        self.closed = False
        self.lost = 0

    def pump(self) -> bool:
        """Moves what is in the pipe now into the log, as much as it holds at once: a script that never pauses
        must not hold up the rest. What a full disk refuses is counted in `lost`. Whether anything came."""
        if self.closed:
            return False
        try:
            data = os.read(self.read_end, _CHUNK)
        except BlockingIOError:
            return False
        self.closed = not data
        self._write(self._masker.feed(data))
        return bool(data)

    def finish(self) -> None:
        """Moves the rest; what was held back as a possible beginning of a secret is written too."""
        while self.pump():
            pass
        self._write(self._masker.finish())

    def _write(self, data: bytes) -> None:
        while data:
            try:
                data = data[os.write(self._log, data) :]
            except OSError:
                self.lost += len(data)
                return


class OutputTimes:
    """Notes how much output there was when, at most once a second: what `logs --since` looks up."""

    def __init__(self, run: RunDir) -> None:
        self._file = os.open(run.output_times, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._size = 0
        self._noted_at = 0.0

    def note(self, now: float, size: int) -> None:
        """Records that there are `size` bytes at Unix time `now` (seconds), if that is news."""
        if size != self._size and not 0 <= now - self._noted_at < 1:
            os.write(self._file, _TIME.pack(now, size))
            self._size, self._noted_at = size, now


def offset_since(run: RunDir, since: float) -> int:
    """Where the output that came after Unix time `since` (seconds) begins, in bytes."""
    offset = 0
    for at, size in _read_times(run):
        if at >= since:
            break
        offset = size
    return offset


def offset_of_last_lines(path: str, count: int) -> int:
    """Where the last `count` lines of a file begin, in bytes; read from its end, however large it is."""
    with open(path, "rb") as file:
        end = file.seek(0, os.SEEK_END)
        if count <= 0:
            return end
        position, missing = end, count
        while position:
            start = max(0, position - _CHUNK)
            file.seek(start)
            block = file.read(position - start)
            # the newline that ends the file ends its last line, it does not begin another
            stop = len(block) - 1 if position == end and block.endswith(b"\n") else len(block)
            while True:
                stop = block.rfind(b"\n", 0, stop)
                if stop < 0:
                    break
                missing -= 1
                if not missing:
                    return start + stop + 1
            position = start
    return 0


def _read_times(run: RunDir) -> Iterator[tuple[float, int]]:
    try:
        with open(run.output_times, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return iter(())
    whole = len(data) - len(data) % _TIME.size
    return _TIME.iter_unpack(data[:whole])
