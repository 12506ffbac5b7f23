"""Starting, stopping, terminating, waiting for and showing instances, in a sandbox."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import pytest
from aws_calls import Runctl, document, live, sweep

from account import Machine, Sandbox, describe

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def swept(empty: None, account: Sandbox) -> Iterator[None]:
    """Whatever runctl makes in the account goes after the test."""
    yield
    sweep(account)


@pytest.fixture
def made(account: Sandbox, runctl: Runctl) -> str:
    """The id of an instance called trainer, with a data volume, that can be reached."""
    words = ["t3.small", "--name", "trainer", "--volume", "2:/mnt/data", "--yes", "--wait"]
    created: str = document(runctl, "create", *words)["instance"]["id"]
    return created


def test_an_instance_is_stopped_started_and_ended(account: Sandbox, runctl: Runctl, made: str) -> None:
    assert runctl("aws", "ssh", made, "--", "sudo touch /mnt/data/kept").returncode == 0
    [stopped] = document(runctl, "stop", "trainer", "--wait")
    assert (stopped["id"], stopped["state"]) == (made, "stopped")
    assert runctl("aws", "terminate", made, stdin="y\n").returncode == 2
    [started] = document(runctl, "start", made[:8], "--wait")
    assert started["state"] == "running"
    assert runctl("aws", "ssh", made, "--", "ls /mnt/data").stdout.split()[0] == "kept"
    ended = document(runctl, "terminate", made, "--yes", "--wait")
    assert ended["instances"][0]["state"] == "terminated"
    [stays] = ended["volumes_staying"]
    assert (stays["size_gib"], stays["mount_point"]) == (2, "/mnt/data")
    assert stays["price_per_month_usd"] == pytest.approx(0.16)
    assert live(account) == []


def test_what_a_terminated_instance_leaves_is_told_with_its_cost(runctl: Runctl, made: str) -> None:
    done = runctl("aws", "terminate", "trainer", "--yes", "--wait")
    assert done.returncode == 0
    assert "2 GiB gp3, /mnt/data, $0.16 a month" in done.stderr
    assert "delete it: runctl aws ebs delete vol-" in done.stderr
    for verb in ("start", "stop", "terminate"):
        again = runctl("aws", verb, made, "--yes")
        assert again.returncode == 4
        assert f"{made} is terminated" in again.stderr
    assert document(runctl, "status", made)["state"] == "terminated"


def test_it_is_not_ended_while_a_run_is_live(account: Sandbox, runctl: Runctl, made: str) -> None:
    start_run(runctl, made)
    for verb in ("stop", "terminate"):
        done = runctl("aws", verb, made, "--yes")
        assert done.returncode == 3
        assert "a run is live: 0" in done.stderr
    assert live(account) == [made]
    assert describe(account.client("ec2"), made)["State"]["Name"] == "running"
    assert runctl("aws", "terminate", made, "--force", "--yes").returncode == 0


def start_run(runctl: Runctl, instance: str) -> None:
    """Leaves records on the instance of a run whose process goes on."""
    script = (
        "import fcntl, json, os, sys, time\n"
        "folder = os.path.expanduser('~/.runctl/runs/0gydk2w-7hx3m')\n"
        "os.makedirs(folder)\n"
        "boot = open('/proc/sys/kernel/random/boot_id').read().strip()\n"
        "state = {'run_id': '0gydk2w-7hx3m', 'phase': 'running', 'script': 'train.py', 'boot_id': boot}\n"
        "open(folder + '/state.json', 'w').write(json.dumps(state))\n"
        "lock = open(folder + '/agent.lock', 'a')\n"
        "fcntl.flock(lock, fcntl.LOCK_EX)\n"
        "os.fork() and os._exit(0)\n"
        "os.setsid()\n"
        "[os.dup2(os.open('/dev/null', os.O_RDWR), fd) for fd in range(3)]\n"
        "time.sleep(600)\n"
    )
    done = runctl("aws", "ssh", instance, "--", f"python3 -c {shlex.quote(script)}")
    assert done.returncode == 0, done.stderr


def test_one_that_can_not_be_asked_is_ended_by_force_alone(account: Sandbox, runctl: Runctl, made: str) -> None:
    document(runctl, "status", made)
    account("fault", "add", "cut", f"instance={made}")
    done = runctl("aws", "terminate", made, "--yes")
    assert done.returncode == 3
    assert "can't be reached" in done.stderr and "--force" in done.stderr
    assert runctl("aws", "terminate", made, "--yes", "--force", "--wait").returncode == 0
    assert live(account) == []


def test_one_that_is_protected_is_ended_by_force_alone(account: Sandbox, runctl: Runctl, made: str) -> None:
    account.client("ec2").modify_instance_attribute(InstanceId=made, DisableApiTermination={"Value": True})
    assert document(runctl, "status", made)["protected"]
    done = runctl("aws", "terminate", made, "--yes")
    assert done.returncode == 3
    assert "protected against termination" in done.stderr
    assert runctl("aws", "terminate", made, "--yes", "--force", "--wait").returncode == 0


def test_what_others_made_is_left_alone(account: Sandbox, instance: Machine, runctl: Runctl) -> None:
    for verb in ("stop", "terminate"):
        done = runctl("aws", verb, instance.id, "--yes")
        assert done.returncode == 3
        assert "was not made by runctl" in done.stderr
    assert describe(account.client("ec2"), instance.id)["State"]["Name"] == "running"


def test_a_spot_instance_can_not_be_stopped(account: Sandbox, runctl: Runctl) -> None:
    spot = document(runctl, "create", "t3.small", "--spot", "--yes")["instance"]["id"]
    done = runctl("aws", "stop", spot, "--force")
    assert done.returncode == 3
    assert f"runctl aws terminate {spot}" in done.stderr
    assert live(account) == [spot]


def test_waiting_ends_when_it_is_so_or_never_will_be(runctl: Runctl, made: str) -> None:
    assert document(runctl, "wait", made)["reached"]
    assert document(runctl, "wait", made, "--for", "running")["state"] == "running"
    assert not document(runctl, "wait", made, "--for", "stopped", "--timeout", "0.5s", code=101)["reached"]
    assert runctl("aws", "terminate", made, "--yes").returncode == 0
    assert document(runctl, "wait", made, "--for", "terminated")["reached"]
    assert runctl("aws", "wait", made, "--for", "running").returncode == 5


@pytest.mark.parametrize("text", ["nobody", "i-00000000000000000", "i-0000", "*", "", "\x1b[2J"])
def test_a_word_that_means_no_instance_is_not_found(account: Sandbox, runctl: Runctl, text: str) -> None:
    for verb in ("status", "stop", "terminate", "start", "wait"):
        done = runctl("aws", verb, text)
        assert done.returncode == 4, done.stderr
        assert "there is no instance" in done.stderr
        assert "\x1b" not in done.stderr


def test_when_one_of_several_does_not_exist_nothing_is_done(account: Sandbox, runctl: Runctl, made: str) -> None:
    assert runctl("aws", "terminate", made, "nobody", "--yes", "--force").returncode == 4
    assert live(account) == [made]
