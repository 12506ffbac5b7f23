"""The agent, or whoever watches it, is killed: the run goes on, and what is said of it stays true."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support import (
    WAITS,
    Runctl,
    alive,
    children_of,
    go,
    kill,
    newest,
    parent_of,
    run_of,
    start,
    start_preparing,
    until,
    write_script,
)

from runctl.agent import keeper as keeper_module
from runctl.agent.keeper import Command, KeptScript

pytestmark = pytest.mark.slow

RUNCTL = [sys.executable, "-m", "runctl"]
KEPT_ON = "its keeper goes on in its place"

STEPS = """
    import json, os, sys, time
    print("ready")
    step = 0
    with open(os.environ["RUNCTL_METRICS"], "a", buffering=1) as file:
        while not os.path.exists("go"):
            step += 1
            file.write(json.dumps({"step": step, "loss": 1 / step}) + "\\n")
            time.sleep(0.001)
    print("steps", step)
    sys.exit(7)
"""
SECRETIVE = """
    import os, sys, time
    def tell(text):
        os.write(1, text.encode())
    tell("ready " + os.environ["TOKEN"] + "\\n")
    while not os.path.exists("go"):
        time.sleep(0.01)
    for half in (os.environ["TOKEN"][:9], os.environ["TOKEN"][9:]):
        tell(half)
        time.sleep(0.3)
    tell(" done\\n")
    sys.exit(7)
"""
WITH_CHILD = """
    import os, subprocess, sys, time
    child = subprocess.Popen(["sleep", "600"])
    print("child", child.pid)
    while not os.path.exists("go"):
        time.sleep(0.01)
    child.kill()
    sys.exit(7)
