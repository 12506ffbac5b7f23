"""A request to stop, carried out in steps: signal, grace period, kill."""

from __future__ import annotations

import signal
from typing import Any, Callable

from runctl.agent import processes
from runctl.agent.rundir import RunDir, read_json

DEFAULT_GRACE_S = 30.0
DEFAULT_SIGNAL = "SIGTERM"


class Stopping:
    """Where one attempt stands in being stopped."""

    def __init__(self, run: RunDir, spec: dict[str, Any], monotonic: Callable[[], float]) -> None:
        self._run = run
        self._is_python = spec["kind"] == "python"
        self._grace_s = float(spec.get("grace_s", DEFAULT_GRACE_S))
        self._signal = str(spec.get("stop_signal", DEFAULT_SIGNAL))
        self._monotonic = monotonic
        self._asked_at: float | None = None
        self._killing = False
        self.sent = False

    def requested(self) -> bool:
        """Whether a stop was asked for; a later request may shorten the grace period or change the signal."""
        request = read_request(self._run)
        if request is None:
            return False
        self._grace_s = float(request.get("grace_s", self._grace_s))
        self._signal = str(request.get("signal") or self._signal)
        return True

    def next_step(self) -> str | None:
        """`signal`, when the grace period is over `kill`, then `kill again`; None when nothing is due."""
        if not self.requested():
            return None
        if self._asked_at is None:
            self._asked_at = self._monotonic()
            return "signal"
        if self._monotonic() < self._asked_at + self._grace_s:
            return None
        step = "kill again" if self._killing else "kill"
        self._killing = True
        return step

    def terms(self) -> tuple[str, float]:
        """The signal's name, and the grace period in seconds."""
        return self._signal, self._grace_s

    def send(self, script_pid: int) -> None:
        """Sends the signal: to a Python script alone, to the whole group of anything else.

        A Python script ends its own workers; PyTorch's data loader fails the training when its workers are
        signalled before it. A shell, though, does not pass signals on to what it waits for.
        """
        self.sent = True
        number = signal.Signals[self._signal].value
        if self._is_python:
            processes.send([script_pid], number)
        else:
            processes.send_to_group(script_pid, number)

    def is_over(self, since: float) -> bool:
        """Whether the grace period is over, counted from when the stop was asked for, or else from `since`."""
        self.requested()
        return self._monotonic() >= (since if self._asked_at is None else self._asked_at) + self._grace_s


def read_request(run: RunDir) -> dict[str, Any] | None:
    """What `stop` asked for: `grace_s`, `signal`; None when nobody asked."""
    try:
        request = read_json(run.stop_request)
    except (OSError, ValueError):
        return None
    return request if isinstance(request, dict) else None
