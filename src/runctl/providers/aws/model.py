"""What EC2's answers say, as data. Times are Unix times in seconds, sizes GiB, prices US dollars per hour."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from runctl.providers.aws import tags as own_tags

PENDING, RUNNING, STOPPING, STOPPED = "pending", "running", "stopping", "stopped"
SHUTTING_DOWN, TERMINATED = "shutting-down", "terminated"
ENDED = (SHUTTING_DOWN, TERMINATED)
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d+")


class AttachedVolume(NamedTuple):
    """A volume as an instance knows it. `device` is the attachment's name, such as /dev/sdf."""

    volume_id: str
    device: str
    delete_on_termination: bool


class Instance(NamedTuple):
    """An EC2 instance. `state` is EC2's word; `profile` the name of its instance profile; `security_groups` are ids;
    `reason` is why it is in that state where EC2 says so; `launched_at` is when it was last started."""

    id: str
    type: str
    state: str
    zone: str
    ami: str
    architecture: str
    launched_at: float
    public_address: str | None
    private_address: str | None
    vpc: str | None
    subnet: str | None
    key_name: str | None
    profile: str | None
    security_groups: tuple[str, ...]
    spot: bool
    spot_request: str | None
    reason: str
    root_device: str
    volumes: tuple[AttachedVolume, ...]
    tags: Mapping[str, str]

    @property
    def name(self) -> str:
        """Its Name tag; "" when it has none."""
        return self.tags.get(own_tags.NAME, "")

    @property
    def managed(self) -> bool:
        """Whether runctl made it."""
        return self.tags.get(own_tags.MANAGED) == "true"

    @property
    def region(self) -> str:
        """The region of its zone."""
        return region_of(self.zone)

    @property
    def ended(self) -> bool:
        """Whether it is terminated or about to be."""
        return self.state in ENDED

    @property
    def creating(self) -> str | None:
        """The token of the creation that has not been completed; None when it has."""
        return self.tags.get(own_tags.CREATING)

    @property
    def data_volumes(self) -> tuple[AttachedVolume, ...]:
        """Its volumes without the one that it boots from."""
        return tuple(volume for volume in self.volumes if volume.device != self.root_device)


class Attachment(NamedTuple):
    """That a volume is attached. `state` is EC2's: attaching, attached, detaching, busy."""

    instance_id: str
    device: str
    state: str
    delete_on_termination: bool
    attached_at: float | None


class Volume(NamedTuple):
    """An EBS volume. `state` is EC2's: creating, available, in-use, deleting, deleted, error; `throughput` MiB/s."""

    id: str
    state: str
    size_gib: int
    type: str
    zone: str
    iops: int | None
    throughput: int | None
    encrypted: bool
    snapshot_id: str | None
    created_at: float
    attachments: tuple[Attachment, ...]
    tags: Mapping[str, str]

    @property
    def name(self) -> str:
        """Its Name tag; "" when it has none."""
        return self.tags.get(own_tags.NAME, "")

    @property
    def managed(self) -> bool:
        """Whether runctl made it."""
        return self.tags.get(own_tags.MANAGED) == "true"

    @property
    def region(self) -> str:
        """The region of its zone."""
        return region_of(self.zone)

    @property
    def mount_point(self) -> str | None:
        """The directory that its tag names; None without one."""
        return self.tags.get(own_tags.MOUNT)

    @property
    def blank(self) -> bool:
        """Whether its tag says that runctl made it without a snapshot and nobody has attached it since."""
        return self.tags.get(own_tags.BLANK) == "true"


class Snapshot(NamedTuple):
    """An EBS snapshot. `state` is EC2's: pending, completed, error; `progress` such as "42%"."""

    id: str
    state: str
    volume_id: str
    size_gib: int
    progress: str
    encrypted: bool
    description: str
    started_at: float
    tags: Mapping[str, str]

    @property
    def name(self) -> str:
        """Its Name tag; "" when it has none."""
        return self.tags.get(own_tags.NAME, "")

    @property
    def managed(self) -> bool:
        """Whether runctl made it."""
        return self.tags.get(own_tags.MANAGED) == "true"


