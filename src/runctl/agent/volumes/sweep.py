"""Reads a device block by block past the page cache, by several threads: everything, or as much as time allows."""

from __future__ import annotations

import mmap
import os
import threading
import time
from typing import Callable, Iterator, NamedTuple, Optional

_REPORT_S = 0.5


class Swept(NamedTuple):
    """How far it came: the bytes read, and the offset of the first block that the check stopped at (or None)."""

    done: int
    stopped_at: Optional[int]


def in_order(size: int, block: int, start: int = 0) -> Iterator[int]:
    """The offsets of all blocks, one after the other."""
    return iter(range(start, size, block))


def spread(size: int, block: int) -> Iterator[int]:
    """The offsets of all blocks, each once, in an order whose every beginning is spread evenly over the device: the
    first, the last, then the indices with their bits reversed, which halve what is left between."""
    count = -(-size // block)
    bits = max(1, (count - 1).bit_length())
    yield 0
    if count > 1:
        yield (count - 1) * block
    for index in range(1, 1 << bits):
        place = int(format(index, "0%db" % bits)[::-1], 2)
        if place < count - 1:
            yield place * block


class Sweep:
    """One reading of the open device `descriptor` (O_DIRECT), in blocks of `block` bytes."""

    def __init__(self, descriptor: int, block: int, threads: int) -> None:
        self._descriptor = descriptor
        self._block = block
        self._lock = threading.Lock()
        self._at_work = threads
        self._done = 0
        self._stopped_at: Optional[int] = None
        self._error: Optional[OSError] = None
        self._enough = threading.Event()
        self._over = threading.Event()

    def run(
        self,
        offsets: Iterator[int],
        passes: Callable[[bytes], bool],
        report: Callable[[int], None],
        limit_s: Optional[float] = None,
    ) -> Swept:
        """Reads until the offsets or the seconds are used up, or a block does not pass. `report` is called now and
        then with the bytes read so far. Raises OSError as reading did, and whatever `report` raises."""
        deadline = None if limit_s is None else time.monotonic() + limit_s
        workers = [
            threading.Thread(target=self._work, args=(offsets, passes, deadline), daemon=True)
            for _ in range(self._at_work)
        ]
        for worker in workers:
            worker.start()
        try:
            while not self._over.wait(_REPORT_S):
                report(self._done)
        finally:
            self._enough.set()
            for worker in workers:
                worker.join()
        if self._error:
            raise self._error
        return Swept(self._done, self._stopped_at)

    def _work(self, offsets: Iterator[int], passes: Callable[[bytes], bool], deadline: Optional[float]) -> None:
        try:
            with mmap.mmap(-1, self._block) as buffer:
                while not self._enough.is_set() and (deadline is None or time.monotonic() < deadline):
                    with self._lock:
                        offset = next(offsets, None)
                    if offset is None:
                        return
                    self._read(buffer, offset, passes)
        except OSError as error:
            self._error = error
            self._enough.set()
        finally:
            with self._lock:
                self._at_work -= 1
                if not self._at_work:
                    self._over.set()

    def _read(self, buffer: mmap.mmap, offset: int, passes: Callable[[bytes], bool]) -> None:
        count = os.preadv(self._descriptor, [buffer], offset)
        if not passes(buffer[:count]):
            self._stopped_at = offset
            self._enough.set()
        with self._lock:
            self._done += count
