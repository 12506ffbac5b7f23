"""One line on stderr that tells how far something is: drawn anew on a terminal, elsewhere printed now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

from runctl.core.text import duration, size
from runctl.ui.console import Console
from runctl.ui.progress import Pace

_NOTE_EVERY_S = 30.0
_CLEAR = "\r\x1b[K"
Self = TypeVar("Self", bound="ProgressLine")


class ProgressLine:
    """The line. As a context manager it leaves nothing half drawn behind."""

    def __init__(self, console: Console, now: Callable[[], float] = time.time) -> None:
        self._console = console
        self._now = now
        self._pace = Pace()
        self._draws = sys.stderr.isatty() and not console.quiet
        self._drawn = False
        self._next_note = now() + _NOTE_EVERY_S

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.clear()

    def show(self, text: str, bar: str = "") -> None:
        """Draws the text behind `bar`, which is for terminals alone; or prints it, where half a minute has gone by."""
        if self._draws:
            sys.stderr.write(_CLEAR + bar + text)
            sys.stderr.flush()
            self._drawn = True
        elif self._now() >= self._next_note:
            self._next_note = self._now() + _NOTE_EVERY_S
            self._console.note(text)

    def note(self, text: str) -> None:
        """A line of its own, which stays."""
        self.clear()
        self._console.note(text)

    def warn(self, text: str) -> None:
        """A warning on a line of its own."""
        self.clear()
        self._console.warn(text)

    def clear(self) -> None:
        """Takes away what is drawn."""
        if self._drawn:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()
            self._drawn = False

    def speed(self, done: float, total: float) -> str:
        """How fast it goes and how long it will take, when `done` of `total` bytes are done: `, 3.1 MiB/s, 4s left`; as
        much of it as is known."""
        self._pace.add(self._now(), done)
        rate, left = self._pace.rate(), self._pace.seconds_until(total, self._now())
        text = f", {size(int(rate))}/s" if rate is not None else ""
        return text + (f", {duration(left)} left" if left is not None else "")
