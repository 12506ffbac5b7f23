"""(d) The CPU time that an agent takes while its script sleeps."""

from __future__ import annotations

import subprocess
import time

from bench import processes, runs
from bench.figures import Row, Sample, value
from bench.place import Place
from bench.timing import MeasureFailed

_SETTLE_S = 3.0
_WINDOW_S = 30.0
_MOST_PERCENT = 0.5
_SLEEPER = "import time\ntime.sleep(3600)\n"


def measure(place: Place) -> list[Row]:
    script = place.write("sleeper.py", _SLEEPER)
    alone, watched = place.new_folder(), place.new_folder()
    runs.wait_for_phase(runs.start_detached(place, alone, script), "running")
    client = subprocess.Popen(
        [place.runctl, "local", str(script)],
        env=place.environment(watched),
        cwd=script.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with client:
        state = runs.wait_for_phase(runs.only_run(watched), "running")
        time.sleep(_SETTLE_S)
        supervising = processes.agents(alone)
        following = [pid for pid in processes.agents(watched) if processes.parent(pid) == client.pid]
        if len(supervising) != 2 or len(following) != 1 or state["agent_pid"] in following:
            raise MeasureFailed(f"not the expected agents: {supervising}, {following}")
        percent = _percent_of_a_core({"agent": supervising, "follower": following, "client": [client.pid]})
        client.kill()
    return [
        value("d", "supervisor and keeper, script asleep", percent["agent"], _MOST_PERCENT),
        value("d", "follower of a script asleep", percent["follower"]),
        value("d", "client watching a script asleep", percent["client"]),
    ]


def _percent_of_a_core(groups: dict[str, list[int]]) -> dict[str, Sample]:
    def used() -> dict[str, float]:
        return {name: sum(map(processes.cpu_seconds, pids)) for name, pids in groups.items()}

    before, began = used(), time.monotonic()
    time.sleep(_WINDOW_S)
    after, seconds = used(), time.monotonic() - began
    return {name: Sample(((after[name] - before[name]) / seconds * 100,), "%") for name in groups}
