"""The one request that makes an instance with everything that belongs to it; pure."""

from __future__ import annotations

from typing import Any

from runctl.providers.aws import tags
from runctl.providers.aws.creation_plan import Plan
from runctl.providers.aws.places import Place
from runctl.providers.aws.wanted import DISK

# containers on the instance are one hop further from its metadata than its own processes
_METADATA_HOPS = 2


def token_of(plan: Plan, attempt: int) -> str:
    """The client token of an attempt: EC2 answers the same token with the same instance."""
    return f"{plan.token}-{attempt}"


def run_instances(plan: Plan, place: Place, spot: bool, key: str | None, group: str, attempt: int) -> dict[str, Any]:
    """RunInstances' arguments for `plan` in `place`, with the names of what was made before."""
    request: dict[str, Any] = {
        "ClientToken": token_of(plan, attempt),
        "MinCount": 1,
        "MaxCount": 1,
        "ImageId": plan.image.id,
        "InstanceType": plan.kind.name,
        "SubnetId": place.subnet,
        "SecurityGroupIds": [group],
        "MetadataOptions": {
            "HttpTokens": "required",
            "HttpEndpoint": "enabled",
            "HttpPutResponseHopLimit": _METADATA_HOPS,
            "InstanceMetadataTags": "enabled",
        },
        # a machine that shuts itself down keeps its disk where EC2 lets it; a spot instance can't be stopped
        "InstanceInitiatedShutdownBehavior": "terminate" if spot else "stop",
        "BlockDeviceMappings": _disks(plan),
        "TagSpecifications": _tags(plan, spot),
    }
    if key:
        request["KeyName"] = key
    if plan.profile:
        request["IamInstanceProfile"] = {"Name": plan.profile}
    if plan.user_data:
        request["UserData"] = plan.user_data
    if spot:
        request["InstanceMarketOptions"] = _market(plan)
    return request


def _disks(plan: Plan) -> list[dict[str, Any]]:
    root = {"VolumeSize": plan.root_gib, "VolumeType": "gp3", "DeleteOnTermination": True, "Encrypted": True}
    data = [
        {
            "DeviceName": volume.device,
            "Ebs": {
                "VolumeSize": volume.size_gib,
                "VolumeType": "gp3",
                "DeleteOnTermination": False,
                "Encrypted": True,
            },
        }
        for volume in plan.volumes
    ]
    return [{"DeviceName": plan.image.root_device, "Ebs": root}, *data]


def _tags(plan: Plan, spot: bool) -> list[dict[str, Any]]:
    own = {**plan.tags, **tags.own(plan.name)}
    unfinished = {**own, tags.CREATING: plan.token}
    # a data volume may be called as the instance is, and is then the one that is meant
    disks = {**unfinished, tags.NAME: f"{plan.name}{DISK}"}
    made = {"instance": unfinished, "volume": disks, "network-interface": own}
    if spot:
        made["spot-instances-request"] = own
    return [{"ResourceType": kind, "Tags": tags.as_list(each)} for kind, each in made.items()]


def _market(plan: Plan) -> dict[str, Any]:
    options: dict[str, Any] = {"SpotInstanceType": "one-time", "InstanceInterruptionBehavior": "terminate"}
    if plan.spot_max_price is not None:
        options["MaxPrice"] = f"{plan.spot_max_price:g}"
    return {"MarketType": "spot", "SpotOptions": options}
