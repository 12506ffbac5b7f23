"""Where the ticks of an axis stand and what they say."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

# no measure is larger or smaller, and the arithmetic of plots stays finite
LARGEST, _SMALLEST = 1e300, 1e-290
_MOST_TICKS_AT = 1e13


class Axis(NamedTuple):
    """A range of values, never empty."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """Where a value lies, from 0 at `low` to 1 at `high`."""
        return (value - self.low) / (self.high - self.low)


class Tick(NamedTuple):
    """A value on an axis, and how it is written."""

    value: float
    label: str


def axis_of(values: Iterable[float]) -> Axis:
    """The range of some values of at most LARGEST; around a single one some room."""
    known = list(values)
    low, high = min(known), max(known)
    size = max(abs(low), abs(high))
    # what differs in the last digits only is one value: between those there are no numbers for ticks
    if high - low > max(size / _MOST_TICKS_AT, _SMALLEST):
        return Axis(low, high)
    room = size * 0.05 if size > _SMALLEST else 0.5
    return Axis(low - room, high + room)


def ticks(axis: Axis, most: int) -> list[Tick]:
    """Round values on an axis, `most` of them at most, but two at least; with labels that can be told apart."""
    step = 10.0 ** math.floor(math.log10((axis.high - axis.low) / most))
    values: list[float] = []
    for factor in (1, 2, 5, 10, 20):
        values = _multiples(step * factor, axis)
        if len(values) <= most:
            break
    return _labelled(values, 7) if len(values) > 1 else _labelled([axis.low, axis.high], 4)


def _multiples(step: float, axis: Axis) -> list[float]:
    first, last = math.ceil(axis.low / step - 1e-9), math.floor(axis.high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def _labelled(values: list[float], digits: int) -> list[Tick]:
    """The values with as few digits, `digits` at least, as tell them apart and lie near them."""
    near = (values[1] - values[0]) / 20
    for count in range(digits, 18):
        labels = [f"{value:.{count}g}" for value in values]
        if all(abs(float(label) - value) <= near for label, value in zip(labels, values, strict=True)):
            break
    return [Tick(value, label) for value, label in zip(values, labels, strict=True)]
