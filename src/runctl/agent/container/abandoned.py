"""A container whose agent was killed: what Docker knows of it is enough for an outcome."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

from runctl.agent import outcome, processes
from runctl.agent.container.container import Container
from runctl.agent.container.engine import ContainerFailed
from runctl.agent.keeper import Exit
from runctl.agent.rundir import RunDir


class AbandonedContainer:
    """The container of a run that nobody looks after."""

    def __init__(self, run: RunDir, spec: Dict[str, Any], attempt: int) -> None:
        self._run = run
        self._container = Container(run, spec, attempt)

    def verdict(self, state: Dict[str, Any]) -> Optional[Tuple[str, Optional[str], Exit]]:
        """As `outcome.of_abandoned`: outcome, reason and exit; None while the script runs."""
        if state["boot_id"] == processes.boot_id():
            try:
                look = self._container.look()
            except ContainerFailed:
                look = None  # what the machine itself knows must do
            if look and look.running:
                return None
            if look and look.began:
                self._container.ended()
        return outcome.of_abandoned(self._run, state)

    def signal(self, name: str) -> None:
        """Signals the script."""
        self._container.signal(name)

    def clean_up(self) -> None:
        """Takes away what is left of it. Where Docker does not answer it stays: its name leads to it."""
        for step in (self._container.give_back, self._container.remove):
            try:
                step()
            except ContainerFailed:
                continue
