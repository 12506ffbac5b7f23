"""`runctl aws ssh`, and how an instance is reached, in a sandbox."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from account import Machine, Sandbox, until, wait_for_state
from runctl.core.aws import Account
from runctl.core.config import Config, load
from runctl.core.errors import UnreachableError
from runctl.machines.liveness import LiveRun, live_runs
from runctl.machines.reach import reach, wait_until_reachable
from runctl.providers.aws import instances
from runctl.transport.agent_client import AgentClient
from runctl.transport.resuming import follow_resuming
from runctl.transport.ssh import SshTransport

pytestmark = pytest.mark.slow
Runctl = Callable[..., "subprocess.CompletedProcess[str]"]
Fault = Callable[..., None]

COUNTS = """
import os, time
for number in range(200):
    print(number, flush=True)
    if number == 100:
        while not os.path.exists("go"):
            time.sleep(0.01)
"""
NUMBERS = b"".join(b"%d\n" % number for number in range(200))


@pytest.fixture
def key(account: Sandbox, home: Path) -> None:
    """The private half of the instances' key pair, where runctl looks for it."""
    (home / "keys").mkdir(parents=True)
    (home / "keys" / "tests").symlink_to(account.key)


@pytest.fixture
def config(account: Sandbox, key: None, tmp_path: Path) -> Config:
    return load(tmp_path)


@pytest.fixture
def machine(instance: Machine, config: Config) -> SshTransport:
    """The instance, reached."""
    cloud = Account(config)
    return reach(cloud, config, instances.get(cloud, instance.id))


@pytest.fixture
def other(account: Sandbox) -> Iterator[Machine]:
    """An instance of the test's own."""
    machine = account.run_instance(
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "the other"}]}]
    )
    yield machine
    account.client("ec2").terminate_instances(InstanceIds=[machine.id])
    wait_for_state(account.client("ec2"), machine.id, "terminated")


def run_remotely(machine: SshTransport, line: str) -> str:
    done = machine.run(["sh", "-c", line])
    assert done.code == 0, done
    return done.stdout.decode()


# --- which instance, which user


def test_an_instance_is_found_by_id_and_by_name_and_its_user_by_the_image(
    key: None, other: Machine, runctl: Runctl
) -> None:
    for name in (other.id, "the other"):
        done = runctl("aws", "ssh", name, "--", "id -un; exit 7")
        assert (done.returncode, done.stdout) == (7, "ubuntu\n"), done.stderr


@pytest.mark.parametrize("user", ["ec2-user", "ubuntu"])
def test_a_user_that_is_named_is_the_one(key: None, instance: Machine, runctl: Runctl, user: str) -> None:
    assert runctl("aws", "ssh", instance.id, "--user", user, "--", "id", "-un").stdout == f"{user}\n"


def test_a_user_who_is_not_let_in_is_named(key: None, instance: Machine, runctl: Runctl) -> None:
    done = runctl("aws", "ssh", instance.id, "--user", "nobody", "--", "true")
    assert done.returncode == 1
    assert "does not let nobody in with the key" in done.stderr


def test_another_key_is_given_by_file(account: Sandbox, instance: Machine, runctl: Runctl) -> None:
    assert runctl("aws", "ssh", instance.id, "--key", str(account.key), "--", "true").returncode == 0


def test_an_instance_that_is_not_there_is_not_found(key: None, runctl: Runctl) -> None:
    done = runctl("aws", "ssh", "i-00000000000000000", "--", "true")
    assert done.returncode == 4
    assert "there is no instance 'i-00000000000000000'" in done.stderr


def test_root_is_had_by_sudo_over_the_same_connection(machine: SshTransport) -> None:
    assert machine.sudo().run(["id", "-u"]).stdout == b"0\n"
    machine.sudo().put("of-the-user", b"x")
    assert run_remotely(machine, "stat -c %U of-the-user") == "ubuntu\n"


