"""Runs on another machine, seen from here: over a real sshd, with the commands that a user types."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import write_script

import sshd as real
from runctl.core.config import load
from runctl.runs import places
from runctl.runs.places import Place
from runctl.runs.plan import make_plan
from runctl.runs.remote_run import RemoteRun
from runctl.runs.spec_parts import Asked
from runctl.transport.agent_client import AgentClient
from runctl.transport.ssh import SshTransport
from sshd import INSTANCE, Sshd

pytestmark = pytest.mark.slow
Runctl = Callable[..., "subprocess.CompletedProcess[str]"]

PLACE = Place(INSTANCE, "us-east-1", None)
LOGS = (
    "import runctl\nfor step in range(3):\n    print('step', step)\n    runctl.log(step=step, loss=1.0 / (step + 1))\n"
)
WAITS = """
import os, sys, time
print("ready", flush=True)
while not os.path.exists("go"):
    time.sleep(0.01)
print("done", flush=True)
"""


@pytest.fixture
def sshd(home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sshd]:
    with real.instance(home, monkeypatch) as running:
        yield running


def begin(home: Path, sshd: Sshd, text: str, remember: bool = True) -> RemoteRun:
    """Starts a script on the machine, as `aws train` does."""
    script = write_script(text)
    config = load(Path.cwd()).override(python=sys.executable)
    spec = make_plan(Asked(script, [], {}, {}, (), {}), config).spec
    if remember:
        places.remember(home, spec["run_id"], PLACE, spec)
    AgentClient(SshTransport(sshd.target())).start(spec, {})
    return RemoteRun(spec["run_id"], home)


def finish(run: RemoteRun) -> None:
    Path("go").touch()
    assert run.wait(20).finished


def listed(runctl: Runctl, *words: str) -> list[dict[str, Any]]:
    done = runctl("runs", "list", "--json", *words)
    assert done.returncode == 0, done.stderr
    documents: list[dict[str, Any]] = json.loads(done.stdout)
    return documents


def test_a_remote_run_is_listed_shown_plotted_and_compared_as_a_local_one(
    home: Path, sshd: Sshd, runctl: Runctl
) -> None:
    first, second = begin(home, sshd, LOGS), begin(home, sshd, LOGS)
    assert first.wait(20).outcome == second.wait(20).outcome == "succeeded"
    local = runctl("local", "train.py", "-q", env={"RUNCTL_PYTHON": sys.executable}).stdout.strip()
    assert [each["run_id"] for each in listed(runctl)] == [local, second.id, first.id]
    assert [each["instance_id"] for each in listed(runctl)] == [None, INSTANCE, INSTANCE]
    shown = runctl("runs", "show", first.id).stdout
    assert re.search(rf"machine +{INSTANCE}", shown)
    assert f"{INSTANCE}:~/.runctl/runs/{first.id}" in shown
    assert "loss" in runctl("runs", "plot", first.id).stdout
    assert runctl("runs", "logs", first.id).stdout == "step 0\nstep 1\nstep 2\n"
    assert "0.333333" in runctl("runs", "compare", first.id, second.id, "--best").stdout
    points = json.loads(runctl("runs", "plot", first.id, "--json").stdout)
    assert len(points["panels"][0]["series"][0]["points"]) == 3
