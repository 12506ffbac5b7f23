"""Findings about permissions, by requests that AWS checks but does not carry out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from runctl.core.aws import Account, calling
from runctl.core.config import Config
from runctl.core.errors import CloudError, NotFoundError
from runctl.providers.aws import tags
from runctl.providers.aws.findings import FAIL, OK, WARN, Finding

ALLOWED = "DryRunOperation"
# ids of nothing; permissions are checked before they are looked up
_NO_INSTANCE, _NO_VOLUME, _NO_SNAPSHOT = "i-00000000000000000", "vol-00000000000000000", "snap-00000000000000000"
_MARK = [{"Key": tags.MANAGED, "Value": "true"}]

# what runctl does in EC2 → a request for it
_REQUESTS: Mapping[str, Mapping[str, Any]] = {
    "start_instances": {"InstanceIds": [_NO_INSTANCE]},
    "stop_instances": {"InstanceIds": [_NO_INSTANCE]},
    "terminate_instances": {"InstanceIds": [_NO_INSTANCE]},
    "create_volume": {"Size": 1, "VolumeType": "gp3"},
    "attach_volume": {"InstanceId": _NO_INSTANCE, "VolumeId": _NO_VOLUME, "Device": "/dev/sdf"},
    "detach_volume": {"VolumeId": _NO_VOLUME},
    "delete_volume": {"VolumeId": _NO_VOLUME},
    "create_snapshot": {"VolumeId": _NO_VOLUME},
    "delete_snapshot": {"SnapshotId": _NO_SNAPSHOT},
    "create_tags": {"Resources": [_NO_INSTANCE], "Tags": _MARK},
    "import_key_pair": {"KeyName": "runctl-doctor", "PublicKeyMaterial": b"ssh-ed25519 AAAA"},
    "create_security_group": {"GroupName": "runctl-doctor", "Description": "runctl"},
}


def permissions(account: Account, config: Config) -> Iterator[Finding]:
    """Whether each thing that runctl does is allowed; one finding when all of it is."""
    client = account.client("ec2")
    with calling("list zones"):
        zone = client.describe_availability_zones()["AvailabilityZones"][0]["ZoneName"]
    places = {"create_volume": {"AvailabilityZone": zone}}
    answers = {
        _action(operation): _allowed(getattr(client, operation), {**arguments, **places.get(operation, {})})
        for operation, arguments in _REQUESTS.items()
    }
    missing = [action for action, allowed in answers.items() if allowed is False]
    unknown = [action for action, allowed in answers.items() if allowed is None]
    if missing:
        yield Finding(
            FAIL, "permissions", f"not allowed: {', '.join(missing)}", "have them added to your user's or role's policy"
        )
    if unknown:
        yield Finding(WARN, "permissions", f"could not be checked: {', '.join(unknown)}")
    if not missing and not unknown:
        yield Finding(OK, "permissions", f"all {len(_REQUESTS)} actions in EC2 that runctl takes are allowed")


def _allowed(request: Callable[..., object], arguments: Mapping[str, Any]) -> bool | None:
    """Whether AWS would have carried the request out; None when it does not say."""
    try:
        with calling("check a permission"):
            request(DryRun=True, **arguments)
    except NotFoundError:
        return True  # it was looked up, so it was allowed
    except CloudError as error:
        return True if error.code == ALLOWED else False if error.code == "UnauthorizedOperation" else None
    return None


def _action(operation: str) -> str:
    """`ec2:CreateVolume` of create_volume."""
    return "ec2:" + "".join(word.capitalize() for word in operation.split("_"))
