"""`runctl runs …`, as a user's shell runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support import run_of

from runctl.agent import protocol
from runctl.agent.output import OutputTimes
from runctl.agent.record import first_state
from runctl.agent.rundir import RunDir, write_json

Runctl = Callable[..., "subprocess.CompletedProcess[str]"]

FOREVER = "print('up', flush=True)\nimport threading\nthreading.Event().wait()\n"
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + FOREVER
UNKNOWN = "zzzzzzz-zzzzz"


@pytest.fixture(autouse=True)
def shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell in which `python` is this Python."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")


@pytest.fixture
def start(folder: Path, runctl: Runctl) -> Callable[..., str]:
    """Runs a script to its end, or with --detach until it has printed something: it is read by then, and the next
    one can be written in its place. Returns the run's id."""

    def run(text: str, *options: str) -> str:
        (folder / "train.py").write_text(text)
        run_id = runctl("local", "train.py", "-q", *options).stdout.strip()
        if "--detach" in options:
            run_of(run_id).printed(".")
        return run_id

    return run


@pytest.fixture
def record(home: Path) -> Callable[..., str]:
    """Makes the folder of a finished run, without running anything. Returns its id."""

    def make(run_id: str, **fields: object) -> str:
        run = RunDir(str(home), run_id)
        os.makedirs(run.path)
        state = first_state({"run_id": run_id, "script": "train.py"}, 1.7e9)
        write_json(run.state, {**state, "phase": "finished", "outcome": "succeeded", **fields})
        return run_id

    return make


# --- list


def test_before_the_first_run_the_list_is_empty_and_says_so(runctl: Runctl, home: Path) -> None:
    done = runctl("runs", "list")
    assert (done.returncode, done.stdout) == (0, "")
    assert f"no runs under {home} yet" in done.stderr
    assert json.loads(runctl("runs", "list", "--json").stdout) == []
    assert not home.exists()


def test_runs_are_listed_newest_first_also_those_of_one_second(start: Callable[..., str], runctl: Runctl) -> None:
    ids = [start("") for _ in range(4)]
    assert runctl("runs", "list", "-q").stdout.split() == ids[::-1]
    assert runctl("runs", "show", "-q").stdout.strip() == ids[-1]


def test_the_list_shows_how_each_run_ended(start: Callable[..., str], runctl: Runctl) -> None:
    start("raise SystemExit(3)")
    start("import runctl\nrunctl.log(step=2, total_steps=4, loss=0.25)\n")
    header, second, first = runctl("runs", "list").stdout.splitlines()
    assert header.split() == ["RUN", "STATUS", "SCRIPT", "STARTED", "DURATION", "STEP", "METRICS"]
    assert "succeeded" in second
    assert "step 2/4" in second
    assert "loss 0.25" in second
    assert "failed (3)" in first


def test_the_list_is_cut_and_says_so(record: Callable[..., str], runctl: Runctl) -> None:
    for number in range(35):
        record(f"0gydk2w-000{number:02}")
    done = runctl("runs", "list", "-q")
    assert len(done.stdout.split()) == 30
    done = runctl("runs", "list")
    assert "30 of 35 runs; --all shows all" in done.stderr
    assert "0gydk2w-00034" in done.stdout.splitlines()[1]
    assert len(runctl("runs", "list", "--all", "-q").stdout.split()) == 35
    assert runctl("runs", "list", "-n", "2", "-q").stdout.split() == ["0gydk2w-00034", "0gydk2w-00033"]
    assert "0 of 35 runs" in runctl("runs", "list", "-n", "0").stderr


def test_the_list_can_be_of_one_status(record: Callable[..., str], runctl: Runctl) -> None:
    record("0gydk2w-00001")
    record("0gydk2w-00002", outcome="failed", exit_code=1)
    assert runctl("runs", "list", "--status", "failed", "-q").stdout == "0gydk2w-00002\n"
    assert "no runs that are running" in runctl("runs", "list", "--status", "running").stderr
    wrong = runctl("runs", "list", "--status", "dead")
    assert wrong.returncode == 2
    assert "succeeded" in wrong.stderr


@pytest.mark.parametrize(
    "text",
    ["", "garbage", "{}", "[]", '"text"', '{"schema": 2}', '{"schema": 1, "phase": "running"}', '{"schema": 1'],
)
def test_one_damaged_record_does_not_hide_the_others(
    record: Callable[..., str], runctl: Runctl, home: Path, text: str
) -> None:
    record("0gydk2w-00001")
    damaged = RunDir(str(home), record("0gydk2w-00002"))
    Path(damaged.state).write_text(text)
    os.mkdir(home / "runs" / "0gydk2w-00003")
    (home / "runs" / "notes.txt").touch()
    done = runctl("runs", "list", "--all")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["RUN", "0gydk2w-00001"]
    assert "1 of 3 runs; the records of the others can't be read" in done.stderr


# --- ids


