"""Keeps a fast script from filling its record with metrics."""

from __future__ import annotations

from typing import Any

from runctl.agent.progress.finding import Finding

# so many events at once, and with every reading so many more
_BURST = 1000
_REFILL = 10


class Thinning:
    """Decides which findings of one reading become events: a line that stays one each, a bar one however often it was
    drawn, and where they are too many, the last carries the newest values of all that follow."""

    def __init__(self) -> None:
        self._allowance = _BURST

    def thinned(self, found: list[Finding]) -> list[dict[str, Any]]:
        """The fields of `metric` events, in order."""
        self._allowance = min(_BURST, self._allowance + _REFILL)
        kept = _newest_of_each_bar(found)
        most = max(1, self._allowance)
        if len(kept) > most:
            kept[most - 1 :] = [_together(kept[most - 1 :])]
        self._allowance -= len(kept)
        return kept


def _newest_of_each_bar(found: list[Finding]) -> list[dict[str, Any]]:
    """Without the drawings that another of the same bar follows, and the positions that anything follows."""
    kept: list[dict[str, Any]] = []
    seen = set()
    for one in reversed(found):
        if (one.bar is None or one.bar not in seen) and (one.fields["values"] or not kept):
            kept.append(one.fields)
        seen.add(one.bar)
    return kept[::-1]


def _together(fields: list[dict[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for one in fields:
        values.update(one["values"])
    return {**fields[-1], "values": values}
