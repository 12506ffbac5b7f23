"""An instance whose port 22 nobody may come to, reached through Systems Manager: real ssh, real sshd, in a sandbox."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from account import REGION, Sandbox, describe, until, wait_for_state
from runctl.core.aws import Account
from runctl.core.config import load
from runctl.core.errors import CloudError, NotFoundError
from runctl.transport import ssm

pytestmark = pytest.mark.slow

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
ALLOWED = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["ssmmessages:*", "ssm:UpdateInstanceInformation"], "Resource": "*"}],
}


@pytest.fixture(scope="module")
def profile(sandbox: Sandbox) -> Iterator[str]:
    """The name of an instance profile that lets the SSM agent in."""
    name, iam = "ssm-tests", sandbox.client("iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName=name, PolicyName="agent", PolicyDocument=json.dumps(ALLOWED))
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    yield name
    iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=name)
    iam.delete_instance_profile(InstanceProfileName=name)
    iam.delete_role_policy(RoleName=name, PolicyName="agent")
    iam.delete_role(RoleName=name)


def start_closed(sandbox: Sandbox, group: str, **more: Any) -> str:
    """The id of a new running instance that nothing may come in to."""
    ec2 = sandbox.client("ec2")
    asked = {"ImageId": sandbox.image(), "InstanceType": "t3.small", "MinCount": 1, "MaxCount": 1}
    answer = ec2.run_instances(**asked, SecurityGroupIds=[group], **more)
    instance_id = str(answer["Instances"][0]["InstanceId"])
    wait_for_state(ec2, instance_id, "running")
    return instance_id


@pytest.fixture(scope="module")
def group(sandbox: Sandbox) -> Iterator[str]:
    """A security group without a rule."""
    ec2 = sandbox.client("ec2")
    found = ec2.create_security_group(GroupName="closed", Description="nothing comes in")["GroupId"]
    yield found
    ec2.delete_security_group(GroupId=found)


@pytest.fixture(scope="module")
def closed(sandbox: Sandbox, profile: str, group: str) -> Iterator[str]:
    """The id of an instance that only Systems Manager reaches, just after its start."""
    instance_id = start_closed(sandbox, group, IamInstanceProfile={"Name": profile})
    yield instance_id
    ec2 = sandbox.client("ec2")
    ec2.terminate_instances(InstanceIds=[instance_id])
    wait_for_state(ec2, instance_id, "terminated")


@pytest.fixture
def cloud(account: Sandbox, tmp_path: Path) -> Account:
    return Account(load(tmp_path, {"HOME": str(tmp_path), "RUNCTL_REGION": REGION}))


class Ssh:
    """ssh to an instance through a session, with nothing known but what `authorize` told."""

    def __init__(self, folder: Path, instance_id: str, access: ssm.Access) -> None:
        known_hosts = folder / "known_hosts"
        known_hosts.write_text("".join(f"{instance_id} {key}\n" for key in access.host_keys))
        options = {
            "ProxyCommand": shlex.join(ssm.proxy_command(REGION, None, instance_id)).replace("%", "%%"),
            "UserKnownHostsFile": str(known_hosts),
            "StrictHostKeyChecking": "yes",
            "BatchMode": "yes",
            "LogLevel": "ERROR",
        }
        words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        self.command = ["ssh", "-F", "none", "-i", str(folder / "key"), *words, f"{access.user}@{instance_id}"]

    def __call__(self, command: str, stdin: bytes = b"") -> bytes:
        done = subprocess.run([*self.command, command], input=stdin, capture_output=True)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def public_key(tmp_path: Path) -> str:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    return (tmp_path / "key.pub").read_text()


@pytest.fixture
def ssh(cloud: Account, closed: str, public_key: str, tmp_path: Path) -> Iterator[Ssh]:
    until(lambda: ssm.online(cloud, closed), "the agent's registration")
    yield Ssh(tmp_path, closed, ssm.authorize(cloud, closed, None, public_key))
    # ssh does not wait for its proxies, which have still to say goodbye
    until(lambda: subprocess.run(["pgrep", "-f", f"main.* {closed} 22"]).returncode, "the end of the proxies")


def test_ssh_comes_in_though_the_port_is_closed_and_knows_the_host_at_once(
    ssh: Ssh, closed: str, ec2: Any, account: Sandbox
) -> None:
    address = describe(ec2, closed)["PublicIpAddress"]
    with pytest.raises(OSError), socket.create_connection((address, 22), timeout=0.5):
        pass

    assert ssh("id -un") == b"ubuntu\n"


def test_a_key_is_added_once_however_often_it_is_asked_for(
    ssh: Ssh, cloud: Account, closed: str, public_key: str
) -> None:
    ssm.authorize(cloud, closed, "ubuntu", public_key)

    mine = [line for line in ssh("cat .ssh/authorized_keys").decode().splitlines() if public_key.split()[1] in line]
    assert mine == [f"{' '.join(public_key.split()[:2])} runctl"]
    assert ssh("stat -c '%a %U' .ssh .ssh/authorized_keys") == b"700 ubuntu\n600 ubuntu\n"


def test_other_keys_stay_and_a_last_line_without_an_end_is_not_joined(
    ssh: Ssh, cloud: Account, closed: str, tmp_path: Path
) -> None:
    ssh("printf '# ssh-ed25519 AAAAnew\\nssh-ed25519 AAAAold other' >> .ssh/authorized_keys")

    ssm.authorize(cloud, closed, "ubuntu", "ssh-ed25519 AAAAnew me@here")

    lines = ssh("cat .ssh/authorized_keys").decode().splitlines()
    assert lines[-3:] == ["# ssh-ed25519 AAAAnew", "ssh-ed25519 AAAAold other", "ssh-ed25519 AAAAnew runctl"]


def test_another_user_may_be_named_and_an_unknown_one_is_refused(
    ssh: Ssh, cloud: Account, closed: str, public_key: str, tmp_path: Path
) -> None:
    access = ssm.authorize(cloud, closed, "ec2-user", public_key)
    assert Ssh(tmp_path, closed, access)("id -un") == b"ec2-user\n"

    with pytest.raises(NotFoundError, match=r"no user no;such\$\(user\) on i-"):
        ssm.authorize(cloud, closed, "no;such$(user)", public_key)


def test_data_arrives_unchanged_both_ways(ssh: Ssh) -> None:
    data = os.urandom(1_000_000)

    assert ssh("tee copy | sha256sum", data).split()[0].decode() == hashlib.sha256(data).hexdigest()
    assert ssh("cat copy") == data


def test_an_outage_in_the_middle_of_a_command_is_survived(ssh: Ssh, closed: str, fault: Callable[..., None]) -> None:
    """The instance loses its network for a second; the command and its connection go on."""
    with subprocess.Popen(
        [*ssh.command, "echo begun; read line; echo $line; seq 20000"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        fault("cut", f"instance={closed}", "seconds=1")
        process.stdin.write(b"goes on\n")
        process.stdin.close()
        assert process.stdout.readline() == b"goes on\n"
        assert process.stdout.read() == b"".join(b"%d\n" % number for number in range(1, 20001))
    assert process.returncode == 0


def test_nothing_is_left_of_a_session_when_ssh_ends(ssh: Ssh, account: Sandbox) -> None:
    client = account.client("ssm")
    with subprocess.Popen([*ssh.command, "echo begun; sleep 60"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"begun\n"
        assert client.describe_sessions(State="Active")["Sessions"]
        process.kill()

    until(lambda: not client.describe_sessions(State="Active")["Sessions"], "the end of the session")


def test_an_instance_without_a_profile_is_not_reached_and_what_it_lacks_is_said(
    cloud: Account, account: Sandbox, group: str, public_key: str, empty: None
) -> None:
    instance_id = start_closed(account, group)
    try:
        assert not ssm.online(cloud, instance_id)
        with pytest.raises(CloudError, match="not connected to Systems Manager") as refused:
            ssm.authorize(cloud, instance_id, None, public_key)
        assert "instance profile with AmazonSSMManagedInstanceCore" in str(refused.value.hint)
        proxy = subprocess.run(ssm.proxy_command(REGION, None, instance_id), capture_output=True, text=True)
        assert proxy.returncode == CloudError.exit_code
        assert f"{instance_id} is not connected to Systems Manager (TargetNotConnected)" in proxy.stderr
    finally:
        account.client("ec2").terminate_instances(InstanceIds=[instance_id])
        wait_for_state(account.client("ec2"), instance_id, "terminated")


def test_commands_run_in_the_instance_as_root(account: Sandbox, closed: str, ec2: Any) -> None:
    client = account.client("ssm")
    sent = client.send_command(
        InstanceIds=[closed], DocumentName="AWS-RunShellScript", Parameters={"commands": ["id -un", "hostname -I"]}
    )

    def output() -> str | None:
        found = client.list_command_invocations(CommandId=sent["Command"]["CommandId"], Details=True)
        (invocation,) = found["CommandInvocations"]
        return invocation["CommandPlugins"][0]["Output"] if invocation["Status"] == "Success" else None

    user, *addresses = until(output, "the command").split()
    assert user == "root"
    assert describe(ec2, closed)["PrivateIpAddress"] in addresses