# --- stopped, started, ended


def test_a_stopped_instance_is_refused_and_a_started_one_is_reached_at_its_new_address(
    account: Sandbox, key: None, other: Machine, runctl: Runctl, home: Path
) -> None:
    ec2 = account.client("ec2")
    assert runctl("aws", "ssh", other.id, "--", "echo kept > note").returncode == 0
    ec2.stop_instances(InstanceIds=[other.id])
    wait_for_state(ec2, other.id, "stopped")
    done = runctl("aws", "ssh", other.id, "--", "cat note")
    assert done.returncode == 3
    assert f"hint: start it: runctl aws start {other.id}" in done.stderr
    ec2.start_instances(InstanceIds=[other.id])
    wait_for_state(ec2, other.id, "running")
    assert account.machine(other.id).address != other.address
    known = (home / "known_hosts").read_text()
    done = runctl("aws", "ssh", other.id, "--", "cat note")
    assert (done.returncode, done.stdout) == (0, "kept\n"), done.stderr
    assert (home / "known_hosts").read_text() == known


def test_a_terminated_instance_is_not_found(account: Sandbox, key: None, other: Machine, runctl: Runctl) -> None:
    assert runctl("aws", "ssh", other.id, "--", "true").returncode == 0
    account.client("ec2").terminate_instances(InstanceIds=[other.id])
    wait_for_state(account.client("ec2"), other.id, "terminated")
    done = runctl("aws", "ssh", other.id, "--", "true")
    assert done.returncode == 4
    assert f"{other.id} is terminated" in done.stderr


def test_an_instance_that_boots_is_waited_for(account: Sandbox, config: Config) -> None:
    ec2 = account.client("ec2")
    made = ec2.run_instances(ImageId=account.image(), InstanceType="t3.small", KeyName="tests", MinCount=1, MaxCount=1)[
        "Instances"
    ][0]["InstanceId"]
    wait_for_state(ec2, made, "running")
    cloud = Account(config)
    transport = wait_until_reachable(cloud, config, instances.get(cloud, made), pause=lambda seconds: time.sleep(0.05))
    assert transport.run(["hostname"]).code == 0
    ec2.terminate_instances(InstanceIds=[made])
    wait_for_state(ec2, made, "terminated")


# --- host keys


def test_a_host_key_that_changed_is_refused(
    account: Sandbox, key: None, other: Machine, runctl: Runctl, fault: Fault, home: Path, connections: Path
) -> None:
    assert runctl("aws", "ssh", other.id, "--", "true").returncode == 0
    fault("new-host-key", f"instance={other.id}")
    ec2 = account.client("ec2")
    ec2.stop_instances(InstanceIds=[other.id])
    wait_for_state(ec2, other.id, "stopped")
    ec2.start_instances(InstanceIds=[other.id])
    wait_for_state(ec2, other.id, "running")
    done = until(
        lambda: (lambda done: done if done.returncode != 6 else None)(runctl("aws", "ssh", other.id, "--", "true")),
        "an answer",
    )
    assert done.returncode == 3
    assert f"{other.id} shows another host key than before" in done.stderr
    assert f"ssh-keygen -R {other.id} -f {home / 'known_hosts'}" in done.stderr


# --- unreachable is not dead


def test_a_closed_port_is_unreachable_with_what_to_look_at(
    account: Sandbox, key: None, instance: Machine, runctl: Runctl, fault: Fault
) -> None:
    fault("cut", f"instance={instance.id}")
    done = runctl("aws", "ssh", instance.id, "--", "true")
    assert done.returncode == 6
    assert f"cannot reach {instance.id} at {instance.address} port 22: no answer; the instance itself may be well" in (
        done.stderr
    )
    assert "runctl aws setup" in done.stderr


