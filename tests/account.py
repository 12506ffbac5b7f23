"""Fixtures for tests in a sandbox: an AWS account in a box, one for each worker of the tests.

A plugin of tests/conftest.py, so that every folder has them.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from running import RUNCTL

REGION = "us-east-1"
UBUNTU = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"


class Sandbox:
    """A sandbox that is up. `variables` lead AWS's tools to it; `key` is the private half of the key pair "tests"."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.key = folder / "key"
        self.known_hosts = folder / "known_hosts"
        self.variables: dict[str, str] = {}
        self._clients: list[Any] = []

    def __call__(self, *words: str) -> Any:
        """What `runctl sandbox WORDS… --json` answers."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """How `runctl sandbox WORDS…` ends."""
        variables = {**os.environ, "RUNCTL_HOME": str(self.home)}
        return subprocess.run([*RUNCTL, "sandbox", *words], capture_output=True, text=True, env=variables)

    def client(self, service: str, region: str = REGION, **more: Any) -> Any:
        """A plain boto3 client of the account. `more` goes to boto3."""
        import boto3

        client = boto3.client(
            service,
            region_name=region,
            endpoint_url=self.variables["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.variables["AWS_SECRET_ACCESS_KEY"],
            **more,
        )
        self._clients.append(client)
        return client

    def close_clients(self) -> None:
        """Closes the connections of all clients, before Python complains of them."""
        while self._clients:
            self._clients.pop().close()

    def image(self) -> str:
        """The id of Ubuntu's AMI."""
        value: str = self.client("ssm").get_parameter(Name=UBUNTU)["Parameter"]["Value"]
        return value

    def run_instance(self, **more: Any) -> Machine:
        """A new instance that runs and answers by SSH, of the key pair "tests" and the security group that lets in
        this machine. `more` goes to RunInstances."""
        ec2 = self.client("ec2")
        asked = {"ImageId": self.image(), "InstanceType": "t3.small", "KeyName": "tests", "MinCount": 1, "MaxCount": 1}
        instance_id = ec2.run_instances(**asked, **more)["Instances"][0]["InstanceId"]
        wait_for_state(ec2, instance_id, "running")
        return self.machine(instance_id)

    def machine(self, instance_id: str) -> Machine:
        """An instance that runs, once it answers by SSH at its public address."""
        found = describe(self.client("ec2"), instance_id)
        machine = Machine(instance_id, found["PublicIpAddress"], found["Placement"]["AvailabilityZone"], self)
        until(lambda: machine.try_ssh("true").returncode == 0, f"SSH to {instance_id}")
        return machine


