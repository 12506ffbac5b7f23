"""Ctrl-C and SIGTERM as a wish that is granted at the next pause, never in the middle of a request."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Handler = Callable[[int, "FrameType | None"], object]


class Interruptible:
    """While the `with` block runs, signals that ask to end are remembered, and `pause` obeys them."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def pause(self, seconds: float) -> None:
        """Sleeps. Raises KeyboardInterrupt as soon as somebody has asked to end."""
        if self._asked.wait(seconds):
            raise KeyboardInterrupt

    def waiting_for(self, ask: Callable[[str], None]) -> Callable[[str], None]:
        """`ask` (a question to the user), during which the signals count at once."""

        def asked(question: str) -> None:
            _install(_raise)
            try:
                ask(question)
            finally:
                _install(self._remember)

        return asked

    def __enter__(self) -> Interruptible:
        self._before = {number: signal.getsignal(number) for number in _SIGNALS}
        _install(self._remember)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _remember(self, number: int, frame: FrameType | None) -> None:
        self._asked.set()


def _install(handler: Handler) -> None:
    for number in _SIGNALS:
        signal.signal(number, handler)


def _raise(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
