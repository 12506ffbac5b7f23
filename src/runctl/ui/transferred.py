"""How far a run is with its data or its results, from the events that say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runctl.core.text import size
from runctl.ui.progress import Pace

_NOTE_EVERY_S = 30.0


class Transferred:
    """Follows the transfers of one run; the newest counts."""

    def __init__(self) -> None:
        self._step = ""
        self._pace = Pace()
        self._total = 0.0
        self.fraction: float | None = None

    def add(self, event: Mapping[str, Any]) -> None:
        """Takes over a `progress` event; one of no transfer, or that says how one ended, ends what was before."""
        if "bytes_total" not in event:
            self._step, self.fraction = "", None
            return
        if event["step"] != self._step:
            self._step, self._pace = event["step"], Pace()
        self._total = event["bytes_total"]
        self._pace.add(event["at"], event["bytes_done"])
        # of empty files there are no bytes to count
        done, total = (event[f"{'bytes' if self._total else 'files'}_{word}"] for word in ("done", "total"))
        self.fraction = min(1.0, done / total) if total else None

    def rate(self) -> str:
        """The speed for people: `12.3 MiB/s`; empty when not known."""
        rate = self._pace.rate()
        return f"{size(int(rate))}/s" if rate is not None and rate >= 1 else ""

    def eta_s(self, now: float) -> float | None:
        """Seconds until all is there; None when not known."""
        return self._pace.seconds_until(self._total, now)


class Notes:
    """Which progress events are worth a line where lines stay: those of transfers only now and then."""

    def __init__(self) -> None:
        self._next_at = 0.0

    def is_due(self, event: Mapping[str, Any]) -> bool:
        """Whether to print this event."""
        if "bytes_total" not in event:
            return True
        if event["at"] < self._next_at:
            return False
        self._next_at = event["at"] + _NOTE_EVERY_S
        return True
