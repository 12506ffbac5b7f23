"""The client of a training is killed, or its connection is cut: of runs, instances and volumes there are afterwards
exactly as many as there should be, and no run ever has half of a project."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aws_calls import Runctl, document, live, sweep

from account import Machine, Sandbox, counts, until, wait_for_state
from running import RUNCTL

pytestmark = pytest.mark.slow
BUCKET = "faults-bucket"
PARTS = 4
# tells which version of the project it is, and waits where there is a file `wait` until there is one called `go`
SCRIPT = f"""
import glob, os, time
print("parts", *(open(f"part{{number}}.py").read() for number in range({PARTS})), flush=True)
while os.path.exists("wait") and not os.path.exists("go"):
    time.sleep(0.01)
os.makedirs("outputs", exist_ok=True)
with open("outputs/model", "w") as file:
    file.write("trained")
print("done")
"""
# the places to which a client may come before it ends, in order
STAGES = {
    "nothing asked": "before(training, '_prepare')",
    "reached": "after(arrival, 'arrive')",
    "some sent": "flushed(before(Sending, 'send', 3))",
    "all sent": "flushed(before(Sending, 'finish'))",
    "all in place": "after(code, 'sync')",
    "to be started": "before(AgentClient, '_opened')",
    "start asked for": "after(AgentClient, '_opened')",
    "watched": "after(submission, '_opened')",
}
# runctl that signals itself at a place, or waits there: its arguments are the signal (0: wait), then runctl's own
CLIENT = """
import os, sys, time
from runctl.cli import training
from runctl.cli.main import main
from runctl.machines import code
from runctl.runs import arrival, own_machine, submission
from runctl.transport.agent_client import AgentClient, StartingClient
from runctl.transport.code_client import Sending

number, *words = sys.argv[1:]
flush = False

def here():
    if int(number):
        os.kill(os.getpid(), int(number))
    open("../here", "w").close()
    while not os.path.exists("../go-on"):
        time.sleep(0.01)

def at(place, name, number, comes_before):
    whole, calls = getattr(place, name), []
    def call(*arguments, **named):
        calls.append(1)
        if comes_before and len(calls) == number:
            flush and arguments[0].flush()
            here()
        done = whole(*arguments, **named)
        if not comes_before and len(calls) == number:
            here()
        return done
    setattr(place, name, call)

def flushed(_):
    global flush
    flush = True
def before(place, name, number=1):
    at(place, name, number, True)
def after(place, name, number=1):
    at(place, name, number, False)
"""


def client(stage: str, number: int, *words: str) -> subprocess.Popen[str]:
    """`runctl WORDS…` that comes to a stage and sends itself the signal of this number there; 0: waits there."""
    program = f"{CLIENT}\n{stage}\nsys.exit(main(words))"
    command = [sys.executable, "-c", program, str(int(number)), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def project(version: int, waits: bool = False) -> None:
    Path("train.py").write_text(SCRIPT)
    for number in range(PARTS):
        Path(f"part{number}.py").write_text(str(version))
    if waits:
        Path("wait").touch()


@pytest.fixture(scope="module")
def trainer(sandbox: Sandbox) -> Iterator[Machine]:
    machine = sandbox.run_instance()
    yield machine
    ec2 = sandbox.client("ec2")
    ec2.terminate_instances(InstanceIds=[machine.id])
    wait_for_state(ec2, machine.id, "terminated")


@pytest.fixture
def train(trainer: Machine, account: Sandbox, runctl: Runctl, folder: Path) -> Iterator[list[str]]:
    """The words that train on the instance, which has version 1 of the project. Nothing of it stays there."""
    project(1)
    words = [trainer.id, "--key", str(account.key)]
    assert runctl("aws", "sync", *words).returncode == 0
    yield ["aws", "train", *words, "train.py"]
    trainer.ssh("pkill -KILL -f 'train[.]py|agent/[0-9a-f]+[.]pyz'; rm -rf runctl .runctl")


def runs_there(machine: Machine) -> list[str]:
    return machine.ssh("ls .runctl/runs 2>/dev/null || true").split()


def until_served(machine: Machine) -> None:
    """Waits until no agent reads what somebody sends."""
    until(
        lambda: machine.try_ssh("flock -n .runctl/projects/project/lock true").returncode == 0, "the end of the agent"
    )


@pytest.mark.parametrize("stage", STAGES)
def test_after_the_client_was_killed_there_is_one_run_of_the_whole_project_or_none(
    account: Sandbox, trainer: Machine, runctl: Runctl, train: list[str], stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = counts(account)
    project(2)
    killed = client(STAGES[stage], signal.SIGKILL, *train)
    assert (killed.communicate(timeout=60), killed.returncode)[1] == -signal.SIGKILL
    assert counts(account) == before
    until_served(trainer)
    parts = trainer.ssh("cat runctl/project/part*.py")
    assert parts == str(1 if list(STAGES).index(stage) < list(STAGES).index("all in place") else 2) * PARTS
    if stage == "watched":
        until(lambda: runs_there(trainer), "the run")
    if stage not in ("start asked for", "watched"):
        assert runs_there(trainer) == []
        # what is known here of a run that never was does not get in the way
        assert runctl("runs", "list").returncode == 0
        done = runctl(*train)
        assert (done.returncode, done.stdout) == (0, f"parts {' '.join('2' * PARTS)}\ndone\n")
    elif runs_there(trainer):
        # from another computer
        monkeypatch.setenv("RUNCTL_HOME", os.environ["RUNCTL_HOME"] + "-elsewhere")
        words = [trainer.id, "--key", str(account.key)]
        until(lambda: document(runctl, "monitor", *words)[0]["phase"] == "finished", "the end of the run")
        [state] = document(runctl, "monitor", *words)
        assert state["outcome"] == "succeeded"
        assert runctl("runs", "logs", state["run_id"]).stdout == f"parts {' '.join('2' * PARTS)}\ndone\n"
    assert len(runs_there(trainer)) <= 1
    assert counts(account) == before


@contextmanager
def waiting(stage: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A client that has come to a stage, and goes on at the end of the block."""
    found = client(STAGES[stage], 0, *words)
    until(Path("../here").exists, stage, found_instead=found.poll)
    yield found
    Path("../go-on").touch()


