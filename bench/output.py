"""(c) A script that prints 1 GiB, and the memory of the agent meanwhile."""

from __future__ import annotations

import os
import shutil
import threading
import time
from functools import partial
from pathlib import Path

from bench import processes, runs
from bench.figures import Row, Sample, ratio, value
from bench.place import Place
from bench.timing import MeasureFailed, interleaved, timed

_ROUNDS = 7
_GIB = 1 << 30
_MOST_OF_FILE = 1.15
_MOST_MIB = 40.0
_SAMPLE_S = 0.02
_BLOCKS = """\
import os
block = (b"x" * 127 + b"\\n") * 512
for _ in range(1 << 14):
    written = 0
    while written < len(block):
        written += os.write(1, block[written:])
"""
# 120 bytes and a newline, in as many lines as make up a GiB, as training scripts print
_LINES = """\
line = "x" * 120
for _ in range((1 << 30) // 121):
    print(line)
"""


def measure(place: Place) -> list[Row]:
    blocks, lines = place.write("blocks.py", _BLOCKS), place.write("lines.py", _LINES)
    return [*_block_rows(place, blocks), *_line_rows(place, lines)]


class _Detached:
    """A script under `runctl local --detach`, from the command's start to the run's end."""

    def __init__(self, place: Place, script: Path) -> None:
        self._place = place
        self._script = script
        self.durations: list[float] = []
        self.peaks: list[float] = []

    def __call__(self) -> float:
        home = _fresh(self._place)
        begin = time.perf_counter()
        with _Memory(home) as memory:
            run = runs.start_detached(self._place, home, self._script)
            state = runs.wait_for_phase(run, "finished")
        seconds = time.perf_counter() - begin
        _check_size(run / "output.log")
        shutil.rmtree(home)
        self.durations.append(state["duration_s"])
        self.peaks.append(memory.peak_mib)
        return seconds

    def script_only(self, rounds: int) -> Sample:
        """The script's own durations, as its runs record them."""
        return Sample(tuple(self.durations[-rounds:]))


class _Foreground:
    """A script under `runctl local` whose output goes to a file."""

    def __init__(self, place: Place, script: Path) -> None:
        self._place = place
        self._script = script
        self.peaks: list[float] = []

    def __call__(self) -> float:
        home = _fresh(self._place)
        command = [self._place.runctl, "local", str(self._script)]
        with (home / "out").open("wb") as target, _Memory(home) as memory:
            seconds = timed(command, self._place.environment(home), self._script.parent, stdout=target)
        _check_size(home / "out")
        shutil.rmtree(home)
        self.peaks.append(memory.peak_mib)
        return seconds


class _Memory:
    """The highest resident memory of any agent process under a home, looked at all the while."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.peak_mib = 0.0

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        pids: list[int] = []
        looked_at = 0.0
        while not self._over.wait(_SAMPLE_S):
            # to find them costs far more than to look at them
            if time.monotonic() - looked_at > 10 * _SAMPLE_S:
                pids, looked_at = processes.agents(self._home), time.monotonic()
            for pid in pids:
                self.peak_mib = max(self.peak_mib, processes.peak_rss_mib(pid) or 0.0)


def _to_file(place: Place, script: Path, **variables: str) -> float:
    home = _fresh(place)
    with (home / "out").open("wb") as target:
        environment = {**place.environment(home), **variables}
        seconds = timed([place.python, str(script)], environment, script.parent, stdout=target)
    _check_size(home / "out")
    shutil.rmtree(home)
    return seconds


def _block_rows(place: Place, script: Path) -> list[Row]:
    detached, foreground = _Detached(place, script), _Foreground(place, script)
    samples = interleaved(
        {
            "file": partial(_to_file, place, script, PYTHONUNBUFFERED="1"),
            "detached": detached,
            "foreground": foreground,
        },
        _ROUNDS,
    )
    peaks = Sample((max(detached.peaks),), "MiB"), Sample((max(foreground.peaks),), "MiB")
    if not all(peak.median for peak in peaks):
        raise MeasureFailed("no agent was seen while the script printed")
    what, against, file = "1 GiB in 64 KiB writes", "`python script.py > file`", samples["file"]
    own = detached.script_only(_ROUNDS)
    return [
        ratio("c", f"{what}, detached: the script's duration", own, against, file, _MOST_OF_FILE),
        ratio("c", f"{what}, detached: all of it", samples["detached"], against, file, _MOST_OF_FILE),
        ratio("c", f"{what}, foreground > file", samples["foreground"], against, file, _MOST_OF_FILE),
        value("c", "peak RSS of supervisor or keeper, detached", peaks[0], _MOST_MIB),
        value("c", "peak RSS of any agent process, follower included, foreground", peaks[1], _MOST_MIB),
    ]


def _line_rows(place: Place, script: Path) -> list[Row]:
    detached, foreground = _Detached(place, script), _Foreground(place, script)
    samples = interleaved(
        {
            "unbuffered": partial(_to_file, place, script, PYTHONUNBUFFERED="1"),
            "buffered": partial(_to_file, place, script),
            "detached": detached,
            "foreground": foreground,
        },
        3,
    )
    what, against = "1 GiB in `print`s of 120 bytes", "`python -u script.py > file`"
    return [
        ratio("c", f"{what}, detached: all of it", samples["detached"], against, samples["unbuffered"]),
        ratio("c", f"{what}, foreground > file", samples["foreground"], against, samples["unbuffered"]),
        ratio(
            "c", f"{what}, detached: all of it", samples["detached"], "`python script.py > file`", samples["buffered"]
        ),
    ]


def _fresh(place: Place) -> Path:
    """An empty home, once the disk has taken what earlier runs wrote: none is to pay for another."""
    os.sync()
    return place.new_folder()


def _check_size(file: Path) -> None:
    size = file.stat().st_size
    if not _GIB * 0.999 < size <= _GIB:
        raise MeasureFailed(f"{file}: {size} bytes instead of a GiB")
