"""What the agent knows of disks and mounts without touching one."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runctl.agent.volumes import devices, disks, mounts, places, sweep
from runctl.agent.volumes.blankness import Provenance
from runctl.agent.volumes.devices import Volume
from runctl.agent.volumes.disks import Disk

LINE = b"36 35 259:1 /sub /mnt/a\\040b\\134c rw,noatime shared:1 master:2 - xfs /dev/nvme1n1 rw,nouuid"


def test_a_line_of_the_mount_table_is_read_with_its_escapes() -> None:
    mount = mounts.parsed(LINE)
    assert mount == mounts.Mount(36, 35, "259:1", "/sub", "/mnt/a b\\c", "xfs", "/dev/nvme1n1", True)
    assert not mounts.parsed(LINE.replace(b" shared:1 master:2", b"")).spreads
    assert mounts.of("259:1", [mount]) == [mount]
    assert mounts.of("259:2", [mount]) == []


@given(st.integers(1, 5000), st.sampled_from([1, 7, 512]))
def test_a_spread_reading_meets_every_block_once(size: int, block: int) -> None:
    assert sorted(sweep.spread(size, block)) == list(range(0, size, block))


@given(st.integers(64, 5000), st.integers(5, 500))
def test_every_beginning_of_a_spread_reading_is_spread_evenly(count: int, taken: int) -> None:
    offsets = sorted(list(sweep.spread(count, 1))[:taken])
    gaps = [after - before for before, after in itertools.pairwise(offsets)]
    assert (offsets[0], offsets[-1]) == (0, count - 1)
    assert max(gaps) <= 4 * count / min(taken, count) + 1


@pytest.mark.parametrize("point", ["/mnt/data", "/data", "/home/ubuntu/data", "/srv/a b/ü", "/var/lib/docker", "/mnt"])
def test_a_folder_of_the_users_is_a_mount_point(point: str) -> None:
    assert places.problem(point) is None


@pytest.mark.parametrize(
    "point",
    ["", "mnt", "/", "/mnt/", "/mnt//x", "/mnt/./x", "/mnt/../etc", "//mnt", "/usr", "/usr/x", "/etc/x", "/home",
     "/a\nb", "/var", "/tmp", "/" + 300 * "x"],
)  # fmt: skip
def test_another_is_none(point: str) -> None:
    assert places.problem(point)


def test_a_mount_point_is_made_of_what_is_missing_and_taken_back_alone(tmp_path: Path) -> None:
    point = tmp_path / "a" / "b"
    made = places.prepare(str(point))
    assert made == [str(tmp_path / "a"), str(point)]
    places.remove(made)
    assert list(tmp_path.iterdir()) == []
    point.mkdir(parents=True)
    assert places.prepare(str(point)) == []


# --- a machine of regular files


class Machine:
    """/dev and /sys of a machine. Its disks are nodes of this machine's loop devices, which nothing is done to."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dev, self.sys = root / "dev", root / "sys"
        self.by_id = self.dev / "disk" / "by-id"
        for folder in (self.by_id, self.sys / "block", self.sys / "dev" / "block"):
            folder.mkdir(parents=True)
        monkeypatch.setattr(devices, "DEV", str(self.dev))
        monkeypatch.setattr(disks, "SYS", str(self.sys))
        monkeypatch.setattr(disks, "at", self.at)
        self.numbers: dict[str, str] = {}

    def at(self, path: str) -> Disk | None:
        name = os.path.basename(os.path.realpath(path))
        return Disk(f"/dev/{name}", self.numbers[name], 1 << 30) if name in self.numbers else None

    def disk(self, name: str, serial: str = "", model: str = "Amazon Elastic Block Store") -> None:
        number = f"259:{len(self.numbers)}"
        self.numbers[name] = number
        (self.dev / name).touch()
        for folder in (self.sys / "block" / name, self.sys / "dev" / "block" / number):
            (folder / "device").mkdir(parents=True)
            (folder / "device" / "serial").write_text(serial + "\n")
            (folder / "device" / "model").write_text(model.ljust(40) + "\n")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def found(volume_id: str, attached_as: str = "/dev/sdf") -> str | None:
    disk = devices.find(Volume(volume_id, attached_as))
    return disk.path if disk else None


def test_nvme_disks_are_told_apart_by_serial_whatever_their_order(machine: Machine) -> None:
    machine.disk("nvme1n1", "vol0bbb")
    machine.disk("nvme2n1", "vol0aaa")
    assert (found("vol-0aaa"), found("vol-0bbb", "/dev/sdg")) == ("/dev/nvme2n1", "/dev/nvme1n1")
    assert found("vol-0ccc") is None


def test_the_link_by_id_is_followed(machine: Machine) -> None:
    machine.disk("nvme5n1")
    (machine.by_id / "nvme-Amazon_Elastic_Block_Store_vol0aaa").symlink_to("../../nvme5n1")
    assert found("vol-0aaa") == "/dev/nvme5n1"


def test_a_name_that_leads_to_another_volume_is_not_believed(machine: Machine) -> None:
    machine.disk("nvme1n1", "vol0bbb")
    (machine.dev / "sdf").symlink_to("nvme1n1")
    (machine.by_id / "nvme-Amazon_Elastic_Block_Store_vol0aaa").symlink_to("../../nvme1n1")
    assert found("vol-0aaa") is None


def test_an_instance_store_is_no_volume(machine: Machine) -> None:
    machine.disk("nvme1n1", "AWS22F7B01A", "Amazon EC2 NVMe Instance Storage")
    (machine.dev / "sdf").symlink_to("nvme1n1")
    assert found("vol-0aaa") is None


def test_on_xen_the_name_of_the_attachment_leads_to_the_disk(machine: Machine) -> None:
    machine.disk("xvdf", model="")
    assert found("vol-0aaa", "/dev/sdf") == "/dev/xvdf"
    assert found("vol-0aaa", "/dev/xvdf") == "/dev/xvdf"


def test_a_partition_is_no_volume(machine: Machine) -> None:
    machine.disk("sdf", model="")
    (machine.sys / "dev" / "block" / machine.numbers["sdf"] / "partition").write_text("1\n")
    assert found("vol-0aaa") is None


# --- what proves that nothing was written


@pytest.mark.parametrize(
    ("stat", "untouched"),
    [
        ("528 0 17127 22 0 0 0 0 0 24 40 0 0 0 0 18 3", True),
        ("528 0 17127 22 1 0 0 0 0 24 40 0 0 0 0 18 3", True),  # a flush that had nothing to write
        ("528 0 17127 22 1 0 8 0 0 24 40 0 0 0 0 18 3", False),
        ("528 0 17127 22 0 0 0 0 0 24 40 1 0 8 0 18 3", False),
        ("", False),
    ],
)
def test_the_kernels_count_of_writes_decides(machine: Machine, stat: str, untouched: bool) -> None:
    machine.disk("nvme1n1", "vol0aaa")
    (machine.sys / "dev" / "block" / "259:0" / "stat").write_text(stat)
    assert disks.untouched("259:0") is untouched
    assert Provenance(fresh=False, blank_at=4e9).proves_unwritten("259:0") is untouched
    # attached before the machine started: who knows what was done then
    assert not Provenance(fresh=False, blank_at=1.0).proves_unwritten("259:0")
    assert not Provenance(fresh=False, blank_at=None).proves_unwritten("259:0")
    assert Provenance(fresh=True, blank_at=None).proves_unwritten("259:0")