class Machine(NamedTuple):
    """A running instance."""

    id: str
    address: str
    zone: str
    sandbox: Sandbox

    def ssh(self, command: str) -> str:
        """What a command prints, run by plain ssh as ubuntu; it must succeed."""
        done = self.try_ssh(command)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def try_ssh(self, command: str) -> subprocess.CompletedProcess[str]:
        """How a command ends, run by plain ssh as ubuntu."""
        return subprocess.run(self._words(command), capture_output=True, text=True)

    def begin_ssh(self, command: str) -> subprocess.Popen[bytes]:
        """A command that goes on meanwhile, run by plain ssh as ubuntu."""
        return subprocess.Popen(self._words(command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def _words(self, command: str) -> list[str]:
        options = {
            "StrictHostKeyChecking": "accept-new",
            "UserKnownHostsFile": str(self.sandbox.known_hosts),
            "HostKeyAlias": self.id,
            "ConnectTimeout": "5",
            "BatchMode": "yes",
        }
        words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        return ["ssh", "-F", "none", "-i", str(self.sandbox.key), *words, f"ubuntu@{self.address}", command]


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox for all tests of this worker; taken down at the end, and then nothing of it may be left."""
    found = Sandbox(tmp_path_factory.mktemp("sandbox"))
    done = found.run("up")
    try:
        assert done.returncode == 0, done.stderr
        found.variables = found("env", "--region", REGION)["set"]
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(found.key)], check=True)
        ec2 = found.client("ec2")
        ec2.import_key_pair(KeyName="tests", PublicKeyMaterial=found.key.with_suffix(".pub").read_bytes())
        group = ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"][0]["GroupId"]
        everyone = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[everyone])
        yield found
    finally:
        # `down` itself fails when something is left
        found.close_clients()
        done = found.run("down")
    assert done.returncode == 0, done.stderr
    assert list(found.home.iterdir()) == []


@pytest.fixture
def account(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """The sandbox, to which AWS's tools and runctl are led by the environment during the test."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name, value in sandbox.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    yield sandbox
    sandbox.close_clients()


@pytest.fixture
def ec2(account: Sandbox) -> Any:
    """A plain boto3 client of EC2."""
    return account.client("ec2")


@pytest.fixture(scope="module")
def instance(sandbox: Sandbox) -> Iterator[Machine]:
    """A running instance that answers by SSH, for all tests of a file."""
    machine = sandbox.run_instance()
    yield machine
    ec2 = sandbox.client("ec2")
    ec2.terminate_instances(InstanceIds=[machine.id])
    wait_for_state(ec2, machine.id, "terminated")


@pytest.fixture
def fault(account: Sandbox) -> Iterator[Callable[..., None]]:
    """Makes something go wrong: fault("throttle", "action=RunInstances", times=2). Cleared after the test."""

    def add(name: str, *settings: str, times: int | None = None) -> None:
        account("fault", "add", name, *settings, *(["--times", str(times)] if times else []))

    yield add
    account("fault", "clear")


@pytest.fixture
def empty(account: Sandbox) -> Iterator[None]:
    """What costs money in the account is the same after the test as before."""
    until(lambda: settled(account), "the end of what other tests ended")
    before = counts(account)
    yield
    until(lambda: counts(account) == before, "the account as it was", found_instead=lambda: counts(account))


def counts(sandbox: Sandbox, region: str = REGION) -> Counter[str]:
    """How many of what costs money there are in the account."""
    ec2 = sandbox.client("ec2", region)
    instances = [each for page in ec2.describe_instances()["Reservations"] for each in page["Instances"]]
    requests = ec2.describe_spot_instance_requests()["SpotInstanceRequests"]
    return Counter(
        instances=sum(each["State"]["Name"] != "terminated" for each in instances),
        volumes=len(ec2.describe_volumes()["Volumes"]),
        snapshots=len(ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]),
        interfaces=len(ec2.describe_network_interfaces()["NetworkInterfaces"]),
        addresses=len(ec2.describe_addresses()["Addresses"]),
        spot_requests=sum(each["State"] in ("open", "active") for each in requests),
    )


def settled(sandbox: Sandbox, region: str = REGION) -> bool:
    """Whether nothing in the account is on its way to another state."""
    ec2 = sandbox.client("ec2", region)
    instances = [each for page in ec2.describe_instances()["Reservations"] for each in page["Instances"]]
    states = {each["State"]["Name"] for each in instances}
    volumes = {each["State"] for each in ec2.describe_volumes()["Volumes"]}
    return states <= {"running", "stopped", "terminated"} and volumes <= {"available", "in-use"}


def describe(ec2: Any, instance_id: str) -> Any:
    """An instance as DescribeInstances tells it."""
    return ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]


def wait_for_state(ec2: Any, instance_id: str, state: str) -> None:
    """Waits until an instance is in a state."""
    until(
        lambda: describe(ec2, instance_id)["State"]["Name"] == state,
        f"{instance_id} {state}",
        found_instead=lambda: describe(ec2, instance_id)["State"]["Name"],
    )


def until(condition: Callable[[], object], what: str, deadline_s: float = 40, found_instead: Any = str) -> Any:
    """The first true answer of `condition`; an error when it takes longer than the deadline."""
    deadline = time.monotonic() + deadline_s
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {deadline_s:g} s: {what}; {found_instead()}")
