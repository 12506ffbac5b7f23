"""The metadata service's categories for one host, as the EC2 User Guide lists them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import TypeAlias

from runctl.sandbox.metadata.model import Credentials, Host, Notice, Profile

Value: TypeAlias = str | bytes | Callable[[], str]
"""A function makes the value when it is asked for."""

Tree: TypeAlias = "dict[str, Value | Tree]"
"""A category's entries; the one without a name is its listing, where that is not the entries' names."""


def tree_of(host: Host) -> Tree:
    """Everything below /latest. What a host has none of is not there at all."""
    tree: Tree = {"dynamic": {"instance-identity": {"document": _identity(host)}}, "meta-data": _metadata(host)}
    if host.user_data is not None:
        tree["user-data"] = host.user_data
    return tree


def find(tree: Tree, path: list[str]) -> Value | Tree | None:
    """What is at the path; None when there is nothing."""
    here: Value | Tree | None = tree
    for name in path:
        here = here.get(name) if isinstance(here, dict) else None
    return here


def shown(value: Value | Tree) -> bytes:
    """A value's text; of a category its entries, a line each, a slash behind those that have entries of their own."""
    if isinstance(value, dict):
        own = value.get("")
        value = own if isinstance(own, str) else "\n".join(map(_entry, sorted(value), map(value.get, sorted(value))))
    if callable(value):
        value = value()
    return value if isinstance(value, bytes) else value.encode()


def _entry(name: str, value: Value | Tree | None) -> str:
    return f"{name}/" if isinstance(value, dict) else name


def _metadata(host: Host) -> Tree:
    tree: Tree = {
        "ami-id": host.ami,
        "ami-launch-index": "0",
        "ami-manifest-path": "(unknown)",
        "events": _events(host),
        "hostname": host.hostname,
        "instance-action": "none",
        "instance-id": host.instance_id,
        "instance-life-cycle": "spot" if host.spot else "on-demand",
        "instance-type": host.instance_type,
        "local-hostname": host.hostname,
        "local-ipv4": host.private_address,
        "mac": host.mac,
        "network": {"interfaces": {"macs": {host.mac: _interface(host)}}},
        "placement": {"availability-zone": host.zone, "region": host.region},
        "profile": "default-hvm",
        "reservation-id": host.reservation,
        "security-groups": "\n".join(name for _, name in host.security_groups),
        "services": {"domain": "amazonaws.com", "partition": "aws"},
        "system": "nitro",
    }
    if host.block_devices:
        tree["block-device-mapping"] = {**host.block_devices}
    if host.profile:
        tree["iam"] = _iam(host.profile, host.launched)
    if host.public_address:
        tree["public-ipv4"] = host.public_address
    if host.public_keys:
        tree["public-keys"] = _keys(host.public_keys)
    if host.notice:
        tree["spot"] = _spot(host.notice)
    if host.tags is not None:
        tree["tags"] = {"instance": {**host.tags}}
    return tree


def _events(host: Host) -> Tree:
    tree: Tree = {"maintenance": {"history": "[]", "scheduled": "[]"}}
    if host.rebalance:
        tree["recommendations"] = {"rebalance": json.dumps({"noticeTime": _time(host.rebalance)})}
    return tree


def _interface(host: Host) -> Tree:
    tree: Tree = {
        "device-number": "0",
        "local-hostname": host.hostname,
        "local-ipv4s": host.private_address,
        "mac": host.mac,
        "owner-id": host.account,
        "security-group-ids": "\n".join(group_id for group_id, _ in host.security_groups),
        "security-groups": "\n".join(name for _, name in host.security_groups),
        "subnet-id": host.subnet,
        "subnet-ipv4-cidr-block": host.subnet_cidr,
        "vpc-id": host.vpc,
        "vpc-ipv4-cidr-block": host.vpc_cidr,
    }
    if host.public_address:
        tree["public-ipv4s"] = host.public_address
    return tree


def _iam(profile: Profile, since: datetime) -> Tree:
    info = {
        "Code": "Success",
        "LastUpdated": _time(since),
        "InstanceProfileArn": profile.arn,
        "InstanceProfileId": profile.id,
    }
    return {
        "info": json.dumps(info, indent=2),
        "security-credentials": {profile.role: lambda: _credentials(profile.credentials())},
    }


def _credentials(credentials: Credentials) -> str:
    document = {
        "Code": "Success",
        "LastUpdated": _time(credentials.updated),
        "Type": "AWS-HMAC",
        "AccessKeyId": credentials.access_key,
        "SecretAccessKey": credentials.secret_key,
        "Token": credentials.token,
        "Expiration": _time(credentials.expires),
    }
    return json.dumps(document, indent=2)


def _spot(notice: Notice) -> Tree:
    action = {"action": notice.action, "time": _time(notice.time)}
    tree: Tree = {"instance-action": json.dumps(action)}
    if notice.action == "terminate":
        tree["termination-time"] = _time(notice.time)
    return tree


def _keys(keys: tuple[tuple[str, str], ...]) -> Tree:
    tree: Tree = {str(number): {"openssh-key": line} for number, (_, line) in enumerate(keys)}
    tree[""] = "\n".join(f"{number}={name}" for number, (name, _) in enumerate(keys))
    return tree


def _identity(host: Host) -> str:
    document = {
        "accountId": host.account,
        "architecture": host.architecture,
        "availabilityZone": host.zone,
        "billingProducts": None,
        "devpayProductCodes": None,
        "marketplaceProductCodes": None,
        "imageId": host.ami,
        "instanceId": host.instance_id,
        "instanceType": host.instance_type,
        "kernelId": None,
        "pendingTime": _time(host.launched),
        "privateIp": host.private_address,
        "ramdiskId": None,
        "region": host.region,
        "version": "2017-09-30",
    }
    return json.dumps(document, indent=2)


def _time(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
