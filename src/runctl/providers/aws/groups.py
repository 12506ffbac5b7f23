"""runctl's security group: port 22 from the addresses of the machines that use it, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from runctl.core.aws import Account, calling
from runctl.core.errors import CloudError, NotFoundError
from runctl.providers.aws import tags

GROUP_NAME = "runctl"
SSH_PORT = 22
_DESCRIPTION = "SSH to runctl's instances"
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html
_NOT_IN_DESCRIPTIONS = re.compile(r"[^a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]")


class Door(NamedTuple):
    """An address that port 22 is open to, as a network such as 203.0.113.7/32, and whose machine it was opened for."""

    network: str
    description: str


class Group(NamedTuple):
    """A security group that runctl made, with the addresses it lets in."""

    id: str
    vpc: str
    doors: tuple[Door, ...]


def find_group(account: Account, vpc: str) -> Group | None:
    """runctl's group in a VPC; None when it was not made yet."""
    filters = [
        {"Name": "group-name", "Values": [GROUP_NAME]},
        {"Name": "vpc-id", "Values": [vpc]},
        tags.MANAGED_FILTER,
    ]
    with calling("list security groups"):
        found = account.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    return _group_of(found[0]) if found else None


def make_group(account: Account, vpc: str) -> tuple[Group, bool]:
    """runctl's group in a VPC, and whether it was made now."""
    existing = find_group(account, vpc)
    if existing:
        return existing, False
    try:
        with calling("create a security group"):
            answer = account.client("ec2").create_security_group(
                GroupName=GROUP_NAME,
                Description=_DESCRIPTION,
                VpcId=vpc,
                TagSpecifications=[{"ResourceType": "security-group", "Tags": tags.as_list(tags.own(GROUP_NAME))}],
            )
    except CloudError as error:
        existing = find_group(account, vpc) if error.code == "InvalidGroup.Duplicate" else None
        if existing:
            return existing, False  # somebody was quicker
        raise
    return Group(answer["GroupId"], vpc, ()), True


def delete_group(account: Account, group_id: str) -> bool:
    """Deletes a group; False when an instance uses it meanwhile. Silent when there is none."""
    try:
        with calling(f"delete the security group {group_id}"):
            account.client("ec2").delete_security_group(GroupId=group_id)
    except NotFoundError:
        return True
    except CloudError as error:
        if error.code == "DependencyViolation":
            return False
        raise
    return True


def outdated(group: Group, network: str) -> list[Door]:
    """What was opened for this machine when it had another address than `network`."""
    return [door for door in group.doors if door.description == description() and door.network != network]


def is_open(group: Group, network: str) -> bool:
    """Whether port 22 is open to `network`."""
    return any(door.network == network for door in group.doors)


def open_door(account: Account, group: Group, network: str) -> None:
    """Opens port 22 to `network`, and closes it to the addresses that this machine had before."""
    if not is_open(group, network):
        try:
            with calling(f"open port {SSH_PORT} to {network}"):
                account.client("ec2").authorize_security_group_ingress(
                    GroupId=group.id, IpPermissions=[_permission(Door(network, description()))]
                )
        except CloudError as error:
            if error.code != "InvalidPermission.Duplicate":
                raise
    old = outdated(group, network)
    if old:
        with calling(f"close port {SSH_PORT} to addresses of before"):
            account.client("ec2").revoke_security_group_ingress(
                GroupId=group.id, IpPermissions=[_permission(door) for door in old]
            )


def description() -> str:
    """What a rule for this machine is marked with."""
    return _NOT_IN_DESCRIPTIONS.sub("-", f"runctl {tags.creator()}")[:255]


def _permission(door: Door) -> dict[str, Any]:
    version6 = ":" in door.network
    ranges = {"CidrIpv6" if version6 else "CidrIp": door.network, "Description": door.description}
    return {
        "IpProtocol": "tcp",
        "FromPort": SSH_PORT,
        "ToPort": SSH_PORT,
        "Ipv6Ranges" if version6 else "IpRanges": [ranges],
    }


def _group_of(answer: Mapping[str, Any]) -> Group:
    doors = [
        Door(each.get("CidrIp") or each["CidrIpv6"], each.get("Description", ""))
        for permission in answer.get("IpPermissions", ())
        if permission.get("FromPort") == SSH_PORT
        for each in [*permission.get("IpRanges", ()), *permission.get("Ipv6Ranges", ())]
    ]
    return Group(answer["GroupId"], answer["VpcId"], tuple(doors))
