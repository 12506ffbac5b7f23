"""How long to wait, and noticing meanwhile that everything shall stop."""

from __future__ import annotations

import time
from typing import Callable, NamedTuple

from runctl.agent.s3.errors import Stopped

# a stop is noticed this much later at most
STEP_S = 0.25


class Patience(NamedTuple):
    """Limits of one request, in seconds. Attempts are counted anew after one that brought the request on: `attempts`
    without an answer, `refusals` by a server that is there but can't serve now."""

    attempts: int = 8
    # where 3 of 10 requests fail, one of two million fails so often
    refusals: int = 12
    first_pause_s: float = 0.5
    longest_pause_s: float = 20.0
    connect_s: float = 10.0
    # without a byte in either direction
    silence_s: float = 20.0
    # for `100 Continue`, which some servers never say
    continue_s: float = 1.0


class TimedOut(Exception):
    """The other side was silent for too long."""


class Waiting:
    """`stopped` and the limits, as whatever waits needs them."""

    __slots__ = ("patience", "stopped")

    def __init__(self, patience: Patience, stopped: Callable[[], bool]) -> None:
        self.patience = patience
        self.stopped = stopped

    def go_on(self, deadline: float, what: str) -> None:
        """Returns if waiting longer makes sense. Raises Stopped, or TimedOut after `deadline` (monotonic)."""
        if self.stopped():
            raise Stopped
        if time.monotonic() > deadline:
            raise TimedOut(what)

    def check(self) -> None:
        """Raises Stopped."""
        if self.stopped():
            raise Stopped

    def pause(self, seconds: float) -> None:
        """Sleeps. Raises Stopped."""
        until = time.monotonic() + seconds
        while not self.stopped():
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, STEP_S))
        raise Stopped
