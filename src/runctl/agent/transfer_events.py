"""Tells of a transfer in a run's events: how far it is, at most once a second."""

from __future__ import annotations

import time
from typing import Callable

from runctl.agent.record import Record
from runctl.agent.s3.transfer_model import Progress

_EVERY_S = 1.0


class TransferEvents:
    """Takes reports from any thread; writes events in the thread that calls `tick`."""

    def __init__(self, record: Record, step: str, verb: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`step` is what programs read, `verb` how people read it."""
        self._record = record
        self._step = step
        self._verb = verb
        self._monotonic = monotonic
        self._newest: Progress | None = None
        self._told: Progress | None = None
        self._told_at = float("-inf")

    def report(self, progress: Progress) -> None:
        """Takes note of how far the transfer is."""
        self._newest = progress

    def tick(self) -> None:
        """Writes what is due: an event when there is news, and the run's sign of life."""
        newest = self._newest
        if newest is not None and newest != self._told and self._monotonic() - self._told_at >= _EVERY_S:
            self._told, self._told_at = newest, self._monotonic()
            self._record.event("progress", step=self._step, text=self._text(newest), **newest._asdict())
        self._record.save_when_due()

    def done(self, text: str) -> None:
        """Says how the transfer ended."""
        self._record.event("progress", step=self._step, text=text)

    def _text(self, progress: Progress) -> str:
        done, total = size(progress.bytes_done), size(progress.bytes_total)
        return "%s: %d of %d files, %s of %s" % (self._verb, progress.files_done, progress.files_total, done, total)


def size(count: int) -> str:
    """A number of bytes for people, in binary units: `512 B`, `1.5 KiB`, `2.0 GiB`."""
    amount = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024:
            return "%d B" % count if unit == "B" else "%.1f %s" % (amount, unit)
        amount /= 1024
    return "%.1f TiB" % amount
