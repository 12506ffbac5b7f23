"""`runctl aws doctor`, in a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from aws_calls import Runctl, document, sweep

from account import Sandbox

pytestmark = pytest.mark.slow
Fault = Callable[..., None]


@pytest.fixture(autouse=True)
def swept(account: Sandbox) -> Iterator[None]:
    yield
    sweep(account)


def levels(found: dict[str, list[dict[str, str]]], subject: str) -> set[str]:
    return {each["level"] for each in found["findings"] if each["subject"] == subject}


def test_an_account_that_is_fine_is_said_to_be(runctl: Runctl) -> None:
    found = document(runctl, "doctor")
    assert found["ok"]
    for subject in ("credentials", "region", "clock", "permissions", "image", "quota", "S3", "leftovers"):
        assert levels(found, subject) == {"ok"}, subject
    # what is not there yet is made by create or setup
    assert levels(found, "access") == {"warn"}


def test_credentials_that_expired_are_all_that_is_told(runctl: Runctl, fault: Fault) -> None:
    fault("expired-credentials")
    found = document(runctl, "doctor", code=1)
    [only] = found["findings"]
    assert (only["level"], only["subject"]) == ("fail", "credentials")
    assert "sign in again" in only["remedy"]


def test_a_permission_that_is_missing_is_named(runctl: Runctl, fault: Fault) -> None:
    fault("deny", "action=CreateVolume")
    found = document(runctl, "doctor", code=1)
    assert levels(found, "permissions") == {"fail"}
    assert any("ec2:CreateVolume" in each["text"] for each in found["findings"])


def test_s3_that_does_not_answer_is_told(runctl: Runctl, fault: Fault) -> None:
    fault("deny", "action=ListBuckets")
    assert levels(document(runctl, "doctor", code=1), "S3") == {"fail"}


def test_a_volume_that_belongs_to_nothing_is_told_with_its_cost(account: Sandbox, runctl: Runctl) -> None:
    account.client("ec2").create_volume(
        AvailabilityZone="us-east-1a",
        Size=100,
        VolumeType="gp3",
        TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": "runctl:managed", "Value": "true"}]}],
    )
    found = document(runctl, "doctor")
    assert found["ok"]
    assert any("100 GiB) is attached to nothing: $8.00 a month" in each["text"] for each in found["findings"])


def test_vcpus_in_use_are_counted(runctl: Runctl) -> None:
    assert runctl("aws", "create", "t3.small", "--yes").returncode == 0
    found = document(runctl, "doctor")
    assert any("2 of 256 vCPUs in use" in each["text"] for each in found["findings"])


def test_without_credentials_it_says_how_to_give_them(runctl: Runctl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    [only] = document(runctl, "doctor", code=1)["findings"]
    assert only["subject"] == "credentials"
    assert "AWS_PROFILE" in only["remedy"]


def test_without_a_region_it_asks_for_one(runctl: Runctl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    done = runctl("aws", "doctor")
    assert done.returncode == 2
    assert "no AWS region is set" in done.stderr
