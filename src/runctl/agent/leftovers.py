"""What a script left running is ended: the grace period after a signal, then a kill."""

from __future__ import annotations

import os
import signal
import time
from typing import Callable, List, Union

from runctl.agent import processes
from runctl.agent.keeper import KeptScript, OwnScript
from runctl.agent.record import Record
from runctl.agent.stopping import Stopping

_KILLED_WAIT_S = 10.0
_PAUSE_S = 0.05


class Leftovers:
    """The processes of a run whose script is over. `pump` is called all the while: they may still write."""

    def __init__(
        self,
        run_id: str,
        script: Union[KeptScript, OwnScript],
        record: Record,
        monotonic: Callable[[], float],
        pump: Callable[[], object],
    ) -> None:
        self._run_id = run_id
        self._script = script
        self._record = record
        self._monotonic = monotonic
        self._pump = pump

    def end(self, stopping: Stopping) -> None:
        """Ends them. What no kill ends is recorded."""
        left = self._members() if self._script.left_children() else []
        if not left:
            return
        if not stopping.requested():
            text = "the script ended and left %d processes running; they are ended too" % len(left)
            self._record.event("warning", text=text, pids=left)
        processes.send(left, signal.SIGTERM)
        signalled_at = self._monotonic()
        while left and not stopping.is_over(signalled_at):
            left = self._later()
        deadline = self._monotonic() + _KILLED_WAIT_S
        while left and self._monotonic() < deadline:
            processes.stop_and_kill(left)
            left = self._later()
        if left:
            self._record.event("error", text="processes that no kill ends", pids=left)

    def _later(self) -> List[int]:
        self._pump()
        time.sleep(_PAUSE_S)
        return self._members()

    def _members(self) -> List[int]:
        self._script.left_children()
        return processes.members(self._run_id, self._script.identity, os.getpid())
