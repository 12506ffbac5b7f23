"""A small plot on one line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from runctl.ui.history import mean_of_finite

BLOCKS = "▁▂▃▄▅▆▇█"
ASCII = "_.-~=+*#"


def sparkline(values: Sequence[float], cells: int, letters: str = BLOCKS) -> str:
    """`values` from oldest to newest in at most `cells` letters, low ones first in `letters`; a gap where there are
    none that are finite."""
    means = _squeezed(values, cells)
    finite = [value for value in means if math.isfinite(value)]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    # halves, because the difference of two large values may not be finite
    span = high / 2 - low / 2
    top = len(letters) - 1

    def letter(value: float) -> str:
        if not math.isfinite(value):
            return " "
        return letters[round((value / 2 - low / 2) / span * top) if span > 0 else top // 2]

    return "".join(map(letter, means))


def _squeezed(values: Sequence[float], cells: int) -> list[float]:
    """At most `cells` means of neighbouring values."""
    if len(values) <= cells:
        return list(values)
    edges = [index * len(values) // cells for index in range(cells + 1)]
    return [mean_of_finite(values[begin:end]) for begin, end in pairwise(edges)]
