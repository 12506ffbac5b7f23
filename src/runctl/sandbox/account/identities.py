"""Who calls: the sandbox's own user, and keys issued by IAM, STS and the instances' roles. Binds moto's IAM and STS."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from runctl.sandbox.account.parts import ACCOUNT_ID

_USER = "sandbox"
# in a policy's document: what the SSM agent needs
_REGISTERS = ("ssm:UpdateInstanceInformation", "ssmmessages:", '"ssm:*"', '"Action": "*"', '"Action":"*"')
_ROLE_KEY_S = 6 * 3600
# keys are renewed this long before they expire, as on EC2
_RENEWED_BEFORE = timedelta(minutes=5)


class RoleKeys(NamedTuple):
    """Temporary keys of a role."""

    access_key: str
    secret_key: str
    token: str
    expires_at: datetime


def add_own_user(access_key: str, secret_key: str) -> None:
    """Makes the IAM user whose key the sandbox's own is."""
    from moto.iam.models import iam_backends

    iam = iam_backends[ACCOUNT_ID]["aws"]
    iam.create_user("us-east-1", _USER)
    key = iam.create_access_key(_USER)
    del iam.access_keys[key.access_key_id]
    key.access_key_id, key.secret_access_key = access_key, secret_key
    iam.access_keys[access_key] = key


def issued_key(access_key: str) -> tuple[str | None, str, datetime | None]:
    """Secret key, session token and expiry of a key that IAM or STS issued; (None, "", None) for any other."""
    from moto.iam.models import iam_backends
    from moto.sts.models import sts_backends

    role: Any = sts_backends[ACCOUNT_ID]["aws"].get_assumed_role_from_access_key(access_key)
    if role is not None:
        return role.secret_access_key, role.session_token, _aware(role.expiration)
    key = iam_backends[ACCOUNT_ID]["aws"].access_keys.get(access_key)
    if key is None or key.status != "Active":
        return None, "", None
    return key.secret_access_key, "", None


def role_of_profile(profile_arn: str) -> Any:
    """moto's role in an instance profile; None when there is no such profile, or no role in it."""
    from moto.iam.models import iam_backends

    for profile in iam_backends[ACCOUNT_ID]["aws"].instance_profiles.values():
        if profile.arn == profile_arn and profile.roles:
            return profile.roles[0]
    return None


def role_keys(role: Any, instance_id: str) -> RoleKeys:
    """Keys of an instance's role, the same ones until shortly before they expire."""
    from moto.sts.models import sts_backends

    sts = sts_backends[ACCOUNT_ID]["aws"]
    now = datetime.now(timezone.utc)
    for assumed in reversed(sts.assumed_roles):
        good_until = _aware(assumed.expiration) - _RENEWED_BEFORE
        if assumed.role_arn == role.arn and assumed.session_name == instance_id and good_until > now:
            break
    else:
        assumed = sts.assume_role("us-east-1", instance_id, role.arn, "", _ROLE_KEY_S, "")
    return RoleKeys(assumed.access_key_id, assumed.secret_access_key, assumed.session_token, _aware(assumed.expiration))


def may_use_ssm(role: Any) -> bool:
    """Whether a role lets the instance's SSM agent register itself."""
    versions = [version for each in role.managed_policies.values() for version in each.versions if version.is_default]
    documents = [str(each.document) for each in versions]
    documents += [str(each) for each in role.policies.values()]
    return any(words in document for document in documents for words in _REGISTERS)


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)