def test_an_instance_without_a_profile_is_not_reached_by_ssm(key: None, instance: Machine, runctl: Runctl) -> None:
    done = runctl("aws", "ssh", instance.id, "--transport", "ssm", "--", "true")
    assert done.returncode == 6
    assert "Systems Manager does not see" in done.stderr


# --- runs


def spec_of(home: str) -> dict[str, Any]:
    """COUNTS as a run in the user's home folder."""
    return {
        "schema": 1,
        "client": "test",
        "run_id": "0000000-aaaaa",
        "created_at": time.time(),
        "script": "train.py",
        "kind": "python",
        "args": [],
        "hyperparams": {},
        "defaults": {},
        "command": ["train.py"],
        "root": home,
        "workdir": home,
        "environment": {"kind": "interpreter", "python": "/usr/bin/python3"},
        "env": {},
        "secret_names": [],
        "grace_s": 5,
        "stop_signal": "SIGTERM",
        "checkpoint_dirs": [],
    }


def test_a_run_goes_on_while_the_network_is_cut_and_is_followed_to_its_end(
    account: Sandbox, other: Machine, config: Config, fault: Fault
) -> None:
    cloud = Account(config)
    machine = reach(cloud, config, instances.get(cloud, other.id))
    machine.put("train.py", COUNTS.encode())
    assert live_runs(machine) == []
    client = AgentClient(machine)
    spec = spec_of("/home/ubuntu")
    client.start(spec, {})
    until(lambda: client.status([spec["run_id"]])[0]["phase"] == "running", "running")
    assert live_runs(machine) == [LiveRun(spec["run_id"], "train.py", "running")]
    lost: list[UnreachableError] = []

    def note(error: UnreachableError, pause_s: float) -> None:
        lost.append(error)
        account("fault", "clear")

    seen, cut = b"", False
    for frame in follow_resuming(client, spec["run_id"], note):
        seen += frame.payload
        if not cut and seen.endswith(b"100\n"):
            cut = True
            run_remotely(machine, "(sleep 4; touch go) > /dev/null 2>&1 &")
            fault("cut", f"instance={other.id}")
            machine.close()  # what the control connection itself does after half a minute of silence
    assert seen == NUMBERS
    assert lost
    until(lambda: live_runs(machine) == [], "its end")


# --- through Systems Manager


@pytest.fixture
def closed(account: Sandbox, key: None, runctl: Runctl) -> Iterator[str]:
    """An instance with a profile, whose port 22 is closed."""
    ec2 = account.client("ec2")
    assert runctl("aws", "setup", "--yes").returncode == 0
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    group = ec2.create_security_group(GroupName="closed", Description="nothing", VpcId=vpc)["GroupId"]
    made = ec2.run_instances(
        ImageId=account.image(),
        InstanceType="t3.small",
        MinCount=1,
        MaxCount=1,
        SecurityGroupIds=[group],
        IamInstanceProfile={"Name": "runctl-instance"},
    )["Instances"][0]["InstanceId"]
    wait_for_state(ec2, made, "running")
    yield made
    ec2.terminate_instances(InstanceIds=[made])
    wait_for_state(ec2, made, "terminated")
    ec2.delete_security_group(GroupId=group)


def test_where_the_port_is_closed_the_way_through_systems_manager_is_found(
    closed: str, config: Config, runctl: Runctl, home: Path
) -> None:
    cloud = Account(config)
    machine = wait_until_reachable(cloud, config, instances.get(cloud, closed))
    assert machine.run(["id", "-un"]).stdout == b"ubuntu\n"
    told = json.loads(runctl("aws", "ssh", closed, "--json").stdout)
    assert told["transport"] == "ssm"
    done = runctl("aws", "ssh", closed, "--", "cat; exit 7", stdin="through\n")
    assert (done.returncode, done.stdout) == (7, "through\n")
    # the host's keys came through Systems Manager: nothing was taken on trust
    assert "ssh-rsa" in (home / "known_hosts").read_text() or (home / "known_hosts").read_text().count(closed) > 1
