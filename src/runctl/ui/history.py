"""What a metric's values were, in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Sequence

_MOST = 256


class History:
    """Values in the order they came. Of more than a few hundred, neighbours are averaged: however long a run, this
    stays small, and the whole run is in it."""

    def __init__(self) -> None:
        self._means: list[float] = []
        self._each = 1
        self._sum = 0.0
        self._count = 0
        self._seen = 0

    def add(self, value: float) -> None:
        """Adds the newest value. One that is not finite only counts where none of its neighbours is."""
        self._seen += 1
        if math.isfinite(value):
            self._sum += value
            self._count += 1
        if self._seen == self._each:
            # assigned, not appended to: another thread may be drawing the old one
            means = [*self._means, self._mean()]
            self._seen, self._sum, self._count = 0, 0.0, 0
            if len(means) == _MOST:
                means = [mean_of_finite(means[index : index + 2]) for index in range(0, _MOST, 2)]
                self._each *= 2
            self._means = means

    def values(self) -> list[float]:
        """At most a few hundred values, oldest first; NaN where there was no finite one."""
        return self._means + [self._mean()] * bool(self._seen)

    def _mean(self) -> float:
        return self._sum / self._count if self._count else math.nan


def mean_of_finite(values: Sequence[float]) -> float:
    """The mean of the values that are finite; NaN when none is."""
    finite = [value for value in values if math.isfinite(value)]
    # divided before they are added: the sum of two large values may not be finite
    return sum(value / len(finite) for value in finite) if finite else math.nan