"""


def test_a_killed_client_leaves_the_run_going_on_and_no_follower_behind(folder: Path, runctl: Runctl) -> None:
    client = subprocess.Popen([*RUNCTL, "local", write_script(WAITS)], stdout=subprocess.PIPE, start_new_session=True)
    assert client.stdout is not None
    assert client.stdout.readline() == b"ready\n"
    run = newest()
    assert run is not None
    follower = children_of(client.pid)[0]

    client.kill()
    client.wait()
    client.stdout.close()

    until(lambda: not alive(follower), "the end of the follower")
    assert alive(run.script)
    assert runctl("runs", "list", "-q", "--status", "running").stdout.split() == [run.id]
    go()
    assert run.finished()["exit_code"] == 7
    assert run.output() == b"ready\ndone\n"


def test_the_keeper_takes_over_from_a_killed_supervisor(folder: Path, runctl: Runctl) -> None:
    run = start(runctl, write_script(WAITS))
    run.printed()
    supervisor, keeper = run.supervisor, run.keeper

    kill(supervisor)

    until(lambda: run.supervisor == keeper, "the keeper in the supervisor's place")
    assert json.loads(runctl("runs", "show", run.id, "--json").stdout)["agent"] == "alive"
    go()
    state = run.finished()
    assert (state["outcome"], state["exit_code"], state["reason"]) == ("failed", 7, "exit code 7")
    assert KEPT_ON in run.texts()
    assert run.output() == b"ready\ndone\n"


def test_a_run_whose_supervisor_was_killed_can_be_stopped(folder: Path, runctl: Runctl) -> None:
    run = start(runctl, write_script(WITH_CHILD))
    child = int(run.printed(r"child (\d+)\n").group(1))
    kill(run.supervisor)

    stopped = runctl("runs", "stop", run.id, "--json")

    assert json.loads(stopped.stdout)[0]["outcome"] == "stopped", stopped.stderr
    assert not alive(child)
    run.without_agent()


def test_no_metric_is_lost_or_doubled_when_the_supervisor_is_killed(folder: Path, runctl: Runctl) -> None:
    run = start(runctl, write_script(STEPS))
    until(lambda: len(run.events("metric")) > 100, "some metrics")
    seen = len(run.events("metric"))

    kill(run.supervisor)

    until(lambda: KEPT_ON in run.texts(), "the keeper in the supervisor's place")
    until(lambda: len(run.events("metric")) > seen + 300, "more metrics")
    go()
    state = run.finished()
    steps = int(run.printed(r"steps (\d+)").group(1))
    assert [event["step"] for event in run.events("metric")] == list(range(1, steps + 1))
    assert state["position"] == {"step": steps}


def test_secrets_stay_hidden_when_the_supervisor_is_killed(folder: Path, runctl: Runctl) -> None:
    run = start(runctl, "--secret", "TOKEN", write_script(SECRETIVE), env={"TOKEN": "hunter2-is-my-password"})
    run.printed(r"ready \*\*\*\n")

    kill(run.supervisor)

    until(lambda: KEPT_ON in run.texts(), "the keeper in the supervisor's place")
    go()
    assert run.finished()["exit_code"] == 7
    assert run.output() == b"ready ***\n*** done\n"


def test_the_exit_code_is_known_though_the_keeper_was_killed(folder: Path, runctl: Runctl) -> None:
    run = start(runctl, write_script(WAITS))
    run.printed()

    kill(run.keeper)

    until(lambda: parent_of(run.script) == run.supervisor, "the script adopted by the supervisor")
    go()
    state = run.finished()
    assert (state["outcome"], state["exit_code"], state["reason"]) == ("failed", 7, "exit code 7")


def test_the_exit_code_is_known_though_the_script_ended_before_the_killed_keeper_saw_it(
    folder: Path, runctl: Runctl
) -> None:
    run = start(runctl, write_script(WAITS))
    run.printed()
    keeper, script = run.keeper, run.script
    os.kill(keeper, signal.SIGSTOP)
    go()
    until(lambda: not alive(script), "the end of the script")

    kill(keeper)

    assert run.finished()["exit_code"] == 7


def test_the_exit_code_is_known_though_the_supervisor_was_killed_before_it_heard_of_it(
    folder: Path, runctl: Runctl
) -> None:
    run = start(runctl, write_script(WAITS))
    run.printed()
    supervisor, keeper = run.supervisor, run.keeper
    os.kill(supervisor, signal.SIGSTOP)
    go()
    until(lambda: not alive(keeper), "the end of the keeper")

    kill(supervisor)

    shown = json.loads(runctl("runs", "show", run.id, "--json").stdout)
    assert (shown["outcome"], shown["exit_code"]) == ("failed", 7)
    assert "exit code 7" in shown["reason"]
    assert "agent was killed" in shown["reason"]


def test_a_script_that_lost_its_whole_agent_is_listed_so_and_its_end_is_not_guessed(
    folder: Path, runctl: Runctl
) -> None:
    run = start(runctl, write_script(WAITS))
    run.printed()
    script = run.script

    kill(run.supervisor, run.keeper)

    assert "running (agent lost)" in runctl("runs", "list").stdout
    assert alive(script)
    assert runctl("runs", "remove", "--yes", run.id).returncode == 3
    go()
    until(lambda: not alive(script), "the end of the script")
    assert run.output() == b"ready\ndone\n"
    shown = json.loads(runctl("runs", "list", "--json").stdout)[0]
    assert (shown["outcome"], shown["exit_code"], shown["signal"]) == ("failed", None, None)
    assert "nobody saw how the script ended" in shown["reason"]
    assert not os.path.exists(run.folder.reserve), "the room kept for the last records was not given back"


def test_whoever_follows_a_run_that_lost_its_agent_sees_its_end(folder: Path, runctl: Runctl) -> None:
    run = start(runctl, write_script(WAITS))
    run.printed()
    kill(run.supervisor, run.keeper)
    follower = subprocess.Popen([*RUNCTL, "runs", "logs", "--follow", run.id], stdout=subprocess.PIPE)
    assert follower.stdout is not None
    assert follower.stdout.readline() == b"ready\n"

    go()

    with follower:
        assert follower.stdout.read() == b"done\n"
    assert follower.returncode == 100


def test_stop_ends_a_script_that_lost_its_agent_and_all_its_children(folder: Path, runctl: Runctl) -> None:
    run = start(runctl, write_script(WITH_CHILD))
    child = int(run.printed(r"child (\d+)\n").group(1))
    script = run.script
    kill(run.supervisor, run.keeper)

    stopped = runctl("runs", "stop", run.id, "--json")

    assert stopped.returncode == 0, stopped.stderr
    assert not alive(script)
    assert not alive(child)
    shown = json.loads(stopped.stdout)[0]
    assert shown["outcome"] == "stopped"
    assert "nobody saw how the script ended" in shown["reason"]


def test_an_agent_killed_while_it_prepares_leaves_a_failed_run_and_no_installer(folder: Path, runctl: Runctl) -> None:
    run = start_preparing(runctl)
    installers = children_of(run.state()["agent_pid"])
    assert installers

    kill(run.state()["agent_pid"])

    shown = json.loads(runctl("runs", "show", run.id, "--json").stdout)
    assert (shown["outcome"], shown["exit_code"]) == ("failed", None)
    assert shown["reason"] == "its agent was killed before the script was seen to run"
    assert not any(map(alive, installers))


def test_a_keeper_whose_supervisor_died_too_early_to_hear_of_the_script_still_has_it(folder: Path) -> None:
    report_read, report = os.pipe()
    os.close(report_read)
    output = os.open(os.devnull, os.O_WRONLY)

    script = keeper_module._start(Command(["sleep", "600"], dict(os.environ), str(folder), output), report)

    assert script is not None
    assert alive(script.identity.pid)
    os.kill(script.identity.pid, signal.SIGKILL)
    ended = until(script.poll, "its end")
    assert ended.signal == "SIGKILL"
    os.close(report)
    os.close(output)


def test_signals_that_the_caller_ignored_or_blocked_change_nothing(folder: Path, runctl: Runctl) -> None:
    def hostile() -> None:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGCHLD})

    name = write_script(
        """
        import signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))
        print("ready")
        time.sleep(600)
        """
    )
    command = [*RUNCTL, "local", "--detach", "-q", name]
    completed = subprocess.run(command, stdout=subprocess.PIPE, preexec_fn=hostile, check=True)
    run = run_of(completed.stdout.decode().strip())
    run.printed()

    runctl("runs", "stop", "--grace", "15", run.id)

    state = run.finished()
    assert (state["outcome"], state["exit_code"], state["reason"]) == ("stopped", 9, "exit code 9")


def test_a_script_that_ends_before_the_supervisor_hears_of_its_start_has_its_exit_code(folder: Path) -> None:
    class Late(KeptScript):
        def _read_line(self) -> object:
            os.waitid(os.P_PID, self._keeper, os.WEXITED | os.WNOWAIT)
            return super()._read_line()

    def take_over(script: object) -> None:
        raise AssertionError("nobody was killed")

    child = os.fork()
    if child == 0:
        try:
            output = os.open(os.devnull, os.O_WRONLY)
            command = Command(["sh", "-c", "exit 7"], dict(os.environ), str(folder), output)
            ended = until(Late(command, "exit.json", take_over).poll, "the end")
            os._exit(70 + (ended.code or 0))
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WEXITSTATUS(status) == 77
