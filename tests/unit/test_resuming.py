"""Coming back after a lost connection: how often, for how long."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from runctl.core.errors import RefusedError, UnreachableError
from runctl.transport.resuming import resuming


class Clock:
    """Time that passes in pauses alone."""

    def __init__(self) -> None:
        self.at = 0.0
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.at += seconds

    def now(self) -> float:
        return self.at


def ignore(error: UnreachableError, seconds: float) -> None:
    pass


def unreachable() -> Iterator[int]:
    raise UnreachableError("no answer")
    yield 0


def test_pauses_grow_and_patience_ends() -> None:
    clock = Clock()
    told: list[float] = []
    items = resuming(unreachable, lambda error, seconds: told.append(seconds), 60, clock.pause, clock.now)
    with pytest.raises(UnreachableError):
        next(items)
    assert clock.pauses == told == [0.5, 1, 2, 4, 8, 16]


def test_what_comes_gives_new_patience_and_short_pauses() -> None:
    clock = Clock()
    connections = iter(range(1000))

    def connect() -> Iterator[int]:
        number = next(connections)
        if number == 60:
            return
        if number % 3 == 0:
            yield number
        raise UnreachableError("lost")

    assert list(resuming(connect, ignore, 10, clock.pause, clock.now)) == list(range(0, 60, 3))
    assert max(clock.pauses) == 2


def test_another_error_is_not_met_with_another_attempt() -> None:
    def connect() -> Iterator[int]:
        raise RefusedError("another host key")
        yield 0

    clock = Clock()
    with pytest.raises(RefusedError):
        next(resuming(connect, ignore, 10, clock.pause, clock.now))
    assert clock.pauses == []
