"""What goes wrong while an instance is created: nothing is left that nobody knows of."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from aws_calls import Runctl, document, live, shared, sweep, tags_of

from account import Sandbox, counts, describe, until
from running import RUNCTL

pytestmark = pytest.mark.slow
Fault = Callable[..., None]

# creates an instance and signals itself when the step begins whose title begins with the first argument
DRIVER = """
import os, sys
from pathlib import Path
from runctl.core import aws
from runctl.core.config import load
from runctl.machines.launch_instance import launch
from runctl.providers.aws.creation_plan import plan_creation
from runctl.providers.aws.wanted import Wanted, parse_volumes

step, number = sys.argv[1], int(sys.argv[2])
aws.MOST_ATTEMPTS = 2

def report(title):
    if number and title.startswith(step):
        os.kill(os.getpid(), number)

config = load(Path.cwd())
account = aws.Account(config)
wanted = Wanted(type="t3.small", name="trainer", volumes=parse_volumes(["2:/mnt/data", "1"]))
print(launch(account, config, plan_creation(account, config, wanted), report, lambda question: None).id)
"""
# what is reported just before a step
BEFORE = {"launch": b"prepare", "wait until it runs": b"launch", "complete": b"wait"}
STEPS = ["make a key", "prepare", "launch", "wait", "label", "count", "complete"]


@pytest.fixture(autouse=True)
def swept(empty: None, account: Sandbox) -> Iterator[None]:
    """What a test creates with success goes after it; nothing else may be left."""
    yield
    sweep(account)


def create_until(step: str, number: int) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", DRIVER, step, str(number)]
    return subprocess.run(words, capture_output=True, text=True, timeout=120)


# --- the client ends in the middle


@pytest.mark.parametrize("step", STEPS)
def test_after_ctrl_c_at_any_step_all_is_as_before(account: Sandbox, step: str) -> None:
    before = counts(account), shared(account)
    done = create_until(step, signal.SIGINT)
    assert "KeyboardInterrupt" in done.stderr
    assert (counts(account), shared(account)) == before


def test_sigterm_counts_like_ctrl_c(account: Sandbox) -> None:
    before = counts(account), shared(account)
    assert create_until("complete", signal.SIGTERM).returncode != 0
    assert (counts(account), shared(account)) == before


def test_the_command_that_is_interrupted_says_so(account: Sandbox) -> None:
    before = counts(account), shared(account)
    client = subprocess.Popen([*RUNCTL, "aws", "create", "--yes"], stderr=subprocess.PIPE, text=True)
    assert client.stderr is not None
    while "wait until it runs" not in client.stderr.readline():
        pass
    client.send_signal(signal.SIGINT)
    _, rest = client.communicate(timeout=60)
    assert client.returncode == 130
    assert "taking i-" in rest and "Traceback" not in rest
    assert (counts(account), shared(account)) == before


@pytest.mark.parametrize("title", ["launch", "wait until it runs", "complete"])
def test_when_nobody_reads_what_it_reports_any_more_all_is_taken_back(account: Sandbox, title: str) -> None:
    before = counts(account), shared(account)
    client = subprocess.Popen([*RUNCTL, "aws", "create", "t3.small", "--volume", "1", "--yes"], stderr=subprocess.PIPE)
    assert client.stderr is not None
    # the pipe is closed while the step before goes on
    while not client.stderr.readline().startswith(BEFORE[title]):
        pass
    client.stderr.close()
    assert client.wait(timeout=120) == 141
    assert (counts(account), shared(account)) == before


@pytest.mark.parametrize("step", STEPS)
def test_after_a_kill_at_any_step_what_is_left_is_told_with_the_commands_that_end_it(
    account: Sandbox, runctl: Runctl, step: str
) -> None:
    before = counts(account)
    assert create_until(step, signal.SIGKILL).returncode == -signal.SIGKILL
    listed = document(runctl, "list")
    if step in ("make a key", "prepare", "launch"):
        assert listed == []
    else:
        [left] = listed
        assert left["unfinished"]
        assert tags_of(describe(account.client("ec2"), left["id"]))["runctl:creating"]
        assert f"end it: runctl aws terminate {left['id']}" in runctl("aws", "list").stdout
    # the doctor's remedies are followed until it has none
    for _ in range(3):
        for remedy in remedies(runctl):
            words = shlex.split(remedy)[1:]
            assert runctl(*words, "--yes", *(["--wait"] if "terminate" in words else [])).returncode == 0
    assert remedies(runctl) == []
    assert counts(account) == before


def remedies(runctl: Runctl) -> list[str]:
    findings = json.loads(runctl("aws", "doctor", "--json").stdout)["findings"]
    return [found["remedy"] for found in findings if found["subject"] == "leftovers" and found["remedy"]]


def test_a_creation_after_one_that_was_killed_is_not_doubled(account: Sandbox, runctl: Runctl) -> None:
    create_until("count", signal.SIGKILL)
    done = runctl("aws", "create", "--name", "trainer", "--yes")
    assert done.returncode == 3
    [left] = live(account)
    assert f"already: {left}, whose creation was never completed" in done.stderr
    assert runctl("aws", "terminate", left, "--yes", "--wait").returncode == 0


def test_the_volumes_of_a_creation_that_was_killed_outlive_it(account: Sandbox, runctl: Runctl) -> None:
    create_until("count", signal.SIGKILL)
    [left] = live(account)
    client = account.client("ec2")
    volumes = {each["Ebs"]["VolumeId"] for each in describe(client, left)["BlockDeviceMappings"][1:]}
    # the tags can't tell whether somebody has written on them by hand since
    done = runctl("aws", "terminate", left, "--yes", "--wait")
    for volume in volumes:
        assert volume in done.stderr
    assert {each["VolumeId"] for each in client.describe_volumes()["Volumes"]} == volumes


# --- two at once


@pytest.mark.parametrize("options", [["--name", "trainer"], ["--max-instances", "1"]])
def test_of_two_at_once_that_are_one_too_many_one_stays(account: Sandbox, options: list[str]) -> None:
    words = [*RUNCTL, "aws", "create", "t3.small", "--yes", "--volume", "1", *options]
    clients = [subprocess.Popen(words, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [client.communicate(timeout=120)[1] for client in clients]
    assert sorted(client.returncode for client in clients) == [0, 3], told
    [left] = live(account)
    assert "runctl:creating" not in tags_of(describe(account.client("ec2"), left))


# --- EC2 says no


def test_without_spot_capacity_every_zone_is_tried_and_nothing_is_left(
    account: Sandbox, runctl: Runctl, fault: Fault
) -> None:
    before = counts(account), shared(account)
    fault("no-capacity", "spot=true")
    done = runctl("aws", "create", "t3.small", "--spot", "--yes")
    assert done.returncode == 5
    assert "no zone has spot capacity for t3.small" in done.stderr
    for zone in ("us-east-1a", "us-east-1b", "us-east-1f"):
        assert f"in {zone}" in done.stderr
    assert "--spot-fallback" in done.stderr
    assert (counts(account), shared(account)) == before


def test_a_zone_without_capacity_is_passed_over(account: Sandbox, runctl: Runctl, fault: Fault) -> None:
    fault("no-capacity", "zone=us-east-1a")
    made = document(runctl, "create", "t3.small", "--volume", "1", "--yes")["instance"]
    assert made["zone"] != "us-east-1a"


def test_a_zone_that_was_asked_for_is_not_exchanged_for_another(account: Sandbox, runctl: Runctl, fault: Fault) -> None:
    fault("no-capacity", "zone=us-east-1a")
    done = runctl("aws", "create", "t3.small", "--zone", "us-east-1a", "--yes")
    assert done.returncode == 5
    assert "us-east-1b" not in done.stderr
    assert live(account) == []


def test_the_fall_back_is_on_demand_with_its_price_and_leaves_no_request(
    account: Sandbox, runctl: Runctl, fault: Fault
) -> None:
    fault("no-capacity", "spot=true")
    done = runctl("aws", "create", "t3.small", "--spot", "--spot-fallback", "--volume", "1", "--yes")
    assert done.returncode == 0, done.stderr
    assert "on demand it costs $0.0208 per hour (Pricing API)" in done.stderr
    [made] = document(runctl, "list")
    assert not made["spot"]
    assert counts(account)["spot_requests"] == 0


@pytest.mark.parametrize("spot", [["--spot", "--spot-fallback"], []])
def test_a_permission_that_is_missing_is_not_shown_as_no_capacity(
    account: Sandbox, runctl: Runctl, fault: Fault, spot: list[str]
) -> None:
    before = counts(account), shared(account)
    fault("deny", "action=RunInstances")
    done = runctl("aws", "create", "t3.small", *spot, "--yes")
    assert done.returncode == 5
    assert "UnauthorizedOperation" in done.stderr
    assert "capacity" not in done.stderr
    assert (counts(account), shared(account)) == before


@pytest.mark.parametrize("action", ["DescribeInstances", "ImportKeyPair", "RunInstances", "CreateTags", "DeleteTags"])
def test_credentials_that_expire_at_any_time_leave_nothing_behind(
    account: Sandbox, runctl: Runctl, fault: Fault, action: str
) -> None:
    before = counts(account), shared(account)
    fault("expired-credentials", f"action={action}", times=1)
    done = runctl("aws", "create", "t3.small", "--volume", "1", "--yes")
    assert done.returncode == 5
    assert "sign in again" in done.stderr
    assert (counts(account), shared(account)) == before


@pytest.mark.parametrize("action", ["RunInstances", "DescribeInstances", "CreateTags"])
def test_throttled_requests_are_sent_again(account: Sandbox, runctl: Runctl, fault: Fault, action: str) -> None:
    fault("throttle", f"action={action}", times=2)
    made = document(runctl, "create", "t3.small", "--volume", "1", "--yes")["instance"]
    assert live(account) == [made["id"]]
    assert not made["unfinished"]


# --- answers are lost


def test_a_request_whose_answer_was_lost_makes_one_instance(account: Sandbox, runctl: Runctl, fault: Fault) -> None:
    fault("kill", "action=RunInstances", times=1)
    made = document(runctl, "create", "t3.small", "--volume", "1", "--yes")["instance"]
    assert live(account) == [made["id"]]


def test_an_instance_of_which_no_answer_ever_told_is_taken_back(account: Sandbox, fault: Fault) -> None:
    before = counts(account), shared(account)
    fault("kill", "action=RunInstances")
    done = create_until("", 0)
    assert done.returncode != 0
    assert "cannot create an instance" in done.stderr
    until(lambda: (counts(account), shared(account)) == before, "all as before")


def test_an_instance_that_never_comes_up_is_told_and_stays(account: Sandbox, runctl: Runctl, fault: Fault) -> None:
    fault("boot-never")
    assert document(runctl, "create", "t3.small", "--yes", "--name", "trainer")["instance"]["state"] == "running"
    done = runctl("aws", "wait", "trainer", "--timeout", "3s")
    assert done.returncode == 101
    assert "is not reachable yet" in done.stderr
    assert len(live(account)) == 1
