"""Lengths of time as people write them."""

from __future__ import annotations

import re

from runctl.core.errors import UsageError
from runctl.core.text import printable

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d{1,12}(?:\.\d+)?)\s*([smhd]?)", re.ASCII)


def parse_duration(text: str, where: str) -> float:
    """Seconds of `90`, `90s`, `10m`, `2h`, `1d`. Raises UsageError naming `where`."""
    match = _DURATION.fullmatch(text.strip().lower())
    if not match:
        raise UsageError(f"{where}: {printable(text)!r} is not a length of time", hint="such as 30s, 10m, 2h or 1d")
    return float(match[1]) * _UNITS[match[2]]
