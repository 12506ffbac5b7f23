"""Volumes appear in hosts as EBS volumes do, and leave nothing on this machine."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from boxes import Boxes, box, until
from volumes import by_id, disks, folder, formatted, loops_under, new

from runctl.sandbox import disks as disks_module
from runctl.sandbox.disks import Disks, files, loops
from runctl.sandbox.model import SandboxError

__all__ = ["box", "disks", "folder"]
pytestmark = pytest.mark.slow

END = "pkill -x sleep; while pgrep -x sleep; do :; done; rm -f /run/in"
HOUR = 3600.0


def test_a_volume_appears_with_the_names_that_it_has_on_ec2_and_goes_without_a_trace(box: Boxes, disks: Disks) -> None:
    volume = new(disks, 3)
    disks.attach(volume, "/dev/sdf", box.pid(1))
    for name in (by_id(volume), by_id(volume) + "_1", "/dev/sdf"):
        assert box.says(1, f"readlink -f {name}") == "/dev/nvme1n1"
    assert box.says(1, "stat -c '%F %U %G %a' /dev/nvme1n1") == "block special file root disk 660"
    assert box.says(1, "blockdev --getsize64 /dev/nvme1n1") == str(3 * files.GIB)
    disks.detach(volume, box.pid(1))
    assert box.says(1, "find /dev -name 'nvme*' -o -name 'sd*'") == ""


def test_numbers_come_in_the_order_of_appearance(box: Boxes, disks: Disks) -> None:
    one, other = new(disks), new(disks)
    for first, second in ((one, other), (other, one)):
        disks.attach(first, "/dev/sdf", box.pid(1))
        disks.attach(second, "/dev/sdg", box.pid(1))
        assert box.says(1, f"readlink -f {by_id(first)} {by_id(second)}").split() == ["/dev/nvme1n1", "/dev/nvme2n1"]
        disks.detach(first, box.pid(1))
        assert box.says(1, f"readlink -f {by_id(second)}") == "/dev/nvme2n1"
        disks.detach(second, box.pid(1))


@pytest.mark.parametrize(
    ("use", "end"),
    [
        ("mount /dev/nvme1n1 /mnt/f", "umount /mnt/f"),
        (
            "unshare -m sh -c 'mount /dev/nvme1n1 /mnt/f; touch /run/in; exec sleep 99' >/dev/null 2>&1 & "
            "until test -e /run/in; do :; done",
            END,
        ),
        ("exec 3</dev/nvme1n1; exec sleep 99 >/dev/null 2>&1 &", END),
    ],
    ids=["mounted", "mounted-elsewhere", "open"],
)
def test_a_volume_in_use_stays(box: Boxes, disks: Disks, use: str, end: str) -> None:
    volume = formatted(disks, box)
    disks.attach(volume, "/dev/sdf", box.pid(1))
    assert not disks.in_use(volume, box.pid(1))
    box.says(1, use)
    assert disks.in_use(volume, box.pid(1))
    with pytest.raises(SandboxError, match="in use"):
        disks.detach(volume, box.pid(1))
    box.says(1, f"test -b /dev/nvme1n1; {end}")
    disks.detach(volume, box.pid(1))


def test_a_volume_that_is_pulled_fails_where_it_was_and_is_whole_elsewhere(
    box: Boxes, disks: Disks, folder: Path
) -> None:
    volume = formatted(disks, box)
    box.boot(3)
    disks.attach(volume, "/dev/sdf", box.pid(3))
    box.says(3, "mkdir -p /mnt/f && mount /dev/nvme1n1 /mnt/f && echo synced >/mnt/f/more && sync")
    disks.detach(volume, box.pid(3), force=True)
    assert box.run(3, "test -e /dev/nvme1n1").code
    assert b"Input/output error" in box.run(3, "echo late >/mnt/f/more && sync -f /mnt/f; ls /mnt/f").stderr
    disks.attach(volume, "/dev/sdf", box.pid(2))
    assert (
        box.says(2, "mkdir -p /mnt/f; mount /dev/nvme1n1 /mnt/f && cat /mnt/f/it /mnt/f/more; umount /mnt/f")
        == "kept\nsynced"
    )
    disks.detach(volume, box.pid(2))
    box.hosts.remove("3")
    until(lambda: not loops_under(folder))


def test_a_volume_that_is_pulled_from_a_process_gets_nothing_more_of_it(box: Boxes, disks: Disks, folder: Path) -> None:
    volume = new(disks)
    disks.attach(volume, "/dev/sdf", box.pid(1))
    box.says(1, "exec 3<>/dev/nvme1n1; (until test -e /run/go; do :; done; echo late >&3; sync) >/run/said 2>&1 &")
    disks.detach(volume, box.pid(1), force=True)
    box.says(1, "touch /run/go; until grep . /run/said; do :; done; rm /run/go /run/said")
    assert not (folder / "volumes" / volume).stat().st_blocks
    until(lambda: not loops_under(folder))


def test_a_host_that_lost_power_leaves_its_volume_to_the_next(box: Boxes, disks: Disks) -> None:
    volume = formatted(disks, box)
    box.boot(4)
    disks.attach(volume, "/dev/sdf", box.pid(4))
    box.says(4, "mkdir -p /mnt/f && mount /dev/nvme1n1 /mnt/f && echo synced >/mnt/f/more && sync")
    box.hosts.kill("4")
    disks.release(volume)
    disks.attach(volume, "/dev/sdf", box.pid(1))
    assert box.says(1, "mount /dev/nvme1n1 /mnt/f && cat /mnt/f/it /mnt/f/more; umount /mnt/f") == "kept\nsynced"
    disks.detach(volume, box.pid(1))
    box.hosts.remove("4")


def test_after_a_boot_volumes_come_in_another_order(box: Boxes, disks: Disks) -> None:
    one, other = new(disks), new(disks)
    disks.attach(one, "/dev/sdf", box.pid(2))
    disks.attach(other, "/dev/sdg", box.pid(2))
    box.hosts.reboot("2")
    disks.attach(other, "/dev/sdg", box.pid(2))
    disks.attach(one, "/dev/sdf", box.pid(2))
    assert box.says(2, f"readlink -f {by_id(other)} /dev/sdf").split() == ["/dev/nvme1n1", "/dev/nvme2n1"]
    disks.detach(one, box.pid(2))
    disks.detach(other, box.pid(2))


def test_a_late_volume_is_not_there_yet_and_then_is(box: Boxes, disks: Disks) -> None:
    volume = new(disks)
    disks.attach(volume, "/dev/sdf", box.pid(1), delay_s=HOUR)
    assert box.run(1, f"test -e {by_id(volume)}").code
    disks.detach(volume, box.pid(1))
    disks.attach(volume, "/dev/sdf", box.pid(1), delay_s=0.2)
    until(lambda: box.run(1, f"test -b {by_id(volume)}").code == 0)
    disks.detach(volume, box.pid(1))


def test_a_device_that_is_not_ready_has_no_size_or_no_contents_for_a_while(box: Boxes, disks: Disks) -> None:
    volume = formatted(disks, box)
    disks.attach(volume, "/dev/sdf", box.pid(1), empty_s=HOUR)
    assert box.says(1, "blockdev --getsize64 /dev/nvme1n1") == "0"
    disks.detach(volume, box.pid(1))
    disks.attach(volume, "/dev/sdf", box.pid(1), blank_s=HOUR)
    assert box.says(1, "blockdev --getsize64 /dev/nvme1n1") == str(files.GIB)
    assert box.run(1, "blkid -p /dev/nvme1n1").code == 2
    assert box.says(1, "cmp -n 10000000 /dev/nvme1n1 /dev/zero") == ""
    disks.detach(volume, box.pid(1))
    disks.attach(volume, "/dev/sdf", box.pid(1), delay_s=0.1, empty_s=0.2, blank_s=0.2)
    until(lambda: b"ext4" in box.run(1, "blkid -p /dev/nvme1n1").stdout)
    assert box.says(1, "mount /dev/nvme1n1 /mnt/f && cat /mnt/f/it && umount /mnt/f") == "kept"
    disks.resize(volume, 2)
    assert box.says(1, "blockdev --getsize64 /dev/nvme1n1") == str(2 * files.GIB)
    disks.detach(volume, box.pid(1))


def test_who_formats_a_device_that_is_not_ready_loses_what_was_on_it(box: Boxes, disks: Disks) -> None:
    volume = formatted(disks, box)
    disks.attach(volume, "/dev/sdf", box.pid(1), blank_s=HOUR)
    box.says(1, "mkfs.ext4 -q -L new /dev/nvme1n1")
    disks.detach(volume, box.pid(1))
    disks.attach(volume, "/dev/sdf", box.pid(1))
    assert box.says(1, "blkid -p -s LABEL -o value /dev/nvme1n1") == "new"
    assert box.run(1, "mount /dev/nvme1n1 /mnt/f; ls /mnt/f; umount /mnt/f").stdout.split() == [b"lost+found"]
    disks.detach(volume, box.pid(1))


def test_a_mounted_volume_grows(box: Boxes, disks: Disks) -> None:
    volume = formatted(disks, box, "xfs")
    disks.attach(volume, "/dev/sdf", box.pid(1))
    box.says(1, "mount /dev/nvme1n1 /mnt/f")
    disks.resize(volume, 5)
    box.says(1, "xfs_growfs /mnt/f")
    assert int(box.says(1, "df -B1 --output=size /mnt/f | tail -1; umount /mnt/f")) > 4 * files.GIB
    disks.detach(volume, box.pid(1))


def test_a_new_device_has_counted_no_writes(box: Boxes, disks: Disks) -> None:
    volume = formatted(disks, box)
    disks.attach(volume, "/dev/sdf", box.pid(1))
    number = box.says(1, "stat -Lc %Hr:%Lr /dev/nvme1n1")
    assert Path(f"/sys/dev/block/{number}/stat").read_text().split()[4] == "0"
    disks.detach(volume, box.pid(1))


def test_where_no_host_runs_nothing_is_attached(disks: Disks, folder: Path) -> None:
    volume = new(disks)
    with pytest.raises(SandboxError, match="no host"):
        disks.attach(volume, "/dev/sdf", int(Path("/proc/sys/kernel/pid_max").read_text()) + 1)
    assert not loops_under(folder)
    disks.release(volume)
    disks.delete(volume)
    disks.delete(volume)
    assert not list((folder / "volumes").iterdir())


def test_two_sandboxes_at_once_get_devices_of_their_own(box: Boxes, tmp_path: Path) -> None:
    sandboxes = [Disks(tmp_path / str(number)) for number in range(2)]
    volumes = [(sandbox, new(sandbox)) for sandbox in sandboxes for _ in range(6)]
    together = threading.Barrier(len(volumes))

    def attach(sandbox: Disks, volume: str) -> None:
        together.wait()
        sandbox.attach(volume, "/dev/sdf", box.pid(1 + sandboxes.index(sandbox)))

    with ThreadPoolExecutor(len(volumes)) as pool:
        list(pool.map(attach, *zip(*volumes, strict=True)))
    assert len({loop.device for loop in loops.every() if str(tmp_path) in loop.file}) == len(volumes)
    assert len(set(box.says(2, "readlink -f /dev/disk/by-id/*_1").split())) == 6
    for sandbox, volume in volumes:
        sandbox.detach(volume, box.pid(1 + sandboxes.index(sandbox)))
    assert not loops_under(tmp_path)


def test_everything_goes_without_the_object_that_made_it(box: Boxes, disks: Disks, folder: Path) -> None:
    box.boot(5)
    for letter in "fgh":
        volume = formatted(disks, box)
        disks.attach(volume, f"/dev/sd{letter}", box.pid(5))
    box.says(5, "mkdir -p /mnt/f && mount /dev/nvme1n1 /mnt/f")
    box.hosts.remove("5")
    disks_module.remove_everything(folder)
    until(lambda: not loops_under(folder))
    disks_module.remove_everything(folder)
