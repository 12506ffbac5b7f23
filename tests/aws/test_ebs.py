"""`runctl aws ebs`, in a sandbox: the life of a volume, as a user sees it."""

from __future__ import annotations

from typing import Any

import pytest
from ebs_support import Asked, Runctl, device_of, ebs, key, made, volume

from account import REGION, Machine, Sandbox, wait_for_state

__all__ = ["ebs", "key", "made", "volume"]  # fixtures
pytestmark = pytest.mark.slow
# a place that nobody would guess
POINT = "/srv/of all places/data"


def test_a_volume_outlives_its_instance_and_is_restored_from_its_snapshot(
    ebs: Asked, made: list[str], volume: str, instance: Machine, account: Sandbox, ec2: Any
) -> None:
    second = account.run_instance(Placement={"AvailabilityZone": instance.zone})
    attached = ebs("attach", volume, second.id, "--mount-point", POINT)
    assert attached["mount"]["formatted"]
    assert (attached["mount"]["file_system"], attached["mount"]["mount_point"]) == ("xfs", POINT)
    second.ssh(f"echo kept > '{POINT}/file'")  # as the user who logs in
    made.append(ebs("snapshot", volume, "--wait")["id"])
    assert ebs("detach", volume)["unmounted"] == [POINT]
    ec2.terminate_instances(InstanceIds=[second.id])
    wait_for_state(ec2, second.id, "terminated")

    again = ebs("attach", volume, instance.id)
    assert (again["mount"]["formatted"], again["mount"]["mount_point"]) == (False, POINT)
    assert instance.ssh(f"cat '{POINT}/file'") == "kept\n"

    copy = ebs("restore", made[-1], "--size", "2", "--zone", instance.zone, "--name", "copy", "--yes")
    made.append(copy["id"])
    restored = ebs("attach", "copy", instance.id, "--mount-point", "/mnt/copy")
    assert restored["mount"]["grown_bytes"] > 0.9 * (1 << 30)
    assert instance.ssh("cat /mnt/copy/file") == "kept\n"
    assert ebs("pre-warm", "copy")["read_bytes"] == 2 << 30


def test_a_foreign_volume_with_data_is_not_formatted_and_a_blank_one_only_when_asked(
    ebs: Asked, made: list[str], instance: Machine, ec2: Any, runctl: Runctl
) -> None:
    foreign = ec2.create_volume(Size=1, AvailabilityZone=instance.zone)["VolumeId"]
    made.append(foreign)
    ebs("attach", foreign, instance.id)
    assert instance.ssh(f"ls /dev/disk/by-id | grep -c {foreign.replace('-', '')}$") == "1\n"
    refused = runctl("aws", "ebs", "mount", foreign, "/mnt/foreign")
    assert refused.returncode == 3
    assert "holds no file system" in refused.stderr
    device = device_of(foreign)
    instance.ssh(f"echo precious | sudo dd of={device} bs=1 seek=777777777 conv=notrunc,fsync status=none")
    refused = runctl("aws", "ebs", "mount", foreign, "/mnt/foreign", "--format", "xfs")
    assert refused.returncode == 3
    assert "holds data" in refused.stderr
    assert f"--erase {foreign}" in refused.stderr
    assert instance.ssh(f"sudo dd if={device} bs=1 skip=777777777 count=8 status=none") == "precious"
    wrong = runctl("aws", "ebs", "mount", foreign, "/mnt/foreign", "--format", "xfs", "--erase", "vol-1", "--yes")
    assert wrong.returncode == 2
    words = ("/mnt/foreign", "--format", "ext4", "--erase", foreign, "--yes")
    assert ebs("mount", foreign, *words)["mount"]["file_system"] == "ext4"


def test_a_volume_that_was_attached_first_and_written_to_by_hand_is_not_formatted(
    ebs: Asked, volume: str, instance: Machine, runctl: Runctl
) -> None:
    device = device_of(volume)
    ebs("attach", volume, instance.id)
    instance.ssh(f"echo precious | sudo dd of={device} bs=1 seek=543210987 conv=notrunc,fsync status=none")
    refused = runctl("aws", "ebs", "mount", volume, "/mnt/mine")
    assert refused.returncode == 3
    assert "holds data of an unknown kind" in refused.stderr


