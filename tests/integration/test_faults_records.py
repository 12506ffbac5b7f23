"""Records that no longer fit the machine: a clock set back, a restart, a process id that is somebody else's."""

from __future__ import annotations

import os
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import Runctl, Started, alive, kill, planned, run_of, start, until, write_script

from runctl.agent import processes, protocol
from runctl.agent.record import first_state
from runctl.agent.rundir import RunDir, write_json
from runctl.agent.supervisor import Clock, Supervisor

pytestmark = pytest.mark.slow


@pytest.fixture
def foreigner() -> Iterator[int]:
    """A process that has nothing to do with any run; it must live to the test's end."""
    environment = {"PATH": os.environ["PATH"]}
    with subprocess.Popen(["sleep", "600"], env=environment, start_new_session=True) as process:
        yield process.pid
        assert process.poll() is None, "a foreign process was ended"
        process.kill()


@pytest.fixture
def looked_at_by(runctl: Runctl) -> Callable[[str, str], dict[str, Any]]:
    """Runs `runctl runs WORD` on a run, and returns what is recorded then."""

    def look(word: str, run_id: str) -> dict[str, Any]:
        words = {"list": ["list"], "stop": ["stop", run_id, "--now"], "logs": ["logs", "--follow", run_id]}[word]
        completed = runctl("runs", *words)
        assert completed.returncode in (0, 100, 104), completed.stderr
        return run_of(run_id).state()

    return look


@pytest.mark.parametrize("word", ["list", "stop", "logs"])
def test_a_restart_interrupts_a_run_and_touches_nobody_else(
    folder: Path, runctl: Runctl, foreigner: int, looked_at_by: Callable[[str, str], dict[str, Any]], word: str
) -> None:
    run = claimed_to_run(runctl, foreigner, boot_id=str(uuid.uuid4()), started=processes.start_time(foreigner))

    state = looked_at_by(word, run.id)

    assert (state["phase"], state["outcome"]) == ("finished", "interrupted")
    assert state["reason"] == "the machine was restarted while the run was going on"
    assert (state["exit_code"], state["signal"]) == (None, None)
    assert state["ended_at"] >= state["started_at"]
    assert runctl("runs", "remove", "--yes", run.id).returncode == 0
    assert not os.path.exists(run.folder.path)


@pytest.mark.parametrize("word", ["list", "stop", "logs"])
def test_a_process_id_that_was_given_to_somebody_else_is_not_taken_for_the_script(
    folder: Path, runctl: Runctl, foreigner: int, looked_at_by: Callable[[str, str], dict[str, Any]], word: str
) -> None:
    run = claimed_to_run(runctl, foreigner, boot_id=processes.boot_id(), started="1")

    state = looked_at_by(word, run.id)

    assert (state["phase"], state["outcome"]) == ("finished", "failed")
    assert "nobody saw how the script ended" in state["reason"]
    assert runctl("runs", "remove", "--yes", run.id).returncode == 0


def test_the_exit_that_a_keeper_left_counts_after_a_restart_too(
    folder: Path, runctl: Runctl, foreigner: int, looked_at_by: Callable[[str, str], dict[str, Any]]
) -> None:
    run = claimed_to_run(runctl, foreigner, boot_id=str(uuid.uuid4()), started="1")
    write_json(run.folder.exit_record, {"code": 3, "signal": None})

    state = looked_at_by("list", run.id)

    assert (state["outcome"], state["exit_code"]) == ("failed", 3)


def test_a_clock_that_is_set_back_changes_no_duration(folder: Path, home: Path, runctl: Runctl) -> None:
    spec = planned(runctl, write_script("import time; time.sleep(0.3)"))
    run = RunDir(str(home), spec["run_id"])
    os.makedirs(run.path)
    write_json(run.spec, spec)
    write_json(run.state, first_state(spec, time.time()))
    set_back = time.monotonic() + 0.2

    def wall() -> float:
        return time.time() - (3600 if time.monotonic() > set_back else 0)

    in_other_process(lambda: Supervisor(run, {}, Clock(wall=wall)).carry_out())

    state = run.read_state()
    assert state["outcome"] == "succeeded"
    assert 0.3 <= state["duration_s"] < 3
    assert state["ended_at"] == pytest.approx(state["started_at"] + state["duration_s"], abs=0.01)
    assert [event["n"] for event in Started(run).events("phase")] == [1, 2, 3, 4]


def test_a_lost_run_does_not_end_before_it_started_though_the_clock_was_set_back(
    folder: Path, runctl: Runctl, looked_at_by: Callable[[str, str], dict[str, Any]]
) -> None:
    run = start(runctl, write_script("import time; print('ready'); time.sleep(600)"))
    run.printed()
    script = run.script
    kill(run.supervisor, run.keeper)
    kill(script)
    state = run.state()
    write_json(run.folder.state, {**state, "heartbeat_at": state["started_at"] - 3600})

    state = looked_at_by("list", run.id)

    assert state["ended_at"] >= state["started_at"]
    assert state["duration_s"] == 0


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", "\0" * 500])
def test_a_damaged_record_is_left_out_of_the_list_and_named(folder: Path, runctl: Runctl, damage: str) -> None:
    good = start(runctl, write_script("print('hello')"))
    good.finished()
    bad = start(runctl, "train.py")
    bad.finished()
    Path(bad.folder.state).write_text(damage)

    assert runctl("runs", "list", "-q").stdout.split() == [good.id]
    shown = runctl("runs", "show", bad.id)
    assert shown.returncode == 1
    assert "Traceback" not in shown.stderr

    assert runctl("runs", "remove", bad.id, "--yes").returncode == 0
    assert not Path(bad.folder.path).exists()


def claimed_to_run(runctl: Runctl, pid: int, *, boot_id: str, started: str | None) -> Started:
    """A run whose records say that it runs, as process `pid`; no agent looks after it."""
    run = start(runctl, write_script("print('hello')"))
    state = run.finished()
    os.unlink(run.folder.exit_record)
    claim = {"phase": protocol.RUNNING, "outcome": None, "boot_id": boot_id}
    write_json(run.folder.state, {**state, **claim, "process": {"pid": pid, "started": started}})
    return run


def in_other_process(work: Callable[[], None]) -> None:
    """Calls a function in a forked process, as the agent is one, and waits for its end."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    until(lambda: os.waitpid(pid, os.WNOHANG)[0] == pid, "the end of the forked process")
    assert not alive(pid)
