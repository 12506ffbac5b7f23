"""`runctl aws list`, in a sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aws_calls import Runctl, document, sweep

from account import Machine, Sandbox

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def swept(account: Sandbox) -> Iterator[None]:
    yield
    sweep(account)


def records(sandbox: Sandbox, count: int, region: str = "us-east-1") -> set[str]:
    """Instances of runctl's that the sandbox only records."""
    tags = {"runctl:managed": "true", "runctl-sandbox:record": "true", "Name": "many"}
    ec2 = sandbox.client("ec2", region)
    image = ec2.describe_images(Owners=["099720109477"])["Images"][0]["ImageId"]
    answer = ec2.run_instances(
        ImageId=image,
        InstanceType="t3.micro",
        MinCount=count,
        MaxCount=count,
        TagSpecifications=[
            {"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
        ],
    )
    return {each["InstanceId"] for each in answer["Instances"]}


def test_runctls_instances_are_listed_and_others_on_request(
    account: Sandbox, instance: Machine, runctl: Runctl
) -> None:
    made = records(account, 2)
    assert {each["id"] for each in document(runctl, "list")} == made
    everything = document(runctl, "list", "--all")
    assert {each["id"] for each in everything if not each["managed"]} >= {instance.id}
    assert set(runctl("aws", "list", "-q").stdout.split()) == made
    assert "not runctl's" in runctl("aws", "list", "--all").stdout


def test_more_than_a_page_is_listed_whole(account: Sandbox, runctl: Runctl) -> None:
    made = records(account, 1000) | records(account, 30)
    assert set(runctl("aws", "list", "-q").stdout.split()) == made
    done = runctl("aws", "status", "many")
    assert done.returncode == 2
    assert "give the whole id" in done.stderr


def test_every_region_is_asked(account: Sandbox, runctl: Runctl) -> None:
    here, there = records(account, 1), records(account, 1, "eu-west-1")
    listed = document(runctl, "list", "--region", "all")
    assert {each["id"]: each["region"] for each in listed} == {
        **dict.fromkeys(here, "us-east-1"),
        **dict.fromkeys(there, "eu-west-1"),
    }
    account.client("ec2", "eu-west-1").terminate_instances(InstanceIds=list(there))


def test_nothing_is_no_error(runctl: Runctl) -> None:
    done = runctl("aws", "list")
    assert (done.returncode, done.stdout) == (0, "")
    assert "no instances of runctl in us-east-1" in done.stderr
    assert document(runctl, "list") == []
