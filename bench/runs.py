"""Runs started for measuring: found and awaited through their folders, without runctl's own code."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

from bench.place import Place
from bench.timing import MeasureFailed

_POLL_S = 0.005
_LONGEST_S = 300.0


def start_detached(place: Place, home: Path, script: Path) -> Path:
    """Starts a script with `runctl local --detach`. Returns the run's folder."""
    command = [place.runctl, "local", str(script), "--detach", "--quiet"]
    done = subprocess.run(
        command,
        env=place.environment(home),
        cwd=script.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise MeasureFailed(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
    return home / "runctl" / "runs" / done.stdout.strip()


def wait_for_phase(run: Path, phase: str) -> dict[str, Any]:
    """Waits until a run is in `phase`. Returns its state. Raises MeasureFailed when it ends badly, or never comes."""
    deadline = time.monotonic() + _LONGEST_S
    while time.monotonic() < deadline:
        state: dict[str, Any] = json.loads((run / "state.json").read_bytes())
        if state["phase"] == "finished" and state["outcome"] != "succeeded":
            raise MeasureFailed(f"{run}: {state['outcome']}: {state['reason']}")
        if state["phase"] == phase:
            return state
        time.sleep(_POLL_S)
    raise MeasureFailed(f"{run}: not {phase} after {_LONGEST_S:g} s")


def only_run(home: Path) -> Path:
    """The folder of the one run under `home`, waited for until it is there."""
    deadline = time.monotonic() + _LONGEST_S
    while time.monotonic() < deadline:
        for state in (home / "runctl").glob("runs/*/state.json"):
            return state.parent
        time.sleep(_POLL_S)
    raise MeasureFailed(f"no run began under {home}")
