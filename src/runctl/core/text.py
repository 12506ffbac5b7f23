"""Text from scripts, files and clouds, made safe to show; sizes, times and durations for people."""

from __future__ import annotations

import re
import time

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """`text` on one line, with control characters, bidi overrides and lone surrogates shown as escapes."""
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def size(count: int) -> str:
    """A number of bytes for people, in binary units: `512 B`, `1.5 KiB`, `2.0 GiB`."""
    if count < 1024:
        return f"{count} B"
    amount = float(count)
    for unit in ("KiB", "MiB", "GiB"):
        amount /= 1024
        if amount < 1024:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1024:.1f} TiB"


def duration(seconds: float) -> str:
    """A length of time for people: `0.4s`, `42s`, `3m 05s`, `2h 14m`, `3d 04h`."""
    if seconds < 10:
        return f"{seconds:.1f}s"
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h {whole % 3600 // 60:02}m"
    return f"{whole // 86400}d {whole % 86400 // 3600:02}h"


def local_time(at: float) -> str:
    """A Unix time in seconds as local date and time: `2026-11-23 19:30:05`."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


def number(value: float) -> str:
    """A metric's value in at most six significant digits."""
    return f"{value:.6g}"
