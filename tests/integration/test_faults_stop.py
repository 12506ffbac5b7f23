"""Stopping a run at the worst moments."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import STUBBORN, WAITS, Runctl, alive, children_of, go, start, start_preparing, until, write_script

RUNCTL = [sys.executable, "-m", "runctl"]

CHATTERBOX = """
    import os
    os.write(1, b"ready\\n")
    while True:
        os.write(1, b"chatter\\n")
"""
LEAVES_STUBBORN_CHILD = """
    import signal, subprocess, sys, time
    child = subprocess.Popen([sys.executable, "stubborn.py"])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        time.sleep(1)
"""

pytestmark = pytest.mark.slow


def test_stop_while_the_environment_is_made(folder: Path, runctl: Runctl) -> None:
    run = start_preparing(runctl)

    completed = runctl("runs", "stop", run.id, "--json")

    shown = json.loads(completed.stdout)[0]
    assert (shown["outcome"], shown["exit_code"]) == ("stopped", None)
    assert shown["reason"] == "stopped before the script started"
    assert run.finished()["process"] is None
    assert run.output() == b""


def test_a_script_that_ignores_the_signal_is_killed_after_the_grace_period(folder: Path, runctl: Runctl) -> None:
    run = start(runctl, write_script(STUBBORN))
    run.printed()
    since = time.monotonic()

    runctl("runs", "stop", "--grace", "1", run.id)

    assert 1 <= time.monotonic() - since < 10
    state = run.finished()
    assert (state["outcome"], state["signal"], state["reason"]) == ("stopped", "SIGKILL", "killed by SIGKILL")
    assert run.texts() == "still running after the grace period: killed"


@pytest.mark.parametrize("text", [STUBBORN, LEAVES_STUBBORN_CHILD])
def test_a_second_stop_may_be_less_patient(folder: Path, runctl: Runctl, text: str) -> None:
    write_script(STUBBORN, "stubborn.py")
    run = start(runctl, write_script(text))
    run.printed()
    patient = subprocess.Popen([*RUNCTL, "runs", "stop", "--grace", "600", run.id], stdout=subprocess.PIPE)
    until(lambda: any("stopping" in event.get("text", "") for event in run.events("phase")), "the stop's beginning")
    if text is LEAVES_STUBBORN_CHILD:
        until(lambda: run.state()["phase"] == "saving", "the script's end")

    completed = runctl("runs", "stop", "--now", run.id)

    assert completed.returncode == 0, completed.stderr
    assert run.finished()["outcome"] == "stopped"
    with patient:
        assert patient.wait(timeout=10) == 0


def test_stop_leaves_a_finished_run_as_it_is(folder: Path, runctl: Runctl) -> None:
    run = start(runctl, write_script("raise SystemExit(5)"))
    before = run.finished()

    completed = runctl("runs", "stop", run.id)

    assert completed.returncode == 0
    assert "was finished already" in completed.stderr
    assert run.state() == before
    assert before["exit_code"] == 5


@pytest.mark.parametrize("secret", [(), ("--secret", "TOKEN")])
def test_a_script_that_never_stops_printing_can_be_stopped(
    folder: Path, runctl: Runctl, secret: tuple[str, ...]
) -> None:
    run = start(runctl, *secret, write_script(CHATTERBOX), env={"TOKEN": "hunter2-is-my-password"})
    run.printed()

    completed = runctl("runs", "stop", run.id, timeout=20)

    assert completed.returncode == 0, completed.stderr
    state = run.finished()
    assert (state["outcome"], state["signal"]) == ("stopped", "SIGTERM")


def test_a_shell_script_is_stopped_with_what_it_waits_for(folder: Path, runctl: Runctl) -> None:
    script = Path("train.sh")
    script.write_text("#!/bin/sh\nsh -c 'echo child $$; sleep 600; true'\n")
    script.chmod(0o755)
    run = start(runctl, "./train.sh")
    child = int(run.printed(r"child (\d+)\n").group(1))

    runctl("runs", "stop", run.id)

    assert run.finished()["outcome"] == "stopped"
    assert not alive(child)


def test_a_stop_that_was_interrupted_is_carried_out_all_the_same(folder: Path, runctl: Runctl) -> None:
    run = start(runctl, write_script(STUBBORN))
    run.printed()
    command = [*RUNCTL, "runs", "stop", "--grace", "1", run.id]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as impatient:
        until(lambda: Path(run.folder.stop_request).exists(), "the request")
        carried_out_by = children_of(impatient.pid)
        impatient.kill()

    assert run.finished()["outcome"] == "stopped"
    until(lambda: not any(map(alive, carried_out_by)), "the end of what the stop left")


def test_the_end_that_comes_before_the_stop_is_what_counts(folder: Path, runctl: Runctl) -> None:
    run = start(runctl, write_script(WAITS))
    run.printed()
    go()
    runctl("runs", "stop", run.id)

    state = run.finished()
    assert state["outcome"] in ("failed", "stopped")
    assert state["outcome"] == ("stopped" if state["signal"] else "failed")
