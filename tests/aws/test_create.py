"""`runctl aws create`, in a sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_calls import Runctl, document, live, shared, sweep, tags_of

from account import Machine, Sandbox, counts, describe

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def swept(empty: None, account: Sandbox) -> Iterator[None]:
    """Whatever runctl makes in the account goes after the test; nothing else may be left."""
    yield
    sweep(account)


def test_what_is_made_is_usable_at_once_and_whole(account: Sandbox, runctl: Runctl) -> None:
    words = ["t3.small", "--volume", "3:/mnt/somewhere-else", "--volume", "2", "--name", "trainer"]
    made = document(runctl, "create", *words, "--tag", "team=vision", "--yes", "--wait")["instance"]
    assert (made["name"], made["state"], made["unfinished"]) == ("trainer", "running", False)
    done = runctl("aws", "ssh", "trainer", "--", "findmnt", "-nlo", "TARGET", "-t", "ext4,xfs")
    assert {"/mnt/somewhere-else", "/mnt/trainer-g"} <= set(done.stdout.split())

    ec2 = account.client("ec2")
    found = describe(ec2, made["id"])
    assert found["MetadataOptions"]["HttpTokens"] == "required"
    assert tags_of(found).keys() >= {"runctl:managed", "runctl:created-by", "Name", "team"}
    volumes = ec2.describe_volumes(VolumeIds=[each["id"] for each in made["volumes"]])["Volumes"]
    for volume in volumes:
        assert volume["Encrypted"]
        assert tags_of(volume)["runctl:managed"] == "true"
        assert "runctl:creating" not in tags_of(volume)
    mounts = {tags_of(volume).get("runctl:mount") for volume in volumes}
    assert "/mnt/somewhere-else" in mounts


def test_quiet_prints_the_id_alone(runctl: Runctl, account: Sandbox) -> None:
    done = runctl("aws", "create", "--yes", "-q")
    assert (done.returncode, done.stderr) == (0, "")
    assert [done.stdout.strip()] == live(account)


def test_a_dry_run_shows_what_it_would_cost_and_makes_nothing(account: Sandbox, runctl: Runctl) -> None:
    before = counts(account), shared(account)
    plan = document(runctl, "create", "g5.xlarge", "--spot", "--volume", "500:/mnt/data", "--dry-run")["plan"]
    assert (counts(account), shared(account)) == before
    assert plan["price_source"] == "spot history"
    assert plan["on_demand_source"] == "Pricing API"
    assert plan["price_per_hour_usd"] < plan["on_demand_per_hour_usd"]
    volume_cost = plan["volumes"][0]["price_per_hour_usd"]
    assert volume_cost * 730 == pytest.approx(40)
    assert plan["together_per_day_usd"] > 24 * (plan["price_per_hour_usd"] + volume_cost)
    assert "Deep Learning" in plan["ami_name"]
    assert plan["key_name"] is None and plan["makes_key"] and plan["makes_security_group"]


def test_without_yes_and_without_anybody_to_ask_nothing_is_made(account: Sandbox, runctl: Runctl) -> None:
    before = shared(account)
    done = runctl("aws", "create", stdin="y\n")
    assert done.returncode == 2
    assert "t3.medium: 2 vCPU, 4 GiB" in done.stderr
    assert "add --yes to go ahead" in done.stderr
    assert live(account) == []
    assert shared(account) == before


def test_the_key_and_the_group_are_made_once(account: Sandbox, runctl: Runctl, home: Path) -> None:
    assert runctl("aws", "create", "--yes").returncode == 0
    after_one = shared(account)
    assert runctl("aws", "create", "--yes").returncode == 0
    assert shared(account) == after_one
    assert len(list((home / "keys").glob("*.pub"))) == 1
    assert len(live(account)) == 2


def test_a_spot_instance_is_tagged_priced_and_ends_when_it_shuts_down(account: Sandbox, runctl: Runctl) -> None:
    made = document(runctl, "create", "t3.small", "--spot", "--yes")["instance"]
    assert made["spot"]
    assert made["price_source"] == "spot history"
    status = document(runctl, "status", made["id"])
    assert status["shutdown_behavior"] == "terminate"
    assert status["spot_status"].startswith("active")


def test_more_than_allowed_is_refused_before_anything_is_made(account: Sandbox, runctl: Runctl) -> None:
    assert runctl("aws", "create", "--yes", "--max-instances", "1").returncode == 0
    done = runctl("aws", "create", "--yes", "--max-instances", "1")
    assert done.returncode == 3
    assert "runctl has 1 instance here, and max_instances is 1" in done.stderr
    assert len(live(account)) == 1


def test_a_name_that_is_taken_is_refused(account: Sandbox, runctl: Runctl) -> None:
    assert runctl("aws", "create", "--yes", "--name", "trainer").returncode == 0
    done = runctl("aws", "create", "--yes", "--name", "trainer")
    assert done.returncode == 3
    assert f"already: {live(account)[0]}" in done.stderr


def test_a_zone_that_is_named_is_the_one(runctl: Runctl) -> None:
    assert document(runctl, "create", "--zone", "us-east-1c", "--yes")["instance"]["zone"] == "us-east-1c"


def test_user_data_is_run_at_the_first_boot(runctl: Runctl, tmp_path: Path) -> None:
    script = tmp_path / "first-boot"
    script.write_text("#!/bin/sh\necho hello > /home/ubuntu/made\nchown ubuntu /home/ubuntu/made\n")
    assert runctl("aws", "create", "--name", "a", "--user-data", str(script), "--yes", "--wait").returncode == 0
    done = runctl("aws", "ssh", "a", "--", "until test -s made; do sleep 0.1; done; cat made")
    assert done.stdout == "hello\n"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["g5.xlag"], 4, "similar ones here: g5.xlarge"),
        (["nonsense"], 2, "is not an instance type"),
        (["p4d.24xlarge", "--region", "us-west-1"], 4, "us-west-1 has no instance type p4d.24xlarge"),
        (["--region", "all"], 2, "'all' is not an AWS region"),
        (["--region", "us-east-1; rm -r /"], 2, "is not an AWS region"),
        (["--tag", "a b=c"], 2, "can't be a key of an instance's tags"),
        (["--zone", "us-east-1z"], 4, "its zones are: us-east-1a"),
        (["--zone", "us-east-1"], 4, "its zones are: us-east-1a"),
        (["--subnet", "subnet-00000000000000000"], 4, "subnet-00000000000000000"),
        (["--key-name", "nobody"], 4, "there is no key pair 'nobody'"),
        (["--security-group", "none"], 4, "there is no security group 'none'"),
        (["--security-group", "sg-00000000000000000"], 4, "there is no security group"),
        (["--ami", "ami-00000000000000000"], 4, "there is no machine image"),
        (["--iam-instance-profile", "none"], 4, "there is no instance profile 'none'"),
        (["--root-size", "1"], 2, "needs 8"),
        (["--spot-fallback"], 2, "add --spot"),
        (["--spot-max-price", "1"], 2, "add --spot"),
        (["--volume", "5:/etc"], 2, "belongs to the system"),
        (["--region", "us-east-9"], 5, "us-east-9"),
        (["--user-data", "nowhere"], 1, "nowhere"),
    ],
)
def test_what_can_not_be_is_refused_before_anything_is_made(
    account: Sandbox, runctl: Runctl, words: list[str], code: int, told: str
) -> None:
    before = shared(account)
    done = runctl("aws", "create", *words, "--yes")
    assert done.returncode == code, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr and "internal error" not in done.stderr
    assert (live(account), shared(account)) == ([], before)


def test_for_a_type_that_a_region_does_not_have_the_others_are_named(account: Sandbox, runctl: Runctl) -> None:
    before = counts(account, "us-west-1")
    done = runctl("aws", "create", "p4d.24xlarge", "--region", "us-west-1", "--yes")
    assert done.returncode == 4
    where = done.stderr.partition("it is offered in: ")[2].partition(" (--region)")[0].split(", ")
    assert "us-east-1" in where and "us-west-1" not in where
    assert counts(account, "us-west-1") == before


def test_an_image_for_another_architecture_is_refused(account: Sandbox, runctl: Runctl) -> None:
    done = runctl("aws", "create", "t4g.small", "--ami", account.image(), "--yes")
    assert done.returncode == 2
    assert "is for x86_64, t4g.small is arm64" in done.stderr


def test_an_instance_that_others_made_does_not_count(instance: Machine, runctl: Runctl) -> None:
    assert runctl("aws", "create", "--yes", "--max-instances", "1").returncode == 0


def test_a_profile_that_setup_has_just_made_is_waited_for(
    account: Sandbox, runctl: Runctl, fault: Any, tmp_path: Path
) -> None:
    document(runctl, "setup")
    try:
        fault("no-profile-yet", times=3)
        assert document(runctl, "create", "--yes")["instance"]["profile"] == "runctl-instance"
    finally:
        iam = account.client("iam")
        iam.remove_role_from_instance_profile(InstanceProfileName="runctl-instance", RoleName="runctl-instance")
        iam.delete_instance_profile(InstanceProfileName="runctl-instance")
        iam.delete_role_policy(RoleName="runctl-instance", PolicyName="runctl")
        iam.delete_role(RoleName="runctl-instance")