def test_a_volume_that_was_attached_first_and_not_written_to_need_not_be_read_whole(
    ebs: Asked, made: list[str], instance: Machine
) -> None:
    made.append(ebs("create", "--size", "500", "--zone", instance.zone, "--yes")["id"])
    ebs("attach", made[-1], instance.id)
    assert ebs("mount", made[-1], "/mnt/large")["mount"]["formatted"]
    number = f"$(stat -Lc %Hr:%Lr {device_of(made[-1])})"
    sectors_read = int(instance.ssh(f"cat /sys/dev/block/{number}/stat").split()[2])
    assert 0 < sectors_read * 512 < 400 << 30


def test_a_volume_in_another_zone_is_refused_with_both_zones_and_nothing_is_changed(
    ebs: Asked, made: list[str], instance: Machine, runctl: Runctl
) -> None:
    other = next(f"{REGION}{letter}" for letter in "abc" if f"{REGION}{letter}" != instance.zone)
    made.append(ebs("create", "--size", "1", "--zone", other, "--yes")["id"])
    refused = runctl("aws", "ebs", "attach", made[-1], instance.id, "--mount-point", "/mnt/x")
    assert refused.returncode == 3
    assert other in refused.stderr and instance.zone in refused.stderr
    assert "restore" in refused.stderr
    [listed] = [each for each in ebs("list") if each["id"] == made[-1]]
    assert (listed["state"], listed["tags"]["runctl:blank"]) == ("available", "true")


def test_a_zone_that_is_none_is_refused_and_without_one_the_instances_decides(
    account: Sandbox, ebs: Asked, made: list[str], runctl: Runctl
) -> None:
    refused = runctl("aws", "ebs", "create", "--size", "1", "--zone", f"{REGION}q", "--yes")
    assert refused.returncode == 4
    assert f"{REGION}a" in refused.stderr
    placed = account.run_instance(
        Placement={"AvailabilityZone": f"{REGION}c"},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "runctl:managed", "Value": "true"}]}],
    )
    made.append(ebs("create", "--size", "1", "--yes")["id"])
    [listed] = [each for each in ebs("list") if each["id"] == made[-1]]
    account.client("ec2").terminate_instances(InstanceIds=[placed.id])
    wait_for_state(account.client("ec2"), placed.id, "terminated")
    assert listed["zone"] == f"{REGION}c"


def test_a_volume_in_use_is_neither_attached_elsewhere_nor_deleted(
    ebs: Asked, volume: str, instance: Machine, account: Sandbox, runctl: Runctl
) -> None:
    ebs("attach", volume, instance.id, "--mount-point", "/mnt/used")
    second = account.run_instance(Placement={"AvailabilityZone": instance.zone})
    refused = runctl("aws", "ebs", "attach", volume, second.id)
    account.client("ec2").terminate_instances(InstanceIds=[second.id])
    wait_for_state(account.client("ec2"), second.id, "terminated")
    assert refused.returncode == 3
    assert instance.id in refused.stderr
    deleted = runctl("aws", "ebs", "delete", volume, "--yes")
    assert deleted.returncode == 3
    assert f"ebs detach {volume}" in deleted.stderr


def test_a_volume_is_not_attached_to_an_instance_that_has_ended(
    ebs: Asked, volume: str, instance: Machine, account: Sandbox, ec2: Any, runctl: Runctl
) -> None:
    ended = account.run_instance(Placement={"AvailabilityZone": instance.zone})
    ec2.terminate_instances(InstanceIds=[ended.id])
    wait_for_state(ec2, ended.id, "terminated")
    for words in ([], ["--mount-point", "/mnt/late"]):
        refused = runctl("aws", "ebs", "attach", volume, ended.id, *words)
        assert refused.returncode == 4
        assert f"{ended.id} is terminated" in refused.stderr
    [listed] = [each for each in ebs("list") if each["id"] == volume]
    assert (listed["state"], listed["tags"]["runctl:blank"]) == ("available", "true")


