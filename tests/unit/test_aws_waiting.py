"""Waiting for AWS, and being interrupted while waiting."""

from __future__ import annotations

import os
import signal
from itertools import count

import pytest

from runctl.machines.interruption import Interruptible
from runctl.providers.aws.polling import poll


def test_pauses_grow_and_what_is_found_is_returned() -> None:
    slept: list[float] = []
    numbers = count()
    assert poll(lambda: n if (n := next(numbers)) == 30 else None, 1000, slept.append) == 30
    assert slept[0] < 1
    assert slept == sorted(slept)
    assert slept[-1] == 5


def test_when_time_is_up_there_is_nothing() -> None:
    assert poll(lambda: None, 0, lambda _: pytest.fail("no time to pause")) is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_counts_at_the_next_pause_and_not_before(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Interruptible() as interruptible:
        interruptible.pause(0)
        os.kill(os.getpid(), number)
        with pytest.raises(KeyboardInterrupt):
            interruptible.pause(60)
    assert signal.getsignal(number) == before


def test_a_signal_counts_at_once_while_the_user_is_asked() -> None:
    def ask(question: str) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        pytest.fail("the question went on")

    with Interruptible() as interruptible, pytest.raises(KeyboardInterrupt):
        interruptible.waiting_for(ask)("sure?")


def test_after_a_question_signals_wait_again() -> None:
    with Interruptible() as interruptible:
        interruptible.waiting_for(lambda _: None)("sure?")
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            interruptible.pause(0)
