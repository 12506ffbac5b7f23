"""EBS volumes when something goes wrong: nothing is lost, and the same command given again completes."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ebs_support import Asked, Runctl, device_of, ebs, key, killed_after, made, signalled_after, volume

from account import Machine, Sandbox, counts
from runctl.core import aws
from runctl.core.config import load
from runctl.core.errors import CloudError
from runctl.providers.aws.volume_creation import create
from runctl.providers.aws.volumes import NewVolume
from running import RUNCTL

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


@pytest.mark.parametrize("name", ["detach", "attach", "unmount", "mount"])
def test_a_command_that_is_killed_after_any_step_loses_nothing_and_is_completed_by_the_same(
    name: str, ebs: Asked, volume: str, instance: Machine
) -> None:
    attach = ("attach", volume, instance.id, "--mount-point", "/mnt/kept")
    commands = {
        "attach": attach,
        "detach": ("detach", volume),
        "mount": ("mount", volume),
        "unmount": ("unmount", volume),
    }
    back = commands[{"attach": "detach", "detach": "attach", "mount": "unmount", "unmount": "mount"}[name]]
    ebs(*attach)
    instance.ssh("echo kept > /mnt/kept/file")
    if name in ("attach", "mount"):
        ebs(*back)
    steps, killed = 0, True
    while killed:
        steps += 1
        killed = killed_after(steps, "aws", "ebs", *commands[name])
        ebs(*commands[name])
        assert mounts_of(instance, volume) == (["/mnt/kept"] if name in ("attach", "mount") else [])
        ebs(*back)
    assert steps > 1  # it was killed at every one before
    if name in ("attach", "mount"):
        ebs(*commands[name])
    assert instance.ssh("cat /mnt/kept/file") == "kept\n"


def test_a_volume_whose_creation_was_killed_is_told_with_the_command_that_ends_it(
    account: Sandbox, ebs: Asked, instance: Machine, runctl: Runctl, empty: None
) -> None:
    before = counts(account)
    steps, killed = 0, True
    while killed:
        steps += 1
        killed = killed_after(steps, "aws", "ebs", "create", "--size", "1", "--zone", instance.zone, "--yes")
        for remedy in remedies(runctl):
            assert runctl(*shlex.split(remedy)[1:], "--yes").returncode == 0
        assert ebs("list") == []
        assert counts(account) == before
    assert steps > 1


def remedies(runctl: Runctl) -> list[str]:
    findings = json.loads(runctl("aws", "doctor", "--json").stdout)["findings"]
    return [found["remedy"] for found in findings if found["subject"] == "leftovers" and found["remedy"]]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_creation_that_is_interrupted_takes_its_volume_back(
    number: signal.Signals, account: Sandbox, key: None, instance: Machine, empty: None
) -> None:
    before = counts(account)
    done = signalled_after(1, number, "aws", "ebs", "create", "--size", "1", "--zone", instance.zone, "--yes")
    assert done.returncode == 130
    assert "interrupted" in done.stderr and "Traceback" not in done.stderr
    assert counts(account) == before


def test_of_two_creations_of_one_name_one_stays(
    account: Sandbox, ebs: Asked, made: list[str], instance: Machine, runctl: Runctl
) -> None:
    words = ["aws", "ebs", "create", "--size", "1", "--zone", instance.zone, "--name", "one of *a* kind", "--yes"]
    clients = [subprocess.Popen([*RUNCTL, *words], stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [client.communicate(timeout=60)[1] for client in clients]
    assert sorted(client.returncode for client in clients) == [0, 3], told
    made += [each["id"] for each in ebs("list")]
    assert len(made) == 1
    again = runctl(*words)
    assert again.returncode == 3
    assert made[0] in again.stderr
    assert len(ebs("list")) == 1


@pytest.mark.parametrize("action", ["CreateVolume", "DescribeVolumes"])
def test_credentials_that_expire_leave_no_volume_behind(
    action: str, account: Sandbox, instance: Machine, runctl: Runctl, fault: Fault, empty: None
) -> None:
    before = counts(account)
    fault("expired-credentials", f"action={action}", times=1)
    done = runctl("aws", "ebs", "create", "--size", "1", "--zone", instance.zone, "--yes")
    assert done.returncode == 5
    assert "sign in again" in done.stderr
    assert counts(account) == before


def test_a_creation_that_can_not_be_taken_back_says_what_is_left(
    account: Sandbox, made: list[str], instance: Machine, runctl: Runctl, fault: Fault
) -> None:
    fault("expired-credentials", "action=DescribeVolumes")
    done = runctl("aws", "ebs", "create", "--size", "1", "--zone", instance.zone, "--yes")
    assert done.returncode == 5
    account("fault", "clear")
    made.append(json.loads(runctl("aws", "ebs", "list", "--json").stdout)[0]["id"])
    assert f"runctl aws ebs delete {made[0]}" in done.stderr


@pytest.mark.parametrize("action", ["AttachVolume", "CreateTags", "DeleteTags", "DetachVolume"])
def test_after_credentials_that_expired_the_same_command_completes(
    action: str, ebs: Asked, volume: str, instance: Machine, runctl: Runctl, fault: Fault
) -> None:
    attach = ("attach", volume, instance.id, "--mount-point", "/mnt/expired")
    words = attach
    if action == "DetachVolume":
        ebs(*attach)
        instance.ssh("echo kept > /mnt/expired/file")
        words = ("detach", volume)
    fault("expired-credentials", f"action={action}", times=1)
    done = runctl("aws", "ebs", *words)
    assert done.returncode == 5
    assert "sign in again" in done.stderr
    ebs(*words)
    if action == "DetachVolume":
        ebs(*attach)
        assert instance.ssh("cat /mnt/expired/file") == "kept\n"
    assert mounts_of(instance, volume) == ["/mnt/expired"]


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
    for action in ("AttachVolume", "DescribeVolumes", "CreateTags", "DeleteTags", "DetachVolume"):
        fault("throttle", f"action={action}", times=2)
    ebs("attach", volume, instance.id, "--mount-point", "/mnt/throttled")
    assert mounts_of(instance, volume) == ["/mnt/throttled"]
    ebs("detach", volume)


def test_an_answer_that_is_lost_makes_no_second_volume(
    ebs: Asked, made: list[str], instance: Machine, fault: Fault, ec2: Any
) -> None:
    before = {each["VolumeId"] for each in ec2.describe_volumes()["Volumes"]}
    fault("kill", "action=CreateVolume", times=1)
    made.append(ebs("create", "--size", "1", "--zone", instance.zone, "--yes")["id"])
    assert {each["VolumeId"] for each in ec2.describe_volumes()["Volumes"]} == {*before, made[-1]}


def test_when_no_answer_ever_came_it_is_said_that_there_may_be_a_volume(
    account: Sandbox, made: list[str], instance: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setattr(aws, "MOST_ATTEMPTS", 2)
    fault("kill", "action=CreateVolume")
    asked = NewVolume("lost", instance.zone, 1, "gp3", None, None, None, True, None, {})
    with pytest.raises(CloudError, match="was made all the same is not known") as told:
        create(aws.Account(load(tmp_path)), asked, time.sleep)
    assert told.value.hint and "runctl aws ebs list" in told.value.hint
    made += [each["VolumeId"] for each in account.client("ec2").describe_volumes()["Volumes"] if each["Size"] == 1]
    assert len(made) == 1


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