def test_detaching_is_refused_while_a_process_writes_and_loses_nothing(
    ebs: Asked, volume: str, instance: Machine, runctl: Runctl
) -> None:
    ebs("attach", volume, instance.id, "--mount-point", "/mnt/written")
    writing = "exec 3>/mnt/written/log; while echo line >&3; do sleep 0.05; done"
    pid = instance.ssh(f"cd /; nohup sh -c '{writing}' >/dev/null 2>&1 & echo $!").strip()
    refused = runctl("aws", "ebs", "detach", volume)
    assert refused.returncode == 3
    assert f"process {pid} (" in refused.stderr
    instance.ssh(f"kill {pid}; while [ -d /proc/{pid} ]; do sleep 0.05; done")
    lines = instance.ssh("wc -l < /mnt/written/log")
    assert ebs("detach", volume)["unmounted"] == ["/mnt/written"]
    ebs("attach", volume, instance.id)
    assert instance.ssh("wc -l < /mnt/written/log") == lines


def test_a_volume_grows_while_it_is_in_use(ebs: Asked, volume: str, instance: Machine, runctl: Runctl) -> None:
    ebs("attach", volume, instance.id, "--mount-point", "/mnt/grown")
    grown = ebs("resize", volume, "--size", "3", "--yes")
    assert grown["problem"] is None
    assert grown["grown_bytes"] > 1.9 * (1 << 30)
    assert ebs("resize", volume, "--size", "3")["grown_bytes"] == 0
    smaller = runctl("aws", "ebs", "resize", volume, "--size", "2", "--yes")
    assert smaller.returncode == 3


def test_deleting_tells_the_last_snapshot_and_a_foreign_volume_is_kept(
    ebs: Asked, made: list[str], instance: Machine, ec2: Any, runctl: Runctl
) -> None:
    volume = ebs("create", "--size", "1", "--zone", instance.zone, "--name", "old", "--yes")["id"]
    made.append(ebs("snapshot", "old", "--name", "old-1", "--wait")["id"])
    assert [each["id"] for each in ebs("snapshots", "--volume", "old")] == [made[-1]]
    second = ebs("create", "--size", "1", "--zone", instance.zone, "--yes")["id"]
    gone = [{"id": volume, "last_snapshot": made[-1]}, {"id": second, "last_snapshot": None}]
    assert ebs("delete", "old", second, volume, "--yes") == {"volumes": gone}
    assert runctl("aws", "ebs", "delete", volume, "--yes").returncode == 4
    made.append(ec2.create_volume(Size=1, AvailabilityZone=instance.zone)["VolumeId"])
    foreign = runctl("aws", "ebs", "delete", made[-1], "--yes")
    assert foreign.returncode == 3
    assert "--force" in foreign.stderr
    assert made[-1] not in [each["id"] for each in ebs("list")]
    assert made[-1] in [each["id"] for each in ebs("list", "--all")]


def test_after_a_stop_and_start_a_volume_is_mounted_where_it_was(
    ebs: Asked, volume: str, instance: Machine, ec2: Any, account: Sandbox
) -> None:
    ebs("attach", volume, instance.id, "--mount-point", "/mnt/again")
    instance.ssh("echo kept > /mnt/again/file")
    ec2.stop_instances(InstanceIds=[instance.id])
    wait_for_state(ec2, instance.id, "stopped")
    ec2.start_instances(InstanceIds=[instance.id])
    wait_for_state(ec2, instance.id, "running")
    machine = account.machine(instance.id)
    assert ebs("mount", volume)["mount"]["mount_point"] == "/mnt/again"
    assert machine.ssh("cat /mnt/again/file") == "kept\n"


def test_questions_are_asked_before_anything_costs_or_is_lost(runctl: Runctl, ebs: Asked, volume: str) -> None:
    for words in (["create", "--size", "1"], ["delete", volume], ["detach", volume, "--force"]):
        done = (
            runctl("aws", "ebs", *words, "--zone", f"{REGION}a")
            if words[0] == "create"
            else runctl("aws", "ebs", *words)
        )
        assert done.returncode == 2
        assert "add --yes" in done.stderr
    assert runctl("aws", "ebs", "list", "-q").stdout.split().count(volume) == 1
