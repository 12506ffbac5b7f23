"""The role of runctl's instances and the instance profile that carries it."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from runctl.core.aws import Account, calling
from runctl.core.errors import CloudError, NotFoundError
from runctl.providers.aws import policy, tags

ROLE = "runctl-instance"
PROFILE = "runctl-instance"
POLICY = "runctl"


class Caller(NamedTuple):
    """Who the credentials belong to. `partition` is aws, aws-cn or aws-us-gov."""

    account_id: str
    arn: str
    partition: str


def caller(account: Account) -> Caller:
    """Who asks. Raises CloudError."""
    with calling("ask who these credentials belong to"):
        answer = account.client("sts").get_caller_identity()
    return Caller(answer["Account"], answer["Arn"], answer["Arn"].split(":")[1])


def profile_exists(account: Account, name: str = PROFILE) -> bool:
    """Whether there is an instance profile with a role in it. Raises CloudError."""
    try:
        with calling(f"look up the instance profile {name}"):
            answer = account.client("iam").get_instance_profile(InstanceProfileName=name)
    except NotFoundError:
        return False
    return bool(answer["InstanceProfile"]["Roles"])


def role_exists(account: Account) -> bool:
    """Whether runctl's role is there. Raises CloudError."""
    try:
        with calling(f"look up the role {ROLE}"):
            account.client("iam").get_role(RoleName=ROLE)
    except NotFoundError:
        return False
    return True


def current_policy(account: Account) -> dict[str, Any] | None:
    """The role's policy as it is; None when there is no role or no policy."""
    try:
        with calling(f"look up the role {ROLE}"):
            answer = account.client("iam").get_role_policy(RoleName=ROLE, PolicyName=POLICY)
    except NotFoundError:
        return None
    document: dict[str, Any] = answer["PolicyDocument"]
    return document


def make_role(account: Account) -> bool:
    """Makes the role. False when it was there."""
    return _made(
        "create the role",
        lambda: account.client("iam").create_role(
            RoleName=ROLE,
            AssumeRolePolicyDocument=json.dumps(policy.TRUST),
            Description="What instances made by runctl may do",
            Tags=tags.as_list(tags.own(ROLE)),
        ),
    )


def put_policy(account: Account, document: dict[str, Any]) -> None:
    """Gives the role this policy, in place of what it had."""
    with calling("write the role's policy"):
        account.client("iam").put_role_policy(RoleName=ROLE, PolicyName=POLICY, PolicyDocument=json.dumps(document))


def make_profile(account: Account) -> bool:
    """Makes the instance profile and puts the role into it. False when both were so."""
    made = _made(
        "create the instance profile",
        lambda: account.client("iam").create_instance_profile(
            InstanceProfileName=PROFILE, Tags=tags.as_list(tags.own(PROFILE))
        ),
    )
    if profile_exists(account):
        return made
    with calling("put the role into the instance profile"):
        account.client("iam").add_role_to_instance_profile(InstanceProfileName=PROFILE, RoleName=ROLE)
    return True


def _made(action: str, create: Any) -> bool:
    try:
        with calling(action):
            create()
    except CloudError as error:
        if error.code == "EntityAlreadyExists":
            return False
        raise
    return True
