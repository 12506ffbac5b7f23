"""The sandbox's volumes are what EBS's are, as far as plain boto3 and plain ssh can see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from account import Machine, Sandbox, until

pytestmark = pytest.mark.slow

MOUNT = "sudo mkdir -p /mnt/x && sudo mount {} /mnt/x"
BY_ID = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{}"


def code_of(action: Any, **asked: Any) -> str:
    """AWS's code for the refusal of a call."""
    with pytest.raises(ClientError) as refused:
        action(**asked)
    return str(refused.value.response["Error"]["Code"])


@pytest.fixture
def volume(ec2: Any, instance: Machine) -> Iterator[str]:
    """A volume of 1 GiB in the instance's zone; deleted after the test."""
    volume_id: str = ec2.create_volume(AvailabilityZone=instance.zone, Size=1, VolumeType="gp3")["VolumeId"]
    wait_for_volume(ec2, volume_id, "available")
    yield volume_id
    instance.try_ssh("sudo umount /mnt/x")
    if attachments(ec2, volume_id):
        ec2.detach_volume(VolumeId=volume_id, Force=True)
    wait_for_volume(ec2, volume_id, "available")
    ec2.delete_volume(VolumeId=volume_id)


def describe(ec2: Any, volume_id: str) -> Any:
    return ec2.describe_volumes(VolumeIds=[volume_id])["Volumes"][0]


def attachments(ec2: Any, volume_id: str) -> list[Any]:
    found: list[Any] = describe(ec2, volume_id)["Attachments"]
    return found


def wait_for_volume(ec2: Any, volume_id: str, state: str) -> None:
    until(lambda: describe(ec2, volume_id)["State"] == state, f"{volume_id} {state}")


def attach(ec2: Any, volume_id: str, instance_id: str, device: str = "/dev/sdf") -> None:
    assert ec2.attach_volume(VolumeId=volume_id, InstanceId=instance_id, Device=device)["State"] == "attaching"
    until(lambda: attachments(ec2, volume_id)[0]["State"] == "attached", f"{volume_id} attached")


def test_an_attached_volume_is_a_disk_and_detaches_once_it_is_unmounted(
    ec2: Any, instance: Machine, volume: str
) -> None:
    attach(ec2, volume, instance.id)
    device = instance.ssh(f"readlink -f {BY_ID.format(volume.replace('-', ''))}").strip()
    assert device.startswith("/dev/nvme")
    assert instance.ssh("readlink -f /dev/sdf").strip() == device
    instance.ssh(f"sudo mkfs.xfs -q {device} && {MOUNT.format(device)} && echo kept | sudo tee /mnt/x/kept")
    assert code_of(ec2.delete_volume, VolumeId=volume) == "VolumeInUse"
    assert ec2.detach_volume(VolumeId=volume)["State"] == "detaching"
    instance.ssh("cat /mnt/x/kept")
    assert attachments(ec2, volume)[0]["State"] == "detaching"
    instance.ssh("sudo umount /mnt/x")
    wait_for_volume(ec2, volume, "available")
    assert instance.try_ssh(f"test -e {device}").returncode == 1
    attach(ec2, volume, instance.id, "/dev/sdg")
    assert instance.ssh(f"{MOUNT.format('/dev/sdg')} && cat /mnt/x/kept") == "kept\n"


def test_a_volume_is_the_same_on_the_next_instance(account: Sandbox, ec2: Any, instance: Machine, volume: str) -> None:
    attach(ec2, volume, instance.id)
    instance.ssh("echo here it is | sudo dd of=/dev/sdf conv=fsync status=none")
    ec2.detach_volume(VolumeId=volume)
    wait_for_volume(ec2, volume, "available")
    other = account.run_instance()
    attach(ec2, volume, other.id)
    assert other.ssh("sudo head -c 10 /dev/sdf") == "here it is"
    ec2.terminate_instances(InstanceIds=[other.id])
    wait_for_volume(ec2, volume, "available")


