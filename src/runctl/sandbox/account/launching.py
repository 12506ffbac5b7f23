"""What a RunInstances request asks for beyond what moto keeps, and whether it can be had."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS, INSTANCE_TYPES

from runctl.sandbox.account.prices import spot_price
from runctl.sandbox.account.refusing import refuse
from runctl.sandbox.faults import Faults

# a tag of the instance by which a test asks for a record without a host
RECORD_TAG = "runctl-sandbox:record"
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html
_METADATA_KEY = re.compile(r"[0-9a-zA-Z\-_+=,.@:]{1,255}")


class Disk(NamedTuple):
    """A volume that comes with an instance. What is None is as the AMI or EBS has it."""

    device: str
    size_gib: int | None = None
    snapshot_id: str | None = None
    volume_type: str | None = None
    iops: int | None = None
    throughput: int | None = None
    encrypted: bool = False
    delete_on_termination: bool | None = None


class Launch(NamedTuple):
    """The rest of a RunInstances request."""

    spot: bool = False
    max_price: str = ""
    spot_type: str = "one-time"
    interruption: str = "terminate"
    termination_protected: bool = False
    disks: tuple[Disk, ...] = ()
    without: frozenset[str] = frozenset()
    tags: Mapping[str, Mapping[str, str]] = {}

    @property
    def is_record(self) -> bool:
        """Whether the instance is to be a record without a host."""
        return self.tags.get("instance", {}).get(RECORD_TAG) == "true"


def launch_of(params: Any, tags: Mapping[str, Mapping[str, str]]) -> Launch:
    """Reads a request's parameters, as moto's parser gives them."""
    if (params.get("MetadataOptions") or {}).get("InstanceMetadataTags") == "enabled":
        _check_keys(tags.get("instance", {}))
    market = params.get("InstanceMarketOptions") or {}
    spot = market.get("SpotOptions") or {}
    mappings = params.get("BlockDeviceMappings") or []
    return Launch(
        spot=market.get("MarketType") == "spot",
        max_price=spot.get("MaxPrice") or "",
        spot_type=spot.get("SpotInstanceType") or "one-time",
        interruption=spot.get("InstanceInterruptionBehavior") or "terminate",
        termination_protected=bool(params.get("DisableApiTermination")),
        disks=tuple(_disk(each) for each in mappings if each.get("Ebs") is not None),
        without=frozenset(each["DeviceName"] for each in mappings if "NoDevice" in each),
        tags=tags,
    )


def _check_keys(tags: Iterable[str]) -> None:
    """Refuses tags that an instance's metadata can't show."""
    for key in tags:
        if not _METADATA_KEY.fullmatch(key) or key in (".", "..", "_index"):
            refuse(
                "InvalidParameterValue",
                f"'{key}' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\-_+=,.@:]{{1,255}}), and "
                "must not be a reserved name ('.', '..', '_index')",
            )


def _disk(mapping: Mapping[str, Any]) -> Disk:
    ebs = mapping["Ebs"]
    if not mapping.get("DeviceName"):
        refuse("MissingParameter", "The request must contain the parameter deviceName")
    return Disk(
        device=mapping["DeviceName"],
        size_gib=_whole(ebs.get("VolumeSize")),
        snapshot_id=ebs.get("SnapshotId"),
        volume_type=ebs.get("VolumeType"),
        iops=_whole(ebs.get("Iops")),
        throughput=_whole(ebs.get("Throughput")),
        encrypted=bool(ebs.get("Encrypted")),
        delete_on_termination=ebs.get("DeleteOnTermination"),
    )


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def check_image(backend: Any, image_id: str | None, instance_type: str) -> None:
    """Refuses an AMI that is not there, or that is of another architecture than the type."""
    if not image_id:
        refuse("MissingParameter", "The request must contain the parameter ImageId")
    if not image_id.startswith("ami-"):
        refuse("InvalidAMIID.Malformed", f'Invalid id: "{image_id}" (expecting "ami-...")')
    if image_id not in backend.amis:
        refuse("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")
    wanted = backend.amis[image_id].architecture
    offered = INSTANCE_TYPES[instance_type]["ProcessorInfo"]["SupportedArchitectures"]
    if wanted not in offered:
        refuse(
            "InvalidParameterValue",
            f"The architecture '{','.join(offered)}' of the specified instance type does not match the architecture "
            f"'{wanted}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, "
            "and try again. You can use 'describe-instance-types' or 'describe-images' to discover the architecture of "
            "the instance type or AMI.",
        )


def check_type(instance_type: str) -> None:
    """Refuses a type that is none."""
    if instance_type not in INSTANCE_TYPES:
        refuse("InvalidParameterValue", f"Invalid value '{instance_type}' for InstanceType.")


def zone_for(region: str, instance_type: str, wanted: str | None) -> str:
    """The zone an instance of that type gets: the one wanted, else the first that offers it."""
    zones = zones_offering(region, instance_type)
    if not zones:
        refuse(
            "Unsupported",
            "The requested configuration is currently not supported. Please check the documentation for supported "
            "configurations.",
        )
    if wanted and wanted not in zones:
        refuse(
            "Unsupported",
            f"Your requested instance type ({instance_type}) is not supported in your requested Availability Zone "
            f"({wanted}). Please retry your request by not specifying an Availability Zone or choosing "
            f"{', '.join(zones)}.",
        )
    return wanted or zones[0]


def zones_offering(region: str, instance_type: str) -> list[str]:
    """The zones of a region that offer a type, sorted."""
    offerings = INSTANCE_TYPE_OFFERINGS["availability-zone"].get(region, [])
    return sorted(each["Location"] for each in offerings if each["InstanceType"] == instance_type)


def check_capacity(faults: Faults, launch: Launch, region: str, instance_type: str, zone: str) -> None:
    """Refuses where a fault says that there is no capacity or no quota, or where less is bid than spot costs."""
    if launch.spot and launch.max_price and float(launch.max_price) < spot_price(region, zone, instance_type):
        price = spot_price(region, zone, instance_type)
        refuse(
            "SpotMaxPriceTooLow",
            f"Your Spot request price of {launch.max_price} is lower than the minimum required Spot request "
            f"fulfillment price of {price:.4f}.",
        )
    if faults.strike("no-quota", spot=str(launch.spot), type=instance_type):
        if launch.spot:
            refuse("MaxSpotInstanceCountExceeded", "Max spot instance count exceeded")
        refuse(
            "VcpuLimitExceeded",
            "You have requested more vCPU capacity than your current vCPU limit allows for the instance bucket that "
            "the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to "
            "request an adjustment to this limit.",
        )
    if faults.strike("no-capacity", spot=str(launch.spot), type=instance_type, zone=zone):
        if launch.spot:
            refuse("InsufficientInstanceCapacity", "There is no Spot capacity available that matches your request.")
        refuse(
            "InsufficientInstanceCapacity",
            f"We currently do not have sufficient {instance_type} capacity in the Availability Zone you requested "
            f"({zone}). Our system will be working on provisioning additional capacity.",
        )
