"""runctl as a library, and what importing or asking it for help costs."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import runctl
from runctl.core.errors import NotFoundError, RefusedError, UsageError
from runctl.runs.store import open_run, states

HEAVY = ("rich", "boto3", "botocore", "pydantic", "click", "tomlkit", "argcomplete", "asyncio", "sqlite3")


@pytest.fixture
def script(folder: Path) -> Callable[[str], str]:
    """Writes a script into the working folder. Returns its name."""

    def write(text: str) -> str:
        (folder / "train.py").write_text(text)
        return "train.py"

    return write


def loaded_by(code: str) -> set[str]:
    """The modules that are loaded when `code` has run in a fresh interpreter."""
    text = (
        f"import contextlib, io, sys\nwith contextlib.redirect_stdout(io.StringIO()):\n    {code}\nprint(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code",
    [
        "import runctl",
        "from runctl import run, Run, RunctlError, log",
        "from runctl.cli.main import main; assert main(['--help']) == 0",
        "from runctl.cli.main import main; assert main(['--version']) == 0",
        "from runctl.cli.main import main; assert main(['runs']) == 0",
        "from runctl.cli.main import main; assert main(['runs', 'list']) == 0",
        "from runctl.cli.main import main; assert main(['local', 'nowhere.py']) == 4",
    ],
)
def test_nothing_heavy_is_imported_for(code: str, home: Path) -> None:
    loaded = loaded_by(code)
    assert "runctl" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_a_script_that_only_logs_loads_almost_nothing() -> None:
    loaded = loaded_by("from runctl import log")
    assert {name for name in loaded if name.startswith("runctl")} == {"runctl", "runctl.metrics"}
    assert "argparse" not in loaded


def test_help_loads_no_command() -> None:
    loaded = loaded_by("from runctl.cli.main import main; main(['--help'])")
    assert not [name for name in loaded if name.startswith("runctl.cli.commands")]


def test_what_the_package_promises_is_there_and_nothing_else() -> None:
    assert sorted(runctl.__all__) == ["Run", "RunctlError", "log", "run"]
    for name in runctl.__all__:
        assert getattr(runctl, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = runctl.nonsense


def test_a_run_is_started_waited_for_and_read(script: Callable[[str], str], home: Path) -> None:
    name = script(
        "import os, sys, runctl\n"
        "for step in range(3):\n"
        "    runctl.log(step=step, total_steps=3, loss=1 / (step + 1))\n"
        "runctl.log(loss=float('nan'))\n"
        "print(sys.argv[1:], os.environ['A'], os.environ['TOKEN'])\n"
    )
    run = runctl.run(name, ["--x", "a b", ""], env={"A": "1"}, secrets={"TOKEN": "hunter2"}, python=sys.executable)
    state = run.wait(60)
    assert state.finished
    assert (state.outcome, state.exit_code, state.command_exit_code) == ("succeeded", 0, 0)
    assert run.logs() == b"['--x', 'a b', ''] 1 ***\n"
    points = run.metrics["loss"]
    assert [point.step for point in points] == [0, 1, 2, None]
    assert [point.value for point in points[:3]] == [1.0, 0.5, pytest.approx(1 / 3)]
    assert math.isnan(points[3].value)
    assert all(state.created_at <= point.at <= state.heartbeat_at + 1 for point in points)
    assert state.position == {"step": 2, "total_steps": 3}
    assert run.spec["env"] == {"A": "1"}
    assert run.spec["secret_names"] == ["TOKEN"]
    for file in run.folder.iterdir():
        assert b"hunter2" not in file.read_bytes()
    assert open_run(home, run.id).state().to_json() == state.to_json()
    assert [each.run_id for each in states(home, [run.id])] == [run.id]


def test_waiting_ends_at_its_limit_and_a_stop_ends_the_run(script: Callable[[str], str]) -> None:
    run = runctl.run(script("print('up', flush=True)\nimport threading\nthreading.Event().wait()"))
    state = run.wait(0)
    assert not state.finished
    assert state.command_exit_code == 101
    stopped = run.stop(grace_s=10)
    assert (stopped.outcome, stopped.signal) == ("stopped", "SIGTERM")
    assert run.stop() == stopped, "a finished run is left as it is"
    run.remove()
    assert not run.folder.exists()
    with pytest.raises(NotFoundError):
        run.state()


def test_a_failing_script_is_an_answer_not_an_exception(script: Callable[[str], str]) -> None:
    state = runctl.run(script("raise SystemExit(7)")).wait(60)
    assert (state.outcome, state.exit_code, state.reason) == ("failed", 7, "exit code 7")


def test_a_live_run_is_not_removed(script: Callable[[str], str]) -> None:
    run = runctl.run(script("import threading\nthreading.Event().wait()"))
    with pytest.raises(RefusedError, match="not finished"):
        run.remove()
    run.stop(grace_s=0)


def test_what_cannot_run_is_refused_and_leaves_nothing(script: Callable[[str], str], home: Path) -> None:
    with pytest.raises(NotFoundError):
        runctl.run("nowhere.py")
    with pytest.raises(RefusedError, match=r"train\.py:2"):
        runctl.run(script("x = 1\nx = = 2\n"))
    with pytest.raises(UsageError, match="RUNCTL_RUN_ID is set by runctl"):
        runctl.run(script(""), env={"RUNCTL_RUN_ID": "x"})
    assert not home.exists()


def test_log_outside_a_run_does_nothing_but_still_checks_its_values() -> None:
    runctl.log(step=1, loss=0.5)
    with pytest.raises(ValueError, match="could not convert"):
        runctl.log(loss="low")
    with pytest.raises(TypeError):
        runctl.log(loss=None)


def test_log_writes_whole_lines_of_what_float_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Tensor:
        def __float__(self) -> float:
            return 0.25

    path = tmp_path / "metrics.jsonl"
    monkeypatch.setenv("RUNCTL_METRICS", str(path))
    runctl.log(step=1, loss=Tensor())
    runctl.log(loss=float("inf"), done=True)
    first, second = path.read_text().splitlines()
    assert json.loads(first) == {"step": 1, "loss": 0.25}
    assert json.loads(second) == {"loss": math.inf, "done": True}
