"""One thing that was looked at, and how it is."""

from __future__ import annotations

from typing import NamedTuple

OK, WARN, FAIL = "ok", "warn", "fail"


class Finding(NamedTuple):
    """`level` is OK, WARN (works, but should be known) or FAIL (something will not work); `remedy` is what mends it."""

    level: str
    subject: str
    text: str
    remedy: str | None = None
