"""What is known of a run that is being watched: its state, and what that was before."""

from __future__ import annotations

from typing import Any

from runctl.agent import protocol
from runctl.core.specs import RunState
from runctl.ui.history import History
from runctl.ui.progress import Progress
from runctl.ui.transferred import Transferred

_MOST_HISTORIES = 100


class Watched:
    """Grows with the frames of one run. Bounded: a history for each of the first hundred metrics, each bounded."""

    def __init__(self) -> None:
        self.state: RunState | None = None
        self.activity = ""
        self.progress = Progress()
        self.transferred = Transferred()
        self.histories: dict[str, History] = {}

    def set_state(self, document: dict[str, Any]) -> None:
        """Takes over a state. Raises RunctlError when it is damaged."""
        first = self.state is None
        self.state = RunState.parse(document, "alive")
        if first:
            self.progress.begin(self.state.position)

    def doing(self, event: dict[str, Any]) -> None:
        """Takes over a `progress` event: what is done before the script starts or after it ended."""
        self.activity = event["text"]
        self.transferred.add(event)

    def metric(self, event: dict[str, Any]) -> None:
        """Adds a `metric` event. Before there is a state it is passed over: the state will hold it."""
        if self.state is None:
            return
        self.state = self.state.with_metrics(event)
        position = {name: self.state.position[name] for name in protocol.POSITION if name in event}
        self.progress.add(event["at"], position)
        for name in event["values"]:
            if name not in self.histories and len(self.histories) >= _MOST_HISTORIES:
                continue
            self.histories.setdefault(name, History()).add(self.state.metrics[name])