def test_a_beginning_that_is_unique_is_enough(record: Callable[..., str], runctl: Runctl) -> None:
    record("0gydk2w-00001")
    record("0gydk2w-0000z")
    record("0gyzzzz-00001")
    for command in (["show"], ["logs"], ["stop"], ["remove", "--dry-run"]):
        several = runctl("runs", *command, "0gydk2w-0000")
        assert several.returncode == 2, command
        assert "is the beginning of 2 runs: 0gydk2w-0000z, 0gydk2w-00001" in several.stderr
    assert runctl("runs", "logs", "0gyz").returncode == 0
    assert (
        runctl("runs", "remove", "--dry-run", "-q", "0gyz", "0gydk2w-00001").stdout == "0gyzzzz-00001\n0gydk2w-00001\n"
    )


@pytest.mark.parametrize("command", ["show", "logs", "stop", "remove"])
@pytest.mark.parametrize("run_id", [UNKNOWN, "", "..", "/", "a\nb\x1b[2J"])
def test_an_id_that_nobody_has_is_not_found(runctl: Runctl, command: str, run_id: str) -> None:
    done = runctl("runs", command, run_id)
    assert (done.returncode, done.stdout) == (4, "")
    assert "there is no run" in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize("command", ["show", "logs"])
def test_without_an_id_and_without_a_run_the_way_to_start_one_is_said(runctl: Runctl, command: str) -> None:
    done = runctl("runs", command)
    assert done.returncode == 4
    assert "start one: runctl local train.py" in done.stderr


# --- show


def test_show_says_everything_of_secrets_only_the_names(folder: Path, runctl: Runctl) -> None:
    (folder / "train.py").write_text("import runctl\nrunctl.log(loss=float('nan'), step=1)\nraise SystemExit(3)")
    runctl("local", "train.py", "--env", "A=b c", "--secret", "TOKEN", "--", "--lr", "", env={"TOKEN": "hunter2"})
    shown = runctl("runs", "show").stdout
    for words in ("failed (3)", "exit code 3", "'--lr' ''", str(folder), "A=b c", "TOKEN", "loss", "nan"):
        assert words in shown
    document = json.loads(runctl("runs", "show", "--json").stdout)
    assert "hunter2" not in shown + json.dumps(document)
    assert document["metrics"] == {"loss": "NaN"}
    assert document["spec"]["args"] == ["--lr", ""]


# --- logs


def test_logs_are_the_bytes_that_were_printed(start: Callable[..., str]) -> None:
    data = bytes(range(256)) + b"\r\n"
    start(f"import sys\nsys.stdout.buffer.write({data!r} * 999)")
    done = subprocess.run([sys.executable, "-m", "runctl", "runs", "logs"], capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, data * 999, b"")


def test_logs_of_the_last_lines(start: Callable[..., str], runctl: Runctl) -> None:
    start("for number in range(5): print(number)")
    assert runctl("runs", "logs", "--tail", "2").stdout == "3\n4\n"
    assert runctl("runs", "logs", "-n", "2", "--follow").stdout == "3\n4\n"
    assert runctl("runs", "logs", "--tail", "0").stdout == ""
    assert runctl("runs", "logs", "--tail", "99").stdout == "0\n1\n2\n3\n4\n"
    assert json.loads(runctl("runs", "logs", "--tail", "1", "--json").stdout)["output"] == "4\n"
    assert runctl("runs", "logs", "--tail", "two").returncode == 2


def test_logs_of_the_last_while(start: Callable[..., str], runctl: Runctl, home: Path) -> None:
    run = RunDir(str(home), start("print('old')\nprint('new')"))
    assert runctl("runs", "logs", "--since", "1h").stdout == "old\nnew\n"
    os.unlink(run.output_times)
    times = OutputTimes(run)
    times.note(time.time() - 7200, len("old\n"))
    times.note(time.time() - 60, len("old\nnew\n"))
    assert runctl("runs", "logs", "--since", "1d").stdout == "old\nnew\n"
    assert runctl("runs", "logs", "--since", "1h").stdout == "new\n"
    assert runctl("runs", "logs", "--since", "30s").stdout == ""
    wrong = runctl("runs", "logs", "--since", "yesterday")
    assert wrong.returncode == 2
    assert "such as 30s, 10m, 2h or 1d" in wrong.stderr


def test_last_lines_and_last_while_are_not_mixed_silently(start: Callable[..., str], runctl: Runctl) -> None:
    start("")
    done = runctl("runs", "logs", "--since", "1h", "--tail", "3")
    assert done.returncode == 2
    assert "not allowed with" in done.stderr