def test_a_snapshot_holds_what_was_there_and_makes_a_larger_volume(ec2: Any, instance: Machine, volume: str) -> None:
    attach(ec2, volume, instance.id)
    instance.ssh(f"sudo mkfs.ext4 -q /dev/sdf && {MOUNT.format('/dev/sdf')} && echo then | sudo tee /mnt/x/f; sync")
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    ec2.get_waiter("snapshot_completed").wait(SnapshotIds=[snapshot], WaiterConfig={"Delay": 1})
    instance.ssh("echo now | sudo tee /mnt/x/f; sudo umount /mnt/x")
    copy = ec2.create_volume(AvailabilityZone=instance.zone, SnapshotId=snapshot, Size=2)["VolumeId"]
    wait_for_volume(ec2, copy, "available")
    attach(ec2, copy, instance.id, "/dev/sdh")
    assert instance.ssh(f"{MOUNT.format('/dev/sdh')} && cat /mnt/x/f") == "then\n"
    assert instance.ssh("lsblk --bytes --noheadings --nodeps --output SIZE /dev/sdh").strip() == str(2 << 30)
    instance.ssh("sudo umount /mnt/x")
    ec2.detach_volume(VolumeId=copy)
    wait_for_volume(ec2, copy, "available")
    ec2.delete_volume(VolumeId=copy)
    ec2.delete_snapshot(SnapshotId=snapshot)
    assert code_of(ec2.describe_snapshots, SnapshotIds=[snapshot]) == "InvalidSnapshot.NotFound"


def test_a_volume_grows_while_it_is_attached(ec2: Any, instance: Machine, volume: str) -> None:
    attach(ec2, volume, instance.id)
    ec2.modify_volume(VolumeId=volume, Size=3)
    size = "lsblk --bytes --noheadings --nodeps --output SIZE /dev/sdf"
    until(lambda: instance.ssh(size).strip() == str(3 << 30), "the larger size")
    assert code_of(ec2.modify_volume, VolumeId=volume, Size=2) == "InvalidParameterValue"


def test_what_cannot_be_attached_is_refused_with_ebs_own_code(ec2: Any, instance: Machine, volume: str) -> None:
    asked = {"InstanceId": instance.id, "Device": "/dev/sdf"}
    assert code_of(ec2.attach_volume, VolumeId="vol-0123456789abcdef0", **asked) == "InvalidVolume.NotFound"
    attach(ec2, volume, instance.id)
    assert code_of(ec2.attach_volume, VolumeId=volume, **asked) == "VolumeInUse"
    zone = f"{instance.zone[:-1]}d"
    elsewhere = ec2.create_volume(AvailabilityZone=zone, Size=1)["VolumeId"]
    wait_for_volume(ec2, elsewhere, "available")
    assert code_of(ec2.attach_volume, VolumeId=elsewhere, **asked) == "InvalidVolume.ZoneMismatch"
    ec2.delete_volume(VolumeId=elsewhere)
    second = ec2.create_volume(AvailabilityZone=instance.zone, Size=1)["VolumeId"]
    wait_for_volume(ec2, second, "available")
    assert code_of(ec2.attach_volume, VolumeId=second, **asked) == "InvalidParameterValue"
    assert code_of(ec2.detach_volume, VolumeId=second) == "IncorrectState"
    ec2.delete_volume(VolumeId=second)


def test_the_same_client_token_makes_one_volume(ec2: Any, instance: Machine) -> None:
    asked = {"AvailabilityZone": instance.zone, "Size": 1, "ClientToken": "one volume"}
    volume = ec2.create_volume(**asked)["VolumeId"]
    assert ec2.create_volume(**asked)["VolumeId"] == volume
    assert code_of(ec2.create_volume, **(asked | {"Size": 2})) == "IdempotentParameterMismatch"
    wait_for_volume(ec2, volume, "available")
    ec2.delete_volume(VolumeId=volume)


def test_a_volume_in_an_unknown_zone_is_refused(ec2: Any) -> None:
    assert code_of(ec2.create_volume, AvailabilityZone="us-east-1z", Size=1) == "InvalidZone.NotFound"
