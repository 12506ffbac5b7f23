"""(f) `runs list` with many finished runs."""

from __future__ import annotations

import itertools
import json
from functools import partial
from pathlib import Path

from bench import runs
from bench.figures import Row, ratio
from bench.place import Place
from bench.timing import interleaved, timed

_RUNS = 10_000
_ROUNDS = 21
_MOST_OF_VERSION = 3.0
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # those of run ids


def measure(place: Place) -> list[Row]:
    script = place.write("hello.py", 'print("hello")\n')
    home = place.new_folder()
    real = runs.start_detached(place, home, script)
    runs.wait_for_phase(real, "finished")
    _copy_many(real)
    environment = place.environment(home)

    def run(expected: str, *words: str) -> partial[float]:
        return partial(timed, [place.runctl, *words], environment, script.parent, expected)

    samples = interleaved(
        {
            "version": run("runctl ", "--version"),
            "list": run(f"30 of {_RUNS} runs", "runs", "list"),
            "all": run("succeeded", "runs", "list", "--all"),
        },
        _ROUNDS,
    )
    version, against = samples["version"], "`runctl --version`"
    return [
        ratio("f", f"`runctl runs list`, {_RUNS:,} runs", samples["list"], against, version, _MOST_OF_VERSION),
        ratio("f", f"`runctl runs list --all`, {_RUNS:,} runs", samples["all"], against, version),
    ]


def _copy_many(real: Path) -> None:
    """Makes the run one of `_RUNS`, all alike but for their ids, which tell different times."""
    names = {path.name: path.read_bytes() for path in real.iterdir()}
    head, tail = real.name[:4], real.name[7:]
    others = (f"{head}{''.join(digits)}{tail}" for digits in itertools.product(_DIGITS, repeat=3))
    for run_id in itertools.islice((other for other in others if other != real.name), _RUNS - 1):
        folder = real.with_name(run_id)
        folder.mkdir(mode=0o700)
        for name, data in names.items():
            (folder / name).write_bytes(data)
        for name in ("spec.json", "state.json"):
            document = json.loads(names[name])
            (folder / name).write_text(json.dumps({**document, "run_id": run_id}, indent=1) + "\n")
