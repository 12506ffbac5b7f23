"""What instances need before the first is made: role, instance profile, key pair, security group. Safe to repeat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from runctl.core.aws import Account, calling
from runctl.core.config import Config
from runctl.core.errors import RefusedError
from runctl.providers.aws import groups, keys, policy, role
from runctl.providers.aws.address import own_network

MAKE, CHANGE, THERE = "make", "change", "there"


class Part(NamedTuple):
    """One thing that is needed. `action` is MAKE, CHANGE or THERE; `do` makes it so."""

    kind: str
    name: str
    action: str
    do: Callable[[], object]


class Setup(NamedTuple):
    """What setting up an account would do, in order, and the policy that the role gets."""

    account_id: str
    region: str
    parts: tuple[Part, ...]
    policy: dict[str, Any]

    @property
    def open_parts(self) -> list[Part]:
        """The parts that are not as they should be."""
        return [part for part in self.parts if part.action != THERE]


def plan_setup(account: Account, config: Config, buckets: Sequence[str]) -> Setup:
    """Looks at what there is. Without `buckets` the role keeps those that it has.

    Raises CloudError; RunctlError where this machine's address can't be learned.
    """
    who = role.caller(account)
    document = policy.role_policy(who.account_id, buckets or _buckets_now(account), who.partition)
    parts = [*_role_parts(account, document), _key_part(account, config), *_group_parts(account, config)]
    return Setup(who.account_id, account.region, tuple(parts), document)


def _role_parts(account: Account, document: dict[str, Any]) -> list[Part]:
    now = role.current_policy(account)
    exists = role.role_exists(account)
    policy_action = THERE if now == document else MAKE if now is None else CHANGE
    has_profile = role.profile_exists(account)
    return [
        Part("role", role.ROLE, THERE if exists else MAKE, lambda: role.make_role(account)),
        Part("policy", role.POLICY, policy_action, lambda: role.put_policy(account, document)),
        Part("instance profile", role.PROFILE, THERE if has_profile else MAKE, lambda: role.make_profile(account)),
    ]


def _key_part(account: Account, config: Config) -> Part:
    key = keys.local_key(config.home)
    there = key is not None and keys.imported(account, key.name)
    return Part(
        "key pair",
        key.name if key else "a new one of this machine",
        THERE if there else MAKE,
        lambda: keys.import_key(account, keys.make_local_key(config.home)),
    )


def _group_parts(account: Account, config: Config) -> list[Part]:
    vpc = default_vpc(account)
    group = groups.find_group(account, vpc)
    parts = [
        Part("security group", groups.GROUP_NAME, THERE if group else MAKE, lambda: groups.make_group(account, vpc))
    ]
    if config.transport != "ssm":
        network = own_network(config.address_service)
        current = group is not None and groups.is_open(group, network) and not groups.outdated(group, network)
        action = THERE if current else CHANGE if group and groups.outdated(group, network) else MAKE
        parts.append(
            Part(
                f"port {groups.SSH_PORT}",
                f"open to {network} alone",
                action,
                lambda: groups.open_door(account, groups.make_group(account, vpc)[0], network),
            )
        )
    return parts


def _buckets_now(account: Account) -> list[str]:
    document = role.current_policy(account)
    return policy.buckets_in(document) if document else []


def default_vpc(account: Account) -> str:
    """The id of the region's default VPC. Raises RefusedError when there is none."""
    with calling("list VPCs"):
        answer = account.client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])
    for vpc in answer["Vpcs"]:
        vpc_id: str = vpc["VpcId"]
        return vpc_id
    raise RefusedError(
        f"{account.region} has no default VPC", hint="make one: aws ec2 create-default-vpc; or create with --subnet"
    )
