"""EBS volumes when something goes wrong: nothing is lost, and the same command given again completes."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from ebs_support import Asked, Runctl, device_of, ebs, key, killed_after, made, volume

from account import Machine, Sandbox

__all__ = ["ebs", "key", "made", "volume"]  # fixtures
pytestmark = pytest.mark.slow
Fault = Callable[..., None]


def mounts_of(instance: Machine, volume: str) -> list[str]:
    """The mount points of a volume on its machine."""
    show = f"awk -v n=$(stat -Lc %Hr:%Lr {device_of(volume)}) '$3 == n {{print $5}}' /proc/self/mountinfo"
    return instance.ssh(f"[ ! -e {device_of(volume)} ] || {show}").split()


def test_an_attach_that_is_killed_after_any_step_is_completed_by_the_same_command(
    ebs: Asked, made: list[str], instance: Machine
) -> None:
    steps, killed = 0, True
    while killed:
        steps += 1
        volume = ebs("create", "--size", "1", "--zone", instance.zone, "--yes")["id"]
        made.append(volume)
        point = f"/mnt/killed{steps}"
        words = ("attach", volume, instance.id, "--mount-point", point)
        killed = killed_after(steps, "aws", "ebs", *words)
        attached = ebs(*words)
        assert attached["mount"]["mount_point"] == point
        assert mounts_of(instance, volume) == [point]
        instance.ssh(f"echo {steps} > {point}/file")
        [listed] = [each for each in ebs("list") if each["id"] == volume]
        assert "runctl:blank" not in listed["tags"]
        assert listed["mount_point"] == point
        ebs("detach", volume)
        ebs("delete", volume, "--yes")
        made.remove(volume)
    assert steps > 6  # it was killed at every one before


def test_a_mount_and_a_detach_that_are_killed_after_any_step_lose_nothing(
    ebs: Asked, volume: str, instance: Machine
) -> None:
    ebs("attach", volume, instance.id, "--mount-point", "/mnt/kept")
    instance.ssh("echo kept > /mnt/kept/file")
    for words, most in ((("detach", volume), 8), (("attach", volume, instance.id, "--mount-point", "/mnt/kept"), 12)):
        other = ("attach", volume, instance.id) if words[0] == "detach" else ("detach", volume)
        for steps in range(1, most):
            killed = killed_after(steps, "aws", "ebs", *words)
            ebs(*words)
            assert mounts_of(instance, volume) == ([] if words[0] == "detach" else ["/mnt/kept"])
            ebs(*other)
            if not killed:
                break
        else:
            pytest.fail(f"{words[0]} took more than {most} steps")
        ebs(*words)
    assert instance.ssh("cat /mnt/kept/file") == "kept\n"


def test_two_of_each_command_at_once_do_no_harm(ebs: Asked, volume: str, instance: Machine, runctl: Runctl) -> None:
    def both(*words: str) -> list[int]:
        codes: list[int] = []
        threads = [
            threading.Thread(target=lambda: codes.append(runctl("aws", "ebs", *words).returncode)) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(codes)

    attach = ("attach", volume, instance.id, "--mount-point", "/mnt/twice")
    assert both(*attach) == [0, 0]
    assert mounts_of(instance, volume) == ["/mnt/twice"]
    instance.ssh("echo once > /mnt/twice/file")
    assert both("unmount", volume) == [0, 0]
    assert both("mount", volume) == [0, 0]
    assert mounts_of(instance, volume) == ["/mnt/twice"]
    assert instance.ssh("cat /mnt/twice/file") == "once\n"
    assert both("detach", volume) == [0, 0]
    assert mounts_of(instance, volume) == []


def test_two_volumes_attached_at_once_get_names_of_their_own(
    ebs: Asked, made: list[str], instance: Machine, runctl: Runctl
) -> None:
    for number in (1, 2):
        made.append(ebs("create", "--size", "1", "--zone", instance.zone, "--name", f"at-once-{number}", "--yes")["id"])
    commands = [
        subprocess.Popen([sys.executable, "-m", "runctl", "aws", "ebs", "attach", volume, instance.id, "-q"])
        for volume in made
    ]
    assert [command.wait() for command in commands] == [0, 0]
    attachments = [each["attachments"][0]["device"] for each in ebs("list") if each["id"] in made]
    assert len(set(attachments)) == 2


def test_two_volumes_in_the_other_order_are_told_apart(ebs: Asked, made: list[str], instance: Machine) -> None:
    for name in ("first", "second"):
        made.append(ebs("create", "--size", "1", "--zone", instance.zone, "--name", name, "--yes")["id"])
        ebs("attach", name, instance.id, "--mount-point", f"/mnt/{name}")
        instance.ssh(f"echo {name} > /mnt/{name}/file")
    for name in ("first", "second"):
        ebs("detach", name)
    for name in ("second", "first"):
        ebs("attach", name, instance.id)
    for name in ("first", "second"):
        assert instance.ssh(f"cat /mnt/{name}/file") == f"{name}\n"


def test_a_late_device_is_waited_for(ebs: Asked, volume: str, instance: Machine, fault: Fault) -> None:
    fault("late-device", f"volume={volume}", "seconds=3", times=1)
    assert ebs("attach", volume, instance.id, "--mount-point", "/mnt/late")["mount"]["formatted"]


@pytest.mark.parametrize("known", [True, False])
def test_a_volume_that_looks_blank_at_first_is_not_formatted(
    known: bool, ebs: Asked, volume: str, instance: Machine, fault: Fault, ec2: Any
) -> None:
    ebs("attach", volume, instance.id, "--mount-point", "/mnt/shy")
    instance.ssh("echo kept > /mnt/shy/file")
    ebs("detach", volume)
    if not known:  # as if it had been formatted elsewhere
        ec2.delete_tags(Resources=[volume], Tags=[{"Key": "runctl:file-system"}])
    fault("late-filesystem", f"volume={volume}", "seconds=7", times=1)
    again = ebs("attach", volume, instance.id, "--format", "ext4")
    assert not again["mount"]["formatted"]
    assert instance.ssh("cat /mnt/shy/file") == "kept\n"


def test_a_volume_that_is_known_to_hold_something_is_never_taken_for_blank(
    ebs: Asked, volume: str, instance: Machine, fault: Fault, runctl: Runctl
) -> None:
    ebs("attach", volume, instance.id, "--mount-point", "/mnt/shy")
    instance.ssh("echo kept > /mnt/shy/file")
    ebs("detach", volume)
    fault("late-filesystem", f"volume={volume}", "seconds=300", times=1)
    refused = runctl("aws", "ebs", "attach", volume, instance.id, "--format", "ext4")
    assert refused.returncode == 3
    assert "is known to hold an xfs file system" in refused.stderr
    ebs("detach", volume)
    ebs("attach", volume, instance.id, "--mount-point", "/mnt/shy")
    assert instance.ssh("cat /mnt/shy/file") == "kept\n"


def test_throttled_requests_are_sent_again(ebs: Asked, volume: str, instance: Machine, fault: Fault) -> None:
    for action in ("AttachVolume", "DescribeVolumes", "CreateTags"):
        fault("throttle", f"action={action}", times=2)
    ebs("attach", volume, instance.id, "--mount-point", "/mnt/throttled")


def test_an_answer_that_is_lost_makes_no_second_volume(
    ebs: Asked, made: list[str], instance: Machine, fault: Fault, ec2: Any
) -> None:
    before = {each["VolumeId"] for each in ec2.describe_volumes()["Volumes"]}
    fault("kill", "action=CreateVolume", times=1)
    made.append(ebs("create", "--size", "1", "--zone", instance.zone, "--yes")["id"])
    assert {each["VolumeId"] for each in ec2.describe_volumes()["Volumes"]} == {*before, made[-1]}


def test_a_machine_that_cannot_be_reached_keeps_its_volume_unless_forced(
    ebs: Asked, made: list[str], account: Sandbox, instance: Machine, runctl: Runctl, fault: Fault
) -> None:
    ec2 = account.client("ec2")
    other = account.run_instance(Placement={"AvailabilityZone": instance.zone})
    made.append(ebs("create", "--size", "1", "--zone", instance.zone, "--yes")["id"])
    ebs("attach", made[-1], other.id, "--mount-point", "/mnt/cut")
    other.ssh("echo kept > /mnt/cut/file; sync")
    fault("cut", f"instance={other.id}")
    refused = runctl("aws", "ebs", "detach", made[-1], "--transport", "ssh", timeout=120)
    assert refused.returncode == 6
    assert f"runctl aws stop {other.id}" in refused.stderr
    attached = runctl("aws", "ebs", "detach", made[-1], "--transport", "ssh", "--force", "--yes", timeout=120)
    assert attached.returncode == 0
    ec2.terminate_instances(InstanceIds=[other.id])
    assert ebs("attach", made[-1], instance.id)["mount"]["mount_point"] == "/mnt/cut"
    assert instance.ssh("cat /mnt/cut/file") == "kept\n"
