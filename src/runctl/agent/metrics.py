"""Reads the metrics that a script writes itself: JSON lines in the file that RUNCTL_METRICS names."""

from __future__ import annotations

import json
import math
from typing import Any

from runctl.agent import protocol
from runctl.agent.masking import Masker

_LONGEST_LINE = 1 << 20
_MOST_AT_ONCE = 1 << 22


class MetricsFile:
    """Follows the file from where the last read ended."""

    def __init__(self, path: str, masker: Masker, offset: int = 0) -> None:
        self._path = path
        self._masker = masker
        self._rest = b""
        self.offset = offset

    def read(self) -> tuple[list[dict[str, Any]], list[str]]:
        """The whole lines that are new: their metrics, and what was wrong with the others."""
        with open(self._path, "rb") as file:
            file.seek(self.offset)
            data = file.read(_MOST_AT_ONCE)
        self.offset += len(data)
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        complaints = []
        if len(self._rest) > _LONGEST_LINE:
            complaints.append("a line of more than 1 MiB")
            self._rest = b""
        metrics = []
        for line in lines:
            if not line.strip():
                continue
            try:
                metrics.append(parse(self._masker.text(line.decode())))
            except ValueError as error:
                complaints.append(str(error))
        return metrics, complaints


def parse(line: str) -> dict[str, Any]:
    """One line as the fields of a `metric` event: step, epoch and totals if given, and `values`.

    A value that is not finite becomes the text `NaN`, `Infinity` or `-Infinity`, because JSON has no number
    for it. Raises ValueError saying what is wrong.
    """
    try:
        document = json.loads(line)
    except ValueError:
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
