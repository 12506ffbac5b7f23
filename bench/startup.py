"""(a) How long `runctl --help` and `runctl --version` take, and what they import."""

from __future__ import annotations

import subprocess
from functools import partial
from pathlib import Path

from bench.figures import Row, Sample, ratio, value
from bench.place import Place
from bench.timing import interleaved, timed

_ROUNDS = 31
_HEAVY = {"rich", "boto3", "pydantic"}
_MOST_OF_TORCHX = 0.4


def measure(place: Place) -> list[Row]:
    home = place.new_folder()
    ours, theirs = place.environment(home), place.environment(home, place.peers_bin)
    torchx = [str(place.peers_bin / "torchx"), "--help"]
    samples = interleaved(
        {
            "help": partial(timed, [place.runctl, "--help"], ours, home, "usage: runctl"),
            "version": partial(timed, [place.runctl, "--version"], ours, home, "runctl "),
            "bare": partial(timed, [place.python, "-c", "pass"], ours, home),
            "torchx": partial(timed, torchx, theirs, home, "usage: torchx"),
        },
        _ROUNDS,
    )
    rows = []
    for name in ("help", "version"):
        rows.append(
            ratio("a", f"`runctl --{name}`", samples[name], "`torchx --help`", samples["torchx"], _MOST_OF_TORCHX)
        )
        rows.append(ratio("a", f"`runctl --{name}`", samples[name], "`python -c pass`", samples["bare"]))
    for name in ("help", "version"):
        heavy = float(len(_imported(place, home, f"--{name}") & _HEAVY))
        what = f"`runctl --{name}`: rich, boto3, pydantic imported"
        rows.append(value("a", what, Sample((heavy,), "modules"), limit=0))
    return rows


def _imported(place: Place, home: Path, option: str) -> set[str]:
    """The top-level modules that a command imports, as the interpreter itself reports them."""
    done = subprocess.run(
        [place.python, "-X", "importtime", place.runctl, option],
        env=place.environment(home),
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}
