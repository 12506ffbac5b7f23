"""Which of the bars that a script draws counts its steps: bars over epochs, bars within them, bars of other phases."""

from __future__ import annotations

import re
from typing import NamedTuple

from runctl.agent.progress import bars, markers, words
from runctl.agent.progress.position import Position

_NUMBERS = re.compile(r"[-+]?\d[\d.,e%+-]*")
_BYTES = ("b", "kb", "mb", "gb", "kib", "mib", "gib", "")


class _Seen(NamedTuple):
    key: tuple[str, int | None]
    done: int
    total: int | None
    has_metrics: bool

    @property
    def finished(self) -> bool:
        return self.total is not None and self.done >= self.total


class Nesting:
    """Takes every bar drawn, and moves the position by those that count steps of training."""

    def __init__(self, position: Position) -> None:
        self._position = position
        self._outer: _Seen | None = None
        self._outer_counts_epochs = False
        self._main: _Seen | None = None
        self._in_announced_epoch = False
        self._restarts = 0
        self._keras_done = False

    def enter_epoch(self) -> None:
        """An epoch is announced: the next bar is of training."""
        self._keras_done = False

    def draw(self, bar: bars.Bar, has_metrics: bool) -> bool:
        """Takes a bar. Returns whether it is one of training, whose metrics count."""
        if bar.keras:
            return self._draw_keras(bar)
        if words.is_of_another_phase(bar.description) or bar.unit in _BYTES:
            return False
        if bars.is_over_epochs(bar):
            self._over_epochs(bar, has_metrics)
            return True
        marker, _ = markers.found_in(bar.description)
        if marker and marker.epoch is not None:
            return self._within_printed_epoch(bar, marker)
        if not bar.counts_steps:
            return False
        if bar.description and not (has_metrics or words.is_training(bar.description)):
            return False
        return self._undescribed(bar, has_metrics)

    def _draw_keras(self, bar: bars.Bar) -> bool:
        if self._keras_done or not self._position.in_epochs():
            return False
        if bar.total is not None:
            self._position.within_epoch(bar.done, bar.total)
            if bar.done >= bar.total and (" - " in bar.tail or "step" in bar.tail):
                self._keras_done = "ms/step" in bar.tail or "s/step" in bar.tail or "us/step" in bar.tail
        return True

    def _over_epochs(self, bar: bars.Bar, has_metrics: bool) -> None:
        self._outer = _seen(bar, has_metrics)
        self._outer_counts_epochs = True
        self._position.complete_epochs(bar.done, bar.total)

    def _within_printed_epoch(self, bar: bars.Bar, marker: markers.Marker) -> bool:
        assert marker.epoch is not None
        if self._position.is_past(marker.epoch):
            return False
        self._position.enter_epoch(marker.epoch, marker.total_epochs)
        if bar.total and bar.counts_steps:
            self._position.within_epoch(bar.done, bar.total)
        return True

    def _undescribed(self, bar: bars.Bar, has_metrics: bool) -> bool:
        seen = _seen(bar, has_metrics)
        if self._outer is not None and self._outer_counts_epochs and seen.key != self._outer.key:
            return self._inside_epochs(seen)
        if self._outer is not None and self._outer_counts_epochs:
            self._over_epochs(bar, has_metrics)
            return True
        if self._main is None:
            self._main = seen
            self._in_announced_epoch = self._position.in_epochs()
            self._count(seen)
            return True
        if seen.key == self._main.key or self._is_redescribed(seen):
            if seen.done < self._main.done:
                self._restarts += 1
            self._main = seen._replace(has_metrics=has_metrics or self._main.has_metrics)
            self._count(seen)
            return True
        return self._another(seen)

    def _is_redescribed(self, seen: _Seen) -> bool:
        """Whether it is the bar that was there before, with another description."""
        main = self._main
        return main is not None and seen.total == main.total and not main.finished and seen.done >= main.done

    def _another(self, seen: _Seen) -> bool:
        main = self._main
        assert main is not None
        if not main.finished and main.done == 0 and main.total is not None and self._restarts == 0:
            # a bar that begins before the one above it has moved counts what one unit of that one is made of
            self._outer, self._outer_counts_epochs = main, True
            self._main = None
            self._position.complete_epochs(0, main.total)
            return self._inside_epochs(seen)
        larger = (seen.total or 0) > (main.total or 0) and not main.has_metrics
        if main.finished and (larger or (seen.has_metrics and not main.has_metrics)):
            self._main, self._restarts = seen, 0
            self._position.replace(seen.done, seen.total)
            return True
        return False

    def _inside_epochs(self, seen: _Seen) -> bool:
        if self._main is not None and seen.key != self._main.key:
            return False
        self._main = seen
        assert self._outer is not None
        if seen.total:
            self._position.within_epoch(seen.done, seen.total, self._outer.done)
        return True

    def _count(self, seen: _Seen) -> None:
        if seen.done == 0 and self._restarts == 0 and not seen.has_metrics:
            return
        if seen.total and self._in_announced_epoch:
            self._position.within_epoch(seen.done, seen.total)
        elif seen.total and self._restarts:
            self._position.within_epoch(seen.done, seen.total, self._restarts)
            if not self._position.total_epochs:
                self._position.total_steps = seen.total * (self._restarts + 1)
        else:
            self._position.advance(seen.done, seen.total)


def _seen(bar: bars.Bar, has_metrics: bool) -> _Seen:
    return _Seen(key_of(bar), bar.done, bar.total, has_metrics)


def key_of(bar: bars.Bar) -> tuple[str, int | None]:
    """What a bar keeps when it is drawn anew: its description without numbers, and its total."""
    return _NUMBERS.sub("", bar.description), bar.total
