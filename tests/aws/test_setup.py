"""`runctl aws setup` and `runctl aws doctor`, in a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aws_calls import Runctl, document, shared, sweep

from account import Sandbox

pytestmark = pytest.mark.slow
Fault = Callable[..., None]


@pytest.fixture(autouse=True)
def swept(account: Sandbox) -> Iterator[None]:
    """What setup makes is not there before the test, nor after it."""
    _sweep(account)
    yield
    _sweep(account)


def _sweep(account: Sandbox) -> None:
    sweep(account)
    iam = account.client("iam")
    for profile in iam.list_instance_profiles()["InstanceProfiles"]:
        for role in profile["Roles"]:
            iam.remove_role_from_instance_profile(
                InstanceProfileName=profile["InstanceProfileName"], RoleName=role["RoleName"]
            )
        iam.delete_instance_profile(InstanceProfileName=profile["InstanceProfileName"])
    for role in iam.list_roles()["Roles"]:
        for policy in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
            iam.delete_role_policy(RoleName=role["RoleName"], PolicyName=policy)
        iam.delete_role(RoleName=role["RoleName"])


def actions(answer: Any) -> set[str]:
    return {part["action"] for part in answer["parts"]}


def test_a_dry_run_shows_the_policy_and_makes_nothing(account: Sandbox, runctl: Runctl) -> None:
    before = shared(account)
    done = runctl("aws", "setup", "--dry-run")
    assert done.returncode == 0
    assert '"Version": "2012-10-17"' in done.stdout
    assert actions(document(runctl, "setup", "--dry-run")) == {"make"}
    assert shared(account) == before
    assert account.client("iam").list_roles()["Roles"] == []


def test_it_may_be_repeated(account: Sandbox, runctl: Runctl) -> None:
    assert actions(document(runctl, "setup", "--bucket", "my-runs")) == {"make"}
    assert actions(document(runctl, "setup")) == {"there"}
    policy = account.client("iam").get_role_policy(RoleName="runctl-instance", PolicyName="runctl")["PolicyDocument"]
    assert "arn:aws:s3:::my-runs/*" in str(policy)
    changed = document(runctl, "setup", "--bucket", "another")
    assert [part["kind"] for part in changed["parts"] if part["action"] == "change"] == ["policy"]


@pytest.mark.parametrize("action", ["CreateRole", "PutRolePolicy", "AddRoleToInstanceProfile", "CreateSecurityGroup"])
def test_what_was_cut_off_half_way_is_completed_by_the_next(
    account: Sandbox, runctl: Runctl, fault: Fault, action: str
) -> None:
    fault("deny", f"action={action}", times=1)
    done = runctl("aws", "setup")
    assert done.returncode == 5
    assert "cannot" in done.stderr and "Traceback" not in done.stderr
    assert runctl("aws", "setup").returncode == 0
    assert actions(document(runctl, "setup")) == {"there"}
    assert runctl("aws", "create", "--yes").returncode == 0


def test_port_22_follows_this_machines_address(account: Sandbox, runctl: Runctl) -> None:
    document(runctl, "setup")
    ec2 = account.client("ec2")
    [group] = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["runctl"]}])["SecurityGroups"]
    [permission] = group["IpPermissions"]
    mark = permission["IpRanges"][0]["Description"]
    ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[permission])
    for address, description in (("203.0.113.7/32", mark), ("203.0.113.8/32", "a colleague's")):
        rule = {
            "IpProtocol": "tcp",
            "FromPort": 22,
            "ToPort": 22,
            "IpRanges": [{"CidrIp": address, "Description": description}],
        }
        ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[rule])
    found = document(runctl, "doctor")["findings"]
    assert any(each["remedy"] == "runctl aws setup" and "out of date" in each["text"] for each in found)
    document(runctl, "setup")
    [group] = ec2.describe_security_groups(GroupIds=[group["GroupId"]])["SecurityGroups"]
    addresses = {each["CidrIp"] for permission in group["IpPermissions"] for each in permission["IpRanges"]}
    assert "203.0.113.7/32" not in addresses
    assert "203.0.113.8/32" in addresses
    assert len(addresses) == 2


def test_without_an_address_the_way_on_is_told(account: Sandbox, runctl: Runctl) -> None:
    done = runctl("aws", "setup", env={"RUNCTL_ADDRESS_SERVICE": "http://127.0.0.1:9/"})
    assert done.returncode == 1
    assert "cannot learn this machine's address" in done.stderr and "--transport ssm" in done.stderr
    assert runctl("aws", "setup", "--transport", "ssm").returncode == 0
