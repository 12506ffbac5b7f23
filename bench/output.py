"""(c) A script that prints 1 GiB, and the memory of the agent meanwhile."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench import processes, runs
from bench.figures import Row, Sample, ratio, value
from bench.place import Place
from bench.timing import MeasureFailed, interleaved, timed

_ROUNDS = 7
_LINE_ROUNDS = 3
_GIB = 1 << 30
_FREE_NEEDED = 4 * _GIB
_MOST_OF_FILE = 1.15
_MOST_MIB = 40.0
_SAMPLE_S = 0.01
_FIND_S = 0.05
# runctl sets it for every script
_UNBUFFERED = {"PYTHONUNBUFFERED": "1"}
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
    if shutil.disk_usage(place.folder).free < _FREE_NEEDED:
        raise MeasureFailed(f"{place.folder}: less than {_FREE_NEEDED >> 30} GiB are free on this disk")
    blocks, lines = place.write("blocks.py", _BLOCKS), place.write("lines.py", _LINES)
    detached = [_Detached(place, script) for script in (blocks, lines)]
    foreground = [_Foreground(place, script) for script in (blocks, lines)]
    return [
        *_block_rows(place, blocks, detached[0], foreground[0]),
        *_line_rows(place, lines, detached[1], foreground[1]),
        value("c", "peak RSS of supervisor or keeper", _highest(detached), _MOST_MIB),
        value("c", "peak RSS of supervisor, keeper or follower", _highest(foreground), _MOST_MIB),
    ]


class _Measured:
    """A script under runctl, called once per measurement. Keeps the scripts' own durations, as their runs record
    them, and the agents' peaks of memory."""

    def __init__(self, place: Place, script: Path) -> None:
        self.place = place
        self.script = script
        self.durations: list[float] = []
        self.peaks_mib: list[float] = []

    def script_only(self, rounds: int) -> Sample:
        """The scripts' durations in seconds, those of the last `rounds` calls."""
        return Sample(tuple(self.durations[-rounds:]))

    def _keep(self, run: Path, memory: _Memory) -> None:
        if not memory.peak_mib:
            raise MeasureFailed("no agent was seen while the script printed")
        _check_size(run / "output.log")
        self.durations.append(runs.wait_for_phase(run, "finished")["duration_s"])
        self.peaks_mib.append(memory.peak_mib)


class _Detached(_Measured):
    """`runctl local --detach`, from the command's start to the run's end."""

    def __call__(self) -> float:
        home = _fresh(self.place)
        begin = time.perf_counter()
        with _Memory(home) as memory:
            run = runs.start_detached(self.place, home, self.script)
            runs.wait_for_phase(run, "finished")
            seconds = time.perf_counter() - begin
        self._keep(run, memory)
        shutil.rmtree(home)
        return seconds


class _Foreground(_Measured):
    """`runctl local` whose output goes to a file."""

    def __call__(self) -> float:
        home = _fresh(self.place)
        command = [self.place.runctl, "local", str(self.script)]
        with (home / "out").open("wb") as target, _Memory(home) as memory:
            seconds = timed(command, self.place.environment(home), self.script.parent, stdout=target)
        _check_size(home / "out")
        self._keep(runs.only_run(home), memory)
        shutil.rmtree(home)
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
            if time.monotonic() - looked_at > _FIND_S:
                pids, looked_at = processes.agents(self._home), time.monotonic()
            for pid in pids:
                self.peak_mib = max(self.peak_mib, processes.peak_rss_mib(pid) or 0.0)


def _highest(measured: Sequence[_Measured]) -> Sample:
    return Sample((max(peak for one in measured for peak in one.peaks_mib),), "MiB")


def _to_file(place: Place, script: Path, variables: dict[str, str]) -> float:
    home = _fresh(place)
    with (home / "out").open("wb") as target:
        environment = {**place.environment(home), **variables}
        seconds = timed([place.python, str(script)], environment, script.parent, stdout=target)
    _check_size(home / "out")
    shutil.rmtree(home)
    return seconds


def _written_twice(place: Place, script: Path) -> float:
    """The script into a file and that file into another: what two copies on the disk cost without runctl."""
    home = _fresh(place)
    with (home / "out").open("wb") as target:
        environment = {**place.environment(home), **_UNBUFFERED}
        seconds = timed([place.python, str(script)], environment, script.parent, stdout=target)
    with (home / "copy").open("wb") as target:
        seconds += timed(["cat", str(home / "out")], environment, script.parent, stdout=target)
    shutil.rmtree(home)
    return seconds


def _block_rows(place: Place, script: Path, detached: _Detached, foreground: _Foreground) -> list[Row]:
    samples = interleaved(
        {
            "file": partial(_to_file, place, script, _UNBUFFERED),
            "twice": partial(_written_twice, place, script),
            "detached": detached,
            "foreground": foreground,
        },
        _ROUNDS,
    )
    what, against, file = "1 GiB in 64 KiB writes", "`python script.py > file`", samples["file"]
    watched = foreground.script_only(_ROUNDS)
    return [
        ratio("c", f"{what}, detached: the script", detached.script_only(_ROUNDS), against, file, _MOST_OF_FILE),
        ratio("c", f"{what}, detached: all of it", samples["detached"], against, file, _MOST_OF_FILE),
        ratio("c", f"{what}, foreground > file: the script", watched, against, file, _MOST_OF_FILE),
        ratio("c", f"{what}, foreground > file: all of it", samples["foreground"], against, file, _MOST_OF_FILE),
        ratio(
            "c", f"{what}, foreground > file: all of it", samples["foreground"], "that, then `cat`", samples["twice"]
        ),
    ]


def _line_rows(place: Place, script: Path, detached: _Detached, foreground: _Foreground) -> list[Row]:
    samples = interleaved(
        {
            "unbuffered": partial(_to_file, place, script, _UNBUFFERED),
            "buffered": partial(_to_file, place, script, {}),
            "detached": detached,
            "foreground": foreground,
        },
        _LINE_ROUNDS,
    )
    what, unbuffered = "1 GiB in `print`s of 120 bytes", "`python -u script.py > file`"
    ours, watched, plain = samples["detached"], samples["foreground"], "`python script.py > file`"
    return [
        ratio("c", f"{what}, detached: all of it", ours, unbuffered, samples["unbuffered"], _MOST_OF_FILE),
        ratio("c", f"{what}, foreground: all of it", watched, unbuffered, samples["unbuffered"], _MOST_OF_FILE),
        ratio("c", f"{what}, detached: all of it", ours, plain, samples["buffered"]),
    ]


def _fresh(place: Place) -> Path:
    """An empty home, once the disk has taken what earlier runs wrote: none is to pay for another."""
    os.sync()
    return place.new_folder()


def _check_size(file: Path) -> None:
    size = file.stat().st_size
    if not _GIB * 0.999 < size <= _GIB:
        raise MeasureFailed(f"{file}: {size} bytes instead of a GiB")