def cut(machine: Machine) -> None:
    """Breaks every SSH connection of the instance, this one too."""
    machine.try_ssh("sudo pkill -KILL -f '^sshd[:] ubuntu|^sshd-session[:] ubuntu'")


@pytest.mark.parametrize("stage", ["some sent", "all sent", "to be started", "start asked for"])
def test_a_connection_that_is_cut_at_any_step_costs_no_run_and_doubles_none(
    trainer: Machine, runctl: Runctl, train: list[str], stage: str
) -> None:
    project(2)
    with waiting(stage, *train) as watching:
        cut(trainer)
    output, said = watching.communicate(timeout=100)
    assert "Traceback" not in said
    if "sent" in stage:
        assert watching.returncode == 6, said
        assert (runs_there(trainer), trainer.ssh("cat runctl/project/part*.py")) == ([], "1" * PARTS)
        done = runctl(*train)
        assert done.returncode == 0, done.stderr
        output = done.stdout
    else:
        assert watching.returncode == 0, said
    assert output == f"parts {' '.join('2' * PARTS)}\ndone\n"
    assert len(runs_there(trainer)) == 1


def test_a_connection_that_is_cut_while_it_trains_is_made_again_and_nothing_is_missed(
    trainer: Machine, train: list[str]
) -> None:
    project(2, waits=True)
    watching = subprocess.Popen([*RUNCTL, *train], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert watching.stdout
    first = watching.stdout.readline()
    cut(trainer)
    trainer.ssh("touch runctl/project/go")
    rest, said = watching.communicate(timeout=100)
    assert watching.returncode == 0, said
    assert first + rest == f"parts {' '.join('2' * PARTS)}\ndone\n"
    assert len(runs_there(trainer)) == 1


# --- on a machine made for it

OWN_STAGES = {
    "created": "before(own_machine, 'terminate_on_shutdown')",
    "reachable": "after(own_machine, 'make_usable')",
    "some sent": STAGES["some sent"],
    "to be started": STAGES["to be started"],
    "watched": STAGES["watched"],
}


@pytest.fixture
def results(account: Sandbox, runctl: Runctl, folder: Path) -> Iterator[Any]:
    """A bucket to which instances may write."""
    assert runctl("aws", "setup", "--yes").returncode == 0
    s3 = account.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    yield s3
    sweep(account)
    for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=found["Key"])
    s3.delete_bucket(Bucket=BUCKET)


def own(*more: str) -> list[str]:
    """The words that train on an instance made for it, which ends itself."""
    words = ["train", "train.py", "--on", "aws:t3.micro", "--output-s3", f"s3://{BUCKET}/out"]
    return [*words, "--then", "terminate", "--yes", *more]


def keys(s3: Any) -> list[str]:
    return [found["Key"] for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("stage", OWN_STAGES)
def test_after_the_client_was_killed_the_machine_made_for_a_run_ends_itself_or_is_named(
    account: Sandbox, runctl: Runctl, results: Any, stage: str
) -> None:
    project(1)
    killed = client(OWN_STAGES[stage], signal.SIGKILL, *own())
    assert (killed.communicate(timeout=120), killed.returncode)[1] == -signal.SIGKILL
    if stage == "watched":
        until(lambda: not live(account), "the end of the instance", 90, found_instead=lambda: live(account))
        assert sum(key.endswith("/files/outputs/model") for key in keys(results)) == 1
        [state] = json.loads(runctl("runs", "list", "--json").stdout)
        assert (state["outcome"], state["uploaded"]) == ("succeeded", True)
    else:
        [left] = live(account)
        assert [each["id"] for each in document(runctl, "list")] == [left]
        assert keys(results) == []
        assert runctl("aws", "terminate", left, "--yes", "--wait").returncode == 0


@pytest.mark.usefixtures("empty")
def test_a_machine_whose_run_is_refused_at_the_last_moment_is_given_back(
    account: Sandbox, runctl: Runctl, results: Any
) -> None:
    project(1)
    refusal = """
from runctl.core.errors import RefusedError
from runctl.runs.submission import Submission
def refuse(self, begin):
    begin = lambda client: refuse_there()
    return whole(self, begin)
def refuse_there():
    raise RefusedError("not today")
whole, Submission._begun = Submission._begun, refuse
"""
    for more in ([], ["--detach"]):
        refused = client(refusal, 0, *own(*more))
        _, said = refused.communicate(timeout=120)
        assert refused.returncode == 3, said
        assert "not today" in said and "taking i-" in said
        until(lambda: not live(account), "the end of the instance", found_instead=lambda: live(account))
