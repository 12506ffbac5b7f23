"""What the supervisor does with a script's output: read it until the script writes metrics itself."""

from __future__ import annotations

from typing import Any, Callable

from runctl.agent.progress.finding import Finding
from runctl.agent.progress.reader import OutputReader
from runctl.agent.progress.thinning import Thinning


class OutputWatch:
    """The metrics in output.log. A script that says them in the metrics file is not read any more from then on: it
    would be recorded twice."""

    def __init__(self, path: str, known: int = 0, explicit: bool = False) -> None:
        """`known`: up to which offset, in bytes, the output's metrics are recorded already. `explicit`: the script
        has written metrics itself."""
        self._reader: OutputReader | None = None if explicit else OutputReader(path, known)
        self._thinning = Thinning()

    def stop(self) -> None:
        """The script writes metrics itself."""
        self._reader = None

    def read(self) -> list[dict[str, Any]]:
        """The fields of `metric` events for what is new."""
        return self._quietly(OutputReader.read)

    def finish(self) -> list[dict[str, Any]]:
        """Those for the rest, when the script has ended."""
        return self._quietly(OutputReader.finish)

    def _quietly(self, read: Callable[[OutputReader], list[Finding]]) -> list[dict[str, Any]]:
        if self._reader is None:
            return []
        try:
            return self._thinning.thinned(read(self._reader))
        except OSError:
            return []  # the script removed its own output: there is nothing to read
