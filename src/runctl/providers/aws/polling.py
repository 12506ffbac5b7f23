"""Asking again until something is so, with growing pauses."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
# sleeps for a number of seconds; may raise KeyboardInterrupt instead of returning
Pause = Callable[[float], None]
_FIRST_S, _LONGEST_S, _GROWTH = 0.2, 5.0, 1.4


def poll(check: Callable[[], T | None], timeout_s: float, pause: Pause) -> T | None:
    """What `check` returns when that is no longer None; None when `timeout_s` have passed."""
    deadline = time.monotonic() + timeout_s
    wait_s = _FIRST_S
    while True:
        found = check()
        if found is not None:
            return found
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        pause(min(wait_s, left))
        wait_s = min(wait_s * _GROWTH, _LONGEST_S)
