"""Long work in a thread beside the agent's own, which goes on: the sign of life, and the look for a stop request."""

from __future__ import annotations

import threading
from typing import Callable, Generic, TypeVar

_TICK_S = 0.2
_ENDS_WITHIN_S = 1.0

Result = TypeVar("Result")


class Ended(Exception):
    """The work was ended before it was done, because `stopped` said so."""


class Beside(Generic[Result]):
    """One piece of work. `asked_to_end` is for the work to ask; it costs nothing."""

    def __init__(self) -> None:
        self._end = threading.Event()
        self._result: list[Result] = []
        self._error: BaseException | None = None

    def asked_to_end(self) -> bool:
        """Whether the work is to give up."""
        return self._end.is_set()

    def carry_out(self, work: Callable[[], Result], tick: Callable[[], None], stopped: Callable[[], bool]) -> Result:
        """What `work` returns or raises; meanwhile `tick` is called and `stopped` is asked five times a second, both
        in the caller's thread. Raises Ended within two seconds of a stop, whether or not the work heard of it."""
        # a daemon: work that hangs in the network must not keep the agent from ending
        thread = threading.Thread(target=self._work, args=(work,), daemon=True)
        thread.start()
        while thread.is_alive():
            thread.join(_TICK_S)
            tick()
            if thread.is_alive() and stopped():
                self._end.set()
                thread.join(_ENDS_WITHIN_S)
                if not self._result:
                    raise Ended
        if self._error is not None:
            raise self._error
        return self._result[0]

    def _work(self, work: Callable[[], Result]) -> None:
        try:
            self._result.append(work())
        except BaseException as error:
            self._error = error
