"""How fast what is written goes out: over a slow line compressing pays, over a fast one it costs."""

from __future__ import annotations

import time
from collections.abc import Callable

# what zlib's fastest level compresses in a second, with room to spare
_SLOW_BYTES_S = 40e6
# the first bytes only fill the buffers on the way
_UNCOUNTED = 1 << 21
_ENOUGH = 1 << 20


class Pace:
    """Writes by `write`, and looks at how long that takes."""

    def __init__(self, write: Callable[[bytearray], None], clock: Callable[[], float] = time.perf_counter) -> None:
        self._write = write
        self._clock = clock
        self._written = 0
        self._counted = 0
        self._waited_s = 0.0

    def write(self, data: bytearray) -> None:
        """Writes data."""
        begin = self._clock()
        self._write(data)
        self._written += len(data)
        if self._written > _UNCOUNTED:
            self._counted += len(data)
            self._waited_s += self._clock() - begin

    @property
    def is_slow(self) -> bool:
        """Whether the line is known to be slower than compression."""
        return self._counted > _ENOUGH and self._counted < _SLOW_BYTES_S * self._waited_s