class Price(NamedTuple):
    """US dollars per hour, and where the number comes from, for people."""

    usd_per_hour: float
    source: str


class Offer(NamedTuple):
    """An instance type in a zone (None: any zone of the region) with its price; None where no price is known."""

    type: str
    zone: str | None
    spot: bool
    price: Price | None


def region_of(zone: str) -> str:
    """`us-east-1` of `us-east-1a`, and of a local zone's `us-east-1-bos-1a`."""
    match = _REGION.match(zone)
    return match[0] if match else zone


def instance_of(answer: Mapping[str, Any]) -> Instance:
    """An instance of DescribeInstances or RunInstances."""
    interface_profile = answer.get("IamInstanceProfile") or {}
    return Instance(
        id=answer["InstanceId"],
        type=answer["InstanceType"],
        state=answer["State"]["Name"],
        zone=answer.get("Placement", {}).get("AvailabilityZone", ""),
        ami=answer.get("ImageId", ""),
        architecture=answer.get("Architecture", "x86_64"),
        launched_at=_seconds(answer.get("LaunchTime")) or 0.0,
        public_address=answer.get("PublicIpAddress") or None,
        private_address=answer.get("PrivateIpAddress") or None,
        vpc=answer.get("VpcId"),
        subnet=answer.get("SubnetId"),
        key_name=answer.get("KeyName"),
        profile=interface_profile["Arn"].rpartition("/")[2] if "Arn" in interface_profile else None,
        security_groups=tuple(group["GroupId"] for group in answer.get("SecurityGroups", ())),
        spot=answer.get("InstanceLifecycle") == "spot",
        spot_request=answer.get("SpotInstanceRequestId") or None,
        reason=_reason(answer),
        root_device=answer.get("RootDeviceName") or "",
        volumes=tuple(
            AttachedVolume(mapped["Ebs"]["VolumeId"], mapped["DeviceName"], bool(mapped["Ebs"]["DeleteOnTermination"]))
            for mapped in answer.get("BlockDeviceMappings", ())
            if "Ebs" in mapped
        ),
        tags=own_tags.from_list(answer.get("Tags")),
    )


def volume_of(answer: Mapping[str, Any]) -> Volume:
    """A volume of DescribeVolumes or CreateVolume."""
    return Volume(
        id=answer["VolumeId"],
        state=answer.get("State", "creating"),
        size_gib=answer["Size"],
        type=answer.get("VolumeType", "standard"),
        zone=answer["AvailabilityZone"],
        iops=answer.get("Iops"),
        throughput=answer.get("Throughput"),
        encrypted=bool(answer.get("Encrypted")),
        snapshot_id=answer.get("SnapshotId") or None,
        created_at=_seconds(answer.get("CreateTime")) or 0.0,
        attachments=tuple(
            Attachment(
                instance_id=each["InstanceId"],
                device=each["Device"],
                state=each.get("State", "attached"),
                delete_on_termination=bool(each.get("DeleteOnTermination")),
                attached_at=_seconds(each.get("AttachTime")),
            )
            for each in answer.get("Attachments", ())
        ),
        tags=own_tags.from_list(answer.get("Tags")),
    )


def snapshot_of(answer: Mapping[str, Any]) -> Snapshot:
    """A snapshot of DescribeSnapshots or CreateSnapshot."""
    return Snapshot(
        id=answer["SnapshotId"],
        state=answer.get("State", "pending"),
        volume_id=answer.get("VolumeId", ""),
        size_gib=answer["VolumeSize"],
        progress=answer.get("Progress", ""),
        encrypted=bool(answer.get("Encrypted")),
        description=answer.get("Description", ""),
        started_at=_seconds(answer.get("StartTime")) or 0.0,
        tags=own_tags.from_list(answer.get("Tags")),
    )


def _seconds(at: datetime | None) -> float | None:
    return at.timestamp() if at else None


def _reason(answer: Mapping[str, Any]) -> str:
    """Why it is in its state: the words of StateReason, else of the transition."""
    text: str = (answer.get("StateReason") or {}).get("Message") or answer.get("StateTransitionReason") or ""
    return text
