"""(e) How long a line takes from the script's flush to the reader of runctl's stdout."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from bench import runs
from bench.figures import Row, Sample, value
from bench.place import Place
from bench.timing import MeasureFailed

_LINES = 80
_MOST_S = 0.15
# irregular intervals, the same each time: a reader that looks now and then is met at every moment of its pause
_TALKER = f"""\
import random, time
random.seed(1)
time.sleep(1)
for _ in range({_LINES}):
    time.sleep(random.uniform(0.02, 0.4))
    print(time.time_ns(), flush=True)
"""


def measure(place: Place) -> list[Row]:
    script = place.write("talker.py", _TALKER)
    home = place.new_folder()
    bare = _delays(place, home, [place.python, str(script)], script.parent)
    foreground = _delays(place, home, [place.runctl, "local", str(script)], script.parent)
    home = place.new_folder()
    run = runs.start_detached(place, home, script)
    followed = _delays(place, home, [place.runctl, "runs", "logs", "--follow", run.name], script.parent)
    return [
        value("e", "flush to screen, `runctl local`", foreground, _MOST_S),
        value("e", "flush to screen, `runctl runs logs --follow`", followed, _MOST_S),
        value("e", "flush to screen, a bare pipe", bare),
    ]


def _delays(place: Place, home: Path, command: list[str], folder: Path) -> Sample:
    """Seconds from the time that each line tells to its arrival."""
    delays = []
    with subprocess.Popen(
        command,
        env=place.environment(home),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as screen:
        assert screen.stdout is not None
        for line in screen.stdout:
            delays.append((time.time_ns() - int(line)) / 1e9)
    if screen.returncode or len(delays) != _LINES:
        raise MeasureFailed(f"{' '.join(command)}: exit code {screen.returncode}, {len(delays)} lines")
    return Sample(tuple(delays))