def test_following_a_finished_run_ends_at_once_with_its_exit_code(start: Callable[..., str], runctl: Runctl) -> None:
    start("print('hello')\nraise SystemExit(1)")
    done = runctl("runs", "logs", "--follow")
    assert (done.returncode, done.stdout) == (100, "hello\n")
    assert "failed (1)" in done.stderr
    assert runctl("runs", "logs").returncode == 0
    as_json = runctl("runs", "logs", "--follow", "--json")
    assert (as_json.returncode, json.loads(as_json.stdout)["output"]) == (100, "hello\n")
    quiet = runctl("runs", "logs", "--follow", "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (100, "hello\n", "")


def test_following_shows_lines_as_they_come(folder: Path, start: Callable[..., str]) -> None:
    os.mkfifo(folder / "more")
    pipe = os.open(folder / "more", os.O_RDWR)
    start("print('one', flush=True)\nwith open('more') as file: print(end=file.readline(), flush=True)", "--detach")
    client = subprocess.Popen(
        [sys.executable, "-m", "runctl", "runs", "logs", "--follow"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert client.stdout is not None
    assert client.stdout.readline() == "one\n"
    os.write(pipe, b"two\n")
    assert client.stdout.readline() == "two\n"
    stdout, stderr = client.communicate(timeout=30)
    os.close(pipe)
    assert (client.returncode, stdout) == (0, "")
    assert "succeeded" in stderr


# --- stop


def test_stop_ends_a_run_and_leaves_a_finished_one_alone(start: Callable[..., str], runctl: Runctl) -> None:
    live, over = start(FOREVER, "--detach"), start("")
    done = runctl("runs", "stop", live, over)
    assert done.returncode == 0
    assert done.stdout == f"{live} stopped\n{over} succeeded\n"
    assert f"{over} was finished already" in done.stderr
    assert runctl("runs", "stop", live).stdout == f"{live} stopped\n"


def test_stop_now_kills_what_ignores_the_signal(start: Callable[..., str], runctl: Runctl) -> None:
    run_id = start(STUBBORN, "--detach", "--grace", "1h")
    begun = time.monotonic()
    [state] = json.loads(runctl("runs", "stop", run_id, "--now", "--json").stdout)
    assert (state["outcome"], state["signal"]) == ("stopped", "SIGKILL")
    assert time.monotonic() - begun < 20


def test_stop_with_a_signal_of_its_own(start: Callable[..., str], runctl: Runctl) -> None:
    run_id = start(FOREVER, "--detach")
    [state] = json.loads(runctl("runs", "stop", run_id, "--stop-signal", "usr1", "--json").stdout)
    assert (state["outcome"], state["signal"]) == ("stopped", "SIGUSR1")


@pytest.mark.parametrize("options", [["--grace", "soon"], ["--stop-signal", "NONE"]])
def test_a_wrong_option_stops_nothing(start: Callable[..., str], runctl: Runctl, options: list[str]) -> None:
    run_id = start(FOREVER, "--detach")
    done = runctl("runs", "stop", run_id, *options)
    assert done.returncode == 2
    assert options[0] in done.stderr
    assert not json.loads(runctl("runs", "show", "--json").stdout)["outcome"]
    runctl("runs", "stop", run_id, "--now")


def test_nothing_is_stopped_when_one_of_the_ids_is_unknown(start: Callable[..., str], runctl: Runctl) -> None:
    run_id = start(FOREVER, "--detach")
    assert runctl("runs", "stop", run_id, UNKNOWN).returncode == 4
    assert json.loads(runctl("runs", "show", "--json").stdout)["outcome"] is None
    runctl("runs", "stop", run_id, "--now")


# --- remove


def test_remove_asks_and_where_nobody_can_answer_refuses(record: Callable[..., str], runctl: Runctl) -> None:
    run_id = record("0gydk2w-00001")
    done = runctl("runs", "remove", run_id)
    assert done.returncode == 2
    assert "Nobody can be asked here" in done.stderr
    assert "--yes" in done.stderr
    assert runctl("runs", "list", "-q").stdout == f"{run_id}\n"


def test_remove_removes_the_records_and_not_what_the_script_wrote(
    start: Callable[..., str], runctl: Runctl, folder: Path, home: Path
) -> None:
    run_id = start("open('model.pt', 'w').close()")
    dry = runctl("runs", "remove", run_id, "--dry-run")
    assert (dry.returncode, dry.stdout) == (0, f"{run_id} would be removed\n")
    assert os.listdir(home / "runs") == [run_id]
    done = runctl("runs", "remove", run_id, run_id[:9], "--yes")
    assert (done.returncode, done.stdout) == (0, f"{run_id} removed\n")
    assert os.listdir(home / "runs") == []
    assert (folder / "model.pt").exists()
    assert runctl("runs", "remove", run_id, "--yes").returncode == 4


def test_a_live_run_is_not_removed_and_neither_are_those_named_with_it(
    start: Callable[..., str], runctl: Runctl, home: Path
) -> None:
    over, live = start(""), start(FOREVER, "--detach")
    done = runctl("runs", "remove", over, live, "--yes")
    assert done.returncode == 3
    assert f"not finished: {live}" in done.stderr
    assert f"runctl runs stop {live}" in done.stderr
    assert sorted(os.listdir(home / "runs")) == sorted([over, live])
    assert runctl("runs", "stop", live, "--now").returncode == 0


def test_every_outcome_can_be_listed(record: Callable[..., str], runctl: Runctl) -> None:
    for number, outcome in enumerate(protocol.OUTCOMES):
        record(f"0gydk2w-0000{number}", outcome=outcome)
    lines = runctl("runs", "list").stdout.splitlines()[1:]
    assert [line.split()[1] for line in lines] == list(protocol.OUTCOMES)[::-1]
