"""What was asked to go wrong goes wrong, in AWS's words, as often as was asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, IncompleteReadError, ReadTimeoutError

from account import Machine, Sandbox, counts, describe, until, wait_for_state

pytestmark = pytest.mark.slow

Fault = Callable[..., None]


def once(account: Sandbox, service: str) -> Any:
    """A client that does not try again, nor wait for long."""
    return account.client(service, config=Config(retries={"total_max_attempts": 1}, read_timeout=2))


@pytest.fixture
def bucket(account: Sandbox) -> Iterator[str]:
    """A bucket with one object of 1,000 bytes, `key`."""
    s3 = account.client("s3")
    s3.create_bucket(Bucket="faulty")
    s3.put_object(Bucket="faulty", Key="key", Body=b"x" * 1000)
    yield "faulty"
    account("fault", "clear")
    s3.delete_object(Bucket="faulty", Key="key")
    s3.delete_bucket(Bucket="faulty")


def code_of(action: Any, **asked: Any) -> str:
    with pytest.raises(ClientError) as refused:
        action(**asked)
    return str(refused.value.response["Error"]["Code"])


@pytest.mark.parametrize(
    ("fault_name", "ec2_code", "sts_code"),
    [
        ("throttle", "RequestLimitExceeded", "ThrottlingException"),
        ("expired-credentials", "RequestExpired", "ExpiredToken"),
        ("deny", "UnauthorizedOperation", "AccessDenied"),
        ("error", "InternalError", "InternalError"),
    ],
)
def test_a_request_is_refused_as_often_as_was_asked(
    account: Sandbox, fault: Fault, fault_name: str, ec2_code: str, sts_code: str
) -> None:
    fault(fault_name, "action=DescribeVpcs", times=1)
    ec2, sts = once(account, "ec2"), once(account, "sts")
    ec2.describe_volumes()
    assert code_of(ec2.describe_vpcs) == ec2_code
    ec2.describe_vpcs()
    fault(fault_name, "action=Get*")
    for _ in range(3):
        assert code_of(sts.get_caller_identity) == sts_code


def test_capacity_is_missing_for_spot_alone_or_for_a_type(account: Sandbox, fault: Fault, empty: None) -> None:
    ec2 = once(account, "ec2")
    asked = {"ImageId": account.image(), "InstanceType": "t3.small", "MinCount": 1, "MaxCount": 1}
    spot = asked | {"InstanceMarketOptions": {"MarketType": "spot"}}
    fault("no-capacity", "spot=true")
    assert code_of(ec2.run_instances, **spot) == "InsufficientInstanceCapacity"
    made = ec2.run_instances(**asked)["Instances"][0]["InstanceId"]
    fault("no-capacity", "type=t3.*", "zone=us-east-1a")
    assert code_of(ec2.run_instances, **asked) == "InsufficientInstanceCapacity"
    ec2.terminate_instances(InstanceIds=[made])
    wait_for_state(ec2, made, "terminated")


def test_a_killed_connection_has_carried_out_what_was_asked(account: Sandbox, fault: Fault) -> None:
    ec2 = once(account, "ec2")
    before = counts(account)["volumes"]
    fault("kill", "action=CreateVolume", times=1)
    with pytest.raises(ConnectionClosedError):
        ec2.create_volume(AvailabilityZone="us-east-1a", Size=1, ClientToken="killed")
    assert counts(account)["volumes"] == before + 1
    # the same request again, as boto3 itself does, makes no second one
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1, ClientToken="killed")["VolumeId"]
    assert counts(account)["volumes"] == before + 1
    ec2.delete_volume(VolumeId=volume)


def test_a_slow_answer_comes_late(account: Sandbox, fault: Fault) -> None:
    fault("slow", "action=DescribeVpcs", "seconds=1", times=1)
    began = time.monotonic()
    account.client("ec2").describe_vpcs()
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize(("fault_name", "code"), [("error", "InternalError"), ("throttle", "SlowDown")])
def test_s3_refuses_a_share_of_requests_and_the_same_ones_each_time(
    account: Sandbox, fault: Fault, bucket: str, fault_name: str, code: str
) -> None:
    s3, ec2 = once(account, "s3"), once(account, "ec2")

    def refused() -> list[int]:
        found = []
        fault(fault_name, "service=s3", "percent=30")
        ec2.describe_vpcs()
        for number in range(100):
            try:
                s3.get_object(Bucket=bucket, Key="key")["Body"].close()
            except ClientError as error:
                assert error.response["Error"]["Code"] == code
                found.append(number)
        account("fault", "clear")
        return found

    first = refused()
    assert 15 <= len(first) <= 45
    assert refused() == first


def test_an_answer_never_comes(account: Sandbox, fault: Fault, bucket: str) -> None:
    s3 = once(account, "s3")
    fault("hang", "action=PutObject", times=1)
    with pytest.raises(ReadTimeoutError):
        s3.put_object(Bucket=bucket, Key="key", Body=b"new")
    # nothing was carried out, and others are served
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"x" * 1000


@pytest.mark.parametrize(
    ("fault_name", "problem"), [("hang-half-way", ReadTimeoutError), ("cut-short", IncompleteReadError)]
)
def test_half_an_object_comes(
    account: Sandbox, fault: Fault, bucket: str, fault_name: str, problem: type[Exception]
) -> None:
    s3 = once(account, "s3")
    fault(fault_name, "action=GetObject", times=1)
    s3.head_object(Bucket=bucket, Key="key")
    body = s3.get_object(Bucket=bucket, Key="key")["Body"]
    assert body.read(500) == b"x" * 500
    with pytest.raises(problem):
        body.read(500)
    body.close()
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"x" * 1000


def test_a_byte_of_an_object_is_another_one(account: Sandbox, fault: Fault, bucket: str) -> None:
    s3 = account.client("s3", config=Config(response_checksum_validation="when_required"))
    fault("corrupt", "action=GetObject", times=1)
    s3.head_object(Bucket=bucket, Key="key")
    damaged = s3.get_object(Bucket=bucket, Key="key")["Body"].read()
    assert (len(damaged), damaged.count(b"x")) == (1000, 999)
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"x" * 1000


def test_an_instance_that_never_boots_runs_but_is_impaired(account: Sandbox, fault: Fault, ec2: Any) -> None:
    fault("boot-never", times=1)
    asked = {"ImageId": account.image(), "InstanceType": "t3.small", "MinCount": 1, "MaxCount": 1}
    made = ec2.run_instances(**asked)["Instances"][0]["InstanceId"]
    wait_for_state(ec2, made, "running")
    status = ec2.describe_instance_status(InstanceIds=[made])["InstanceStatuses"][0]["InstanceStatus"]["Status"]
    assert status == "impaired"
    ec2.terminate_instances(InstanceIds=[made])
    wait_for_state(ec2, made, "terminated")


@pytest.mark.parametrize("name", ["late-device", "late-filesystem"])
def test_a_volume_shows_late(fault: Fault, ec2: Any, instance: Machine, name: str) -> None:
    volume = ec2.create_volume(AvailabilityZone=instance.zone, Size=1)["VolumeId"]
    state = lambda: ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]  # noqa: E731
    until(lambda: state()["State"] == "available", "the volume")
    attach = {"VolumeId": volume, "InstanceId": instance.id, "Device": "/dev/sdf"}
    ec2.attach_volume(**attach)
    until(lambda: state()["Attachments"][0]["State"] == "attached", "attached")
    instance.ssh("sudo mkfs.ext4 -q /dev/sdf && sync")
    ec2.detach_volume(VolumeId=volume)
    until(lambda: state()["State"] == "available", "detached")
    fault(name, "seconds=4", times=1)
    ec2.attach_volume(**attach)
    until(lambda: state()["Attachments"][0]["State"] == "attached", "attached")
    found = "sudo blkid -p /dev/sdf"
    assert "ext4" not in instance.try_ssh(found).stdout
    until(lambda: "ext4" in instance.try_ssh(found).stdout, "the file system")
    ec2.detach_volume(VolumeId=volume)
    until(lambda: state()["State"] == "available", "detached")
    ec2.delete_volume(VolumeId=volume)


def test_a_host_key_changes_and_a_network_is_cut_and_mended(account: Sandbox, ec2: Any) -> None:
    machine = account.run_instance()
    account("fault", "add", "new-host-key", f"instance={machine.id}")
    assert "Host key verification failed" in until(lambda: machine.try_ssh("true").stderr, "the changed key")
    account.known_hosts.unlink()
    machine.ssh("true")
    account("fault", "add", "cut", f"instance={machine.id}")
    assert machine.try_ssh("true").returncode == 255
    assert describe(ec2, machine.id)["State"]["Name"] == "running"
    account("fault", "clear")
    machine.ssh("true")
    ec2.terminate_instances(InstanceIds=[machine.id])


def test_a_fault_that_there_is_not_is_refused(account: Sandbox) -> None:
    assert account.run("fault", "add", "earthquake").returncode == 2
    done = account.run("fault", "add", "throttle", "colour=red")
    assert (done.returncode, done.stdout) == (2, "")
    assert "it takes: service, action, percent" in done.stderr
    assert account.run("fault", "add", "error", "percent=101").returncode == 2
    assert account.run("fault", "add", "slow", "seconds=soon").returncode == 2
    assert account.run("fault", "add", "cut", "instance=i-0123456789abcdef0").returncode == 4
    assert account("fault", "list") == []
