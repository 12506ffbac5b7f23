"""Scripts that end badly, leave processes behind, or treat their output and folder badly."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from pathlib import Path

import pytest
from support import WAITS, Runctl, alive, go, planned, run_of, start, until, write_script

from runctl.agent import outcome
from runctl.agent.keeper import Exit
from runctl.transport.agent_client import AgentClient
from runctl.transport.local import LocalTransport

# a child in a session of its own, whose parent is gone, with an environment that says nothing
DAEMON = """
    import os, sys, time
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execve("/bin/sh", ["sh", "-c", "echo daemon $$; exec sleep 600"], {"PATH": os.environ["PATH"]})
        os._exit(0)
    os.wait()
"""
CGROUPS = ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/cgroup.subtree_control")


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGTERM", "SIGINT"])
def test_a_signal_that_kills_the_script_is_named(folder: Path, runctl: Runctl, name: str) -> None:
    script = write_script(f"import os, signal; signal.signal(15, signal.SIG_DFL); os.kill(os.getpid(), signal.{name})")

    completed = runctl("local", script, "--json")

    assert completed.returncode == 100
    shown = json.loads(completed.stdout)
    # Python turns SIGINT into KeyboardInterrupt, and then ends as a program should that it was sent to
    assert (shown["outcome"], shown["signal"], shown["exit_code"]) == ("failed", name, None)
    assert shown["reason"] == f"killed by {name}"


def test_a_script_killed_for_lack_of_memory_is_said_to_be(folder: Path, runctl: Runctl) -> None:
    group = _memory_cgroup()
    if group is None:
        # no rights to limit memory here: what the kernel says then is taken as given
        verdict = outcome.of(Exit(None, "SIGKILL"), False, oom_kills=1)
        assert verdict == ("failed", "killed by SIGKILL; the kernel ended processes for lack of memory meanwhile")
        return
    script = write_script(
        f"""
        import os
        open("{group}/cgroup.procs", "w").write(str(os.getpid()))
        hog = b"x" * (300 << 20)
        """
    )
    try:
        completed = runctl("local", script, "--json")
    finally:
        group.rmdir()

    shown = json.loads(completed.stdout)
    assert (shown["outcome"], shown["signal"]) == ("failed", "SIGKILL")
    assert shown["reason"] == "killed by SIGKILL; the kernel ended processes for lack of memory meanwhile"


def test_memory_is_not_blamed_for_a_stopped_or_successful_script() -> None:
    assert outcome.of(Exit(None, "SIGKILL"), True, oom_kills=1) == ("stopped", "killed by SIGKILL")
    assert outcome.of(Exit(0, None), False, oom_kills=1) == ("succeeded", None)
    assert outcome.of(Exit(137, None), False, oom_kills=1)[1] == (
        "exit code 137; the kernel ended processes for lack of memory meanwhile"
    )


def test_children_that_a_script_leaves_are_ended_with_it(folder: Path, runctl: Runctl) -> None:
    script = write_script('import subprocess; print("child", subprocess.Popen(["sleep", "600"]).pid)')
    run = start(runctl, script)

    state = run.finished()

    child = int(run.printed(r"child (\d+)\n").group(1))
    assert not alive(child)
    assert (state["outcome"], state["exit_code"]) == ("succeeded", 0)
    assert "left 1 processes running" in run.texts()


def test_a_daemon_with_an_empty_environment_is_ended_with_its_script(folder: Path, runctl: Runctl) -> None:
    run = start(runctl, write_script(f"{DAEMON}\n    while not os.path.exists('go'): time.sleep(0.01)\n"))
    daemon = int(run.printed(r"daemon (\d+)\n").group(1))
    go()

    assert run.finished()["exit_code"] == 0
    assert not alive(daemon)


def test_a_daemon_is_ended_by_stop(folder: Path, runctl: Runctl) -> None:
    run = start(runctl, write_script(f"{DAEMON}\n    time.sleep(600)\n"))
    daemon = int(run.printed(r"daemon (\d+)\n").group(1))

    completed = runctl("runs", "stop", run.id)

    assert completed.returncode == 0, completed.stderr
    assert run.finished()["outcome"] == "stopped"
    assert not alive(daemon)


def test_a_child_that_ignores_sigterm_is_killed_when_the_grace_period_is_over(folder: Path, runctl: Runctl) -> None:
    script = write_script(
        """
        import subprocess, sys
        code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        child.stdout.readline()
        print("child", child.pid)
        """
    )
    run = start(runctl, script, "--grace", "0.5")

    state = run.finished()

    assert not alive(int(run.printed(r"child (\d+)\n").group(1)))
    assert (state["outcome"], state["exit_code"]) == ("succeeded", 0)


@pytest.mark.parametrize("secret", [(), ("--secret", "TOKEN")])
def test_a_script_may_close_its_output_and_go_on(folder: Path, runctl: Runctl, secret: tuple[str, ...]) -> None:
    script = write_script(
        """
        import os, sys, time
        print("last words")
        os.close(1)
        os.close(2)
        while not os.path.exists("go"):
            time.sleep(0.01)
        os._exit(7)
        """
    )
    run = start(runctl, *secret, script, env={"TOKEN": "hunter2-is-my-password"})
    run.printed("last words")
    busy = _cpu_ticks(run.supervisor)
    since = time.monotonic()
    until(lambda: time.monotonic() > since + 0.5, "half a second")

    assert _cpu_ticks(run.supervisor) - busy < 20
    go()
    assert run.finished()["exit_code"] == 7
    assert run.output() == b"last words\n"


def test_output_without_a_newline_is_seen_at_once(folder: Path, runctl: Runctl) -> None:
    script = write_script(
        """
        import os, sys, time
        while not os.path.exists("go"):
            sys.stdout.write(".")
            sys.stdout.flush()
            time.sleep(0.001)
        """
    )
    run = start(runctl, "--secret", "TOKEN", script, env={"TOKEN": "hunter2-is-my-password"})

    run.printed(r"\.{200}")
    shown = runctl("runs", "logs", run.id).stdout

    assert len(shown) >= 200
    assert set(shown) == {"."}
    go()
    run.finished()


@pytest.mark.slow
@pytest.mark.parametrize("secret", [(), ("--secret", "TOKEN")])
def test_a_gigabyte_of_output_is_kept_byte_for_byte(folder: Path, runctl: Runctl, secret: tuple[str, ...]) -> None:
    script = write_script(
        """
        import os, sys, time
        block = bytes(range(256)) * 4096
        for _ in range(1024):
            os.write(1, block)
        while not os.path.exists("go"):
            time.sleep(0.01)
        """
    )
    run = start(runctl, *secret, script, env={"TOKEN": "hunter2-is-my-password"})
    size = 1 << 30
    until(lambda: os.path.exists(run.folder.output) and os.stat(run.folder.output).st_size == size, "1 GiB", 120)

    peaks = [_peak_memory_mib(pid) for pid in (run.supervisor, run.keeper)]
    go()
    assert run.finished()["outcome"] == "succeeded"
    assert max(peaks) < 40
    expected, found = hashlib.sha256(), hashlib.sha256()
    with open(run.folder.output, "rb") as file:
        for _ in range(1024):
            expected.update(bytes(range(256)) * 4096)
            found.update(file.read(1 << 20))
    assert found.digest() == expected.digest()
    os.truncate(run.folder.output, 0)


def test_a_script_may_delete_the_folder_it_runs_in(folder: Path, runctl: Runctl) -> None:
    script = write_script(
        """
        import os, shutil
        shutil.rmtree(os.getcwd())
        print("homeless")
        """
    )
    completed = runctl("local", script, "--json")
    os.chdir(folder.parent)

    assert completed.returncode == 0, completed.stderr
    run = run_of(json.loads(completed.stdout)["run_id"])
    assert run.output() == b"homeless\n"
    assert not folder.exists()


def test_a_folder_that_vanished_before_the_start_is_named(folder: Path, home: Path, runctl: Runctl) -> None:
    spec = planned(runctl, write_script("print('never')", str(folder.parent / "elsewhere.py")))
    folder.rmdir()
    os.chdir(folder.parent)

    AgentClient(LocalTransport(home)).start(spec, {})

    state = run_of(spec["run_id"]).finished()
    assert (state["outcome"], state["started_at"]) == ("failed", None)
    assert "could not be started" in state["reason"]
    assert str(folder) in state["reason"]


def test_two_runs_of_one_project_do_not_meet(folder: Path, runctl: Runctl) -> None:
    script = write_script(WAITS)
    first, second = start(runctl, script), start(runctl, script)
    first.printed()
    second.printed()

    assert runctl("runs", "stop", first.id).returncode == 0

    assert first.finished()["outcome"] == "stopped"
    assert alive(second.script)
    go()
    assert second.finished()["exit_code"] == 7
    assert second.output() == b"ready\ndone\n"


@pytest.mark.parametrize("end", ["exit", "stop"])
def test_a_run_that_a_run_started_outlives_it(folder: Path, runctl: Runctl, end: str) -> None:
    write_script(WAITS, "inner.py")
    script = write_script(
        f"""
        import subprocess, sys, time
        command = [{sys.executable!r}, "-m", "runctl", "local", "inner.py", "--detach", "-q"]
        print("inner", subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode(), flush=True)
        time.sleep({0 if end == "exit" else 600})
        """
    )
    outer = start(runctl, script)
    inner = run_of(outer.printed(r"inner (\S+)\n").group(1))
    inner.printed()

    if end == "stop":
        assert runctl("runs", "stop", outer.id).returncode == 0
    state = outer.finished()

    assert state["outcome"] == ("stopped" if end == "stop" else "succeeded")
    assert outer.texts() == ""
    assert alive(inner.script)
    assert alive(inner.supervisor)
    go()
    assert inner.finished()["exit_code"] == 7


def _memory_cgroup() -> Path | None:
    """A new control group of 60 MiB; None where this user or machine can't have one."""
    group = next((Path(name).parent for name in CGROUPS if os.access(name, os.W_OK)), None)
    if group is None:
        return None
    group = group / f"runctl-test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        return None
    for name in ("memory.limit_in_bytes", "memory.max"):
        if (group / name).exists():
            (group / name).write_text(str(60 << 20))
            swap = group / "memory.swap.max"
            if swap.exists():
                swap.write_text("0")
            return group
    group.rmdir()
    return None


def _cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _peak_memory_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
