"""Reads the metrics that a script writes itself: JSON lines in the file that RUNCTL_METRICS names."""

from __future__ import annotations

import json
import math
import os
from typing import Any

from runctl.agent import protocol
from runctl.agent.masking import Masker

_LONGEST_LINE = 1 << 20
_MOST_AT_ONCE = 1 << 22
_OVERLONG = "a line of more than 1 MiB"


class MetricsFile:
    """Follows the file from where the last read ended; from its beginning when it was replaced or cut."""

    def __init__(self, path: str, masker: Masker, known: int = 0) -> None:
        """`known`: how many metrics at its beginning are known already, and to be passed over."""
        self._path = path
        self._masker = masker
        self._known = known
        self._inode = 0
        self._offset = 0
        self._rest = b""
        self._in_overlong_line = False
        self.has_more = False

    def read(self) -> tuple[list[dict[str, Any]], list[str]]:
        """The whole lines that are new: their metrics, and what was wrong with the others. Sets `has_more` when
        they were too many for one call. Raises OSError when the file is gone."""
        data = self._new_data()
        self.has_more = len(data) == _MOST_AT_ONCE
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        if self._in_overlong_line and lines:
            lines.pop(0)
            self._in_overlong_line = False
        complaints: list[str] = []
        metrics = self._parsed(lines, complaints)
        if self._in_overlong_line:
            self._rest = b""
        elif len(self._rest) > _LONGEST_LINE:
            complaints.append(_OVERLONG)
            self._rest = b""
            self._in_overlong_line = True
        return metrics, complaints

    def finish(self) -> tuple[list[dict[str, Any]], list[str]]:
        """What a last line says that no newline ended, when nothing more will come."""
        complaints: list[str] = []
        return self._parsed([self._rest], complaints), complaints

    def _new_data(self) -> bytes:
        with open(self._path, "rb") as file:
            status = os.fstat(file.fileno())
            if status.st_ino != self._inode or status.st_size < self._offset:
                self._inode, self._offset = status.st_ino, 0
                self._rest, self._in_overlong_line = b"", False
            file.seek(self._offset)
            data = file.read(_MOST_AT_ONCE)
        self._offset += len(data)
        return data

    def _parsed(self, lines: list[bytes], complaints: list[str]) -> list[dict[str, Any]]:
        metrics = []
        for line in lines:
            if not line.strip():
                continue
            try:
                if len(line) > _LONGEST_LINE:
                    raise ValueError(_OVERLONG)
                fields = parse(self._masker.text(line.decode()))
            except ValueError as error:
                if not self._known:
                    complaints.append(str(error))
                continue
            if self._known:
                self._known -= 1
            else:
                metrics.append(fields)
        return metrics


def parse(line: str) -> dict[str, Any]:
    """One line as the fields of a `metric` event: step, epoch and totals if given, and `values`.

    A value that is not finite becomes the text `NaN`, `Infinity` or `-Infinity`, because JSON has no number
    for it. Raises ValueError saying what is wrong.
    """
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("not a JSON object: %.80r" % line) from None
    if not isinstance(document, dict):
        raise ValueError("not a JSON object: %.80r" % line)
    fields: dict[str, Any] = {}
    values = {}
    for name, value in document.items():
        if not isinstance(value, (int, float)):
            raise ValueError("%.80r is not a number: %.80r" % (name, value))
        if name in protocol.POSITION:
            fields[name] = _finite(value)
        else:
            values[name] = _finite(value)
    fields["values"] = values
    return fields


def _finite(value: float) -> float | str:
    if isinstance(value, int) and abs(value) >= 1 << 63:
        value = float(value) if abs(value) < 1 << 1023 else math.inf
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
