"""Shows how far a machine has come with a volume: a line that is drawn anew on a terminal, else one now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from runctl.core.text import duration, printable, size
from runctl.transport.volumes_client import Progress
from runctl.ui.console import Console
from runctl.ui.progress import Pace

_NOTE_EVERY_S = 30.0
_CLEAR = "\r\x1b[K"


class VolumeProgress:
    """Takes what the agent reports. As a context manager it leaves no half line behind."""

    def __init__(self, console: Console, now: Callable[[], float] = time.time) -> None:
        self._console = console
        self._now = now
        self._pace = Pace()
        self._draws = sys.stderr.isatty() and not console.quiet
        self._drawn = False
        self._next_note = 0.0

    def __enter__(self) -> VolumeProgress:
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def __call__(self, progress: Progress) -> None:
        if progress.done is None or progress.total is None:
            self._clear()
            self._console.note(f"{progress.volume_id}: {printable(progress.stage)}")
            return
        self._pace.add(self._now(), progress.done)
        text = self._text(progress.volume_id, progress.stage, progress.done, progress.total)
        if self._draws:
            sys.stderr.write(_CLEAR + text)
            sys.stderr.flush()
            self._drawn = True
        elif self._now() >= self._next_note:
            self._next_note = self._now() + _NOTE_EVERY_S
            self._console.note(text)

    def _text(self, volume_id: str, stage: str, done: int, total: int) -> str:
        text = f"{volume_id}: {printable(stage)} {size(done)} of {size(total)} ({done * 100 // max(1, total)} %)"
        rate, left = self._pace.rate(), self._pace.seconds_until(total, self._now())
        if rate is not None:
            text += f", {size(int(rate))}/s"
        return text + (f", {duration(left)} left" if left is not None else "")

    def _clear(self) -> None:
        if self._drawn:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()
            self._drawn = False
