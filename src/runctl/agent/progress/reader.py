"""Follows output.log, as much of it as the agent can afford."""

from __future__ import annotations

import os
from typing import Any

from runctl.agent.progress.detector import Detector
from runctl.agent.progress.finding import Finding

_PIECE = 1 << 14
# where more is behind, the script prints too fast: the newest is read, the rest passed over
_MOST_BEHIND = 1 << 20
_NEWEST = 1 << 18
# bytes to look at closely, which take a microsecond each
_MOST_WORK = 1 << 16
_MOST_WORK_AT_END = 1 << 20
# how much of what is known already is read again, to know what was in force then
_MOST_AGAIN = 1 << 22


class OutputReader:
    """Reads what is new in output.log. Memory and time of every reading are bounded, whatever the script prints."""

    def __init__(self, path: str, known: int = 0) -> None:
        """`known`: up to which offset, in bytes, the output's metrics are recorded already."""
        self._path = path
        self._known = known
        self._offset = 0
        self._detector = Detector()
        self._pending: dict[str, Any] = {}

    def read(self) -> list[Finding]:
        """What is new. Raises OSError when the file is gone."""
        before = self._offset
        found = self._new(_MOST_WORK)
        if self._offset > before:
            return found
        # a slow script draws a bar and ends it when it draws the next: what stands there is news until then
        pending = self._detector.pending_bar()
        if pending and pending.fields != self._pending:
            self._pending = pending.fields
            found.append(pending)
        return found

    def finish(self) -> list[Finding]:
        """The rest, when nothing more will come. Raises OSError when the file is gone."""
        found = self._new(_MOST_WORK_AT_END)
        return found + self._unknown(list(self._detector.finish()))

    def _new(self, most_work: int) -> list[Finding]:
        with open(self._path, "rb", buffering=0) as file:
            self._read_again(file.fileno())
            size = os.fstat(file.fileno()).st_size
            if size - self._offset > _MOST_BEHIND:
                self._pass_over(file.fileno(), size - _NEWEST)
            return self._fed(file.fileno(), size, most_work)

    def _read_again(self, file: int) -> None:
        if self._offset < self._known:
            if self._known > _MOST_AGAIN:
                self._pass_over(file, self._known - _MOST_AGAIN)
            self._fed(file, self._known, _MOST_AGAIN)

    def _fed(self, file: int, end: int, most_work: int) -> list[Finding]:
        found: list[Finding] = []
        limit = self._detector.examined + most_work
        while self._offset < end and self._detector.examined < limit:
            data = os.pread(file, min(_PIECE, end - self._offset), self._offset)
            if not data:
                break
            self._offset += len(data)
            found.extend(self._detector.feed(data))
        return self._unknown(found)

    def _unknown(self, found: list[Finding]) -> list[Finding]:
        """Those that are not recorded yet, as lines that others wrote or as the bar that was pending."""
        return [one for one in found if one.fields["output"] > self._known and one.fields != self._pending]

    def _pass_over(self, file: int, offset: int) -> None:
        """Goes on at the first line that begins after `offset`."""
        self._offset = offset
        while True:
            data = os.pread(file, _PIECE, self._offset)
            newline = data.find(b"\n")
            self._offset += newline + 1 if newline >= 0 else len(data)
            if newline >= 0 or not data:
                break
        self._detector.skip_to(self._offset)
