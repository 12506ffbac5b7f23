"""(g) What it costs to read a script's progress from its output."""

from __future__ import annotations

import time
from collections.abc import Callable

from bench import processes, runs
from bench.figures import Row, Sample, value
from bench.place import Place
from bench.timing import MeasureFailed
from runctl.agent.progress.detector import Detector

_LINES = 20_000
_ROUNDS = 7
_PIECE = 1 << 14
_MOST_S_A_LINE = 3e-6
_MOST_S_A_MEBIBYTE = 0.02
_MOST_S_A_TICK = 0.1
_MOST_PERCENT = 50.0
_SETTLE_S = 2.0
_WINDOW_S = 8.0

_PROSE = (
    "the loader is waiting for the next shard of the data set, which the worker has not yet unpacked into its cache"
)
_HOSTILE = {
    "a line of 1 MiB of digits": b"loss 1" + b"1" * 1018,
    "a line of 1 MiB of brackets": b"loss {[({'\"" * 93,
    "a line of 1 MiB of words of training": b"epoch step" * 102,
}
# as much as one look at the output, five times a second, may look at closely
_WORST = (b"loss " + b"1 " * 2045 + b"\n") * 16
_FAST = """\
line = {line!r}
while True:
    print(line)
"""


def measure(place: Place) -> list[Row]:
    mixed = [_prose, _numbers]
    return [
        value("g", "a line of prose, 120 bytes", _cost(_prose), _MOST_S_A_LINE),
        value("g", "a line with five numbers, 120 bytes", _cost(_numbers), _MOST_S_A_LINE),
        value(
            "g",
            "a line, 1 % of metrics, the rest half and half",
            _cost(lambda number: (_metrics if number % 100 == 0 else mixed[number % 2])(number)),
            _MOST_S_A_LINE,
        ),
        value("g", "a line of metrics, where every line is one", _cost(_metrics)),
        *(value("g", name, _whole(text), _MOST_S_A_MEBIBYTE) for name, text in _HOSTILE.items()),
        value("g", "the worst 64 KiB, all that one tick looks at", _repeated(_WORST), _MOST_S_A_TICK),
        value("g", "agent's CPU, a script prints prose without end", _share(place, _PROSE), _MOST_PERCENT),
        value("g", "agent's CPU, a script prints metrics without end", _share(place, _metrics(7)), _MOST_PERCENT),
    ]


def _prose(number: int) -> str:
    return f"{_PROSE[number % 50 :]} {_PROSE}"[:120]


def _numbers(number: int) -> str:
    text = (
        f"2024-01-01 12:00:{number % 60:02d} worker {number % 8} took {number} rows from 10.0.0.{number % 256}:8080, "
    )
    return (text + _PROSE)[:120]


def _metrics(number: int) -> str:
    return f"step {number}/100000 | loss {2 / (number + 1):.4f} | lr 3e-4 | 12.3 it/s"


def _cost(line: Callable[[int], str]) -> Sample:
    """Seconds a line, a sample a round."""
    data = "".join(line(number) + "\n" for number in range(_LINES)).encode()
    return Sample(tuple(_seconds(data) / _LINES for _ in range(_ROUNDS)))


def _whole(text: bytes) -> Sample:
    """Seconds for a mebibyte of this text and the end of its line."""
    return _repeated(text * ((1 << 20) // len(text)) + b"\n")


def _repeated(data: bytes) -> Sample:
    return Sample(tuple(_seconds(data) for _ in range(_ROUNDS)))


def _seconds(data: bytes) -> float:
    detector = Detector()
    begin = time.perf_counter()
    for start in range(0, len(data), _PIECE):
        for _ in detector.feed(data[start : start + _PIECE]):
            pass
    return time.perf_counter() - begin


def _share(place: Place, line: str) -> Sample:
    """The CPU time of supervisor and keeper, in percent of a core, while a script prints as fast as it can."""
    home = place.new_folder()
    run = runs.start_detached(place, home, place.write("fast.py", _FAST.format(line=line)))
    runs.wait_for_phase(run, "running")
    time.sleep(_SETTLE_S)
    agents = processes.agents(home)
    if len(agents) != 2:
        raise MeasureFailed(f"not the expected agents: {agents}")
    before, began = sum(map(processes.cpu_seconds, agents)), time.monotonic()
    time.sleep(_WINDOW_S)
    percent = (sum(map(processes.cpu_seconds, agents)) - before) / (time.monotonic() - began) * 100
    place.clear()
    return Sample((percent,), "%")
