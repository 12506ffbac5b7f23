"""Interleaved runs: every command once per round, so that a busy moment of the machine meets them all."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from bench.figures import Sample

_LONGEST_S = 300.0


class MeasureFailed(Exception):
    """What was to be measured did not work; the message says what."""


def interleaved(actions: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, Sample]:
    """Calls every action once unmeasured, then `rounds` times in turn. Returns the seconds that each returned."""
    for action in actions.values():
        action()
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for number in range(rounds):
        names = list(actions)
        # each round begins elsewhere, so that none always comes after the same neighbour
        first = number % len(names)
        for name in names[first:] + names[:first]:
            seconds[name].append(actions[name]())
    return {name: Sample(tuple(values)) for name, values in seconds.items()}


def timed(
    command: list[str],
    environment: dict[str, str],
    folder: Path,
    expected: str = "",
    stdout: IO[bytes] | None = None,
) -> float:
    """Runs a command from its start to its end. Returns wall-clock seconds.

    Raises MeasureFailed when it fails or `expected` is not in its output, which a `stdout` given keeps unread.
    """
    begin = time.perf_counter()
    done = subprocess.run(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if stdout is None else stdout,
        stderr=subprocess.PIPE,
        timeout=_LONGEST_S,
    )
    seconds = time.perf_counter() - begin
    output = (done.stdout or b"").decode(errors="replace")
    if done.returncode or expected not in output + done.stderr.decode(errors="replace"):
        errors = done.stderr.decode(errors="replace")[-2000:]
        raise MeasureFailed(f"{' '.join(command)}: exit code {done.returncode}\n{output[-2000:]}\n{errors}")
    return seconds
