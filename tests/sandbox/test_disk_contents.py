"""Volumes keep what was written, in snapshots too."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest
from boxes import Boxes, box, output
from volumes import by_id, disks, folder, formatted, new

from runctl.sandbox.disks import Disks, files

__all__ = ["box", "disks", "folder"]
MIB = 1 << 20
COUNTING = """
import os
first, filling, last = (open(f"/mnt/f/{name}", "wb", 0) for name in ("first", "filling", "last"))
for file, size in ((first, 1), (filling, 60), (last, 1)):
    file.write(os.urandom(size << 20))
    os.fsync(file.fileno())
number = 0
while True:
    number += 1
    for file in (first, last):
        os.pwrite(file.fileno(), b"%19d\\n" % number, 0)
        os.fsync(file.fileno())
    if number == 1:
        open("/mnt/f/counting", "w").close()
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ext4", "xfs"])
def test_what_was_written_is_there_in_another_host_and_in_a_restored_volume(
    box: Boxes, disks: Disks, kind: str
) -> None:
    volume = formatted(disks, box, kind)
    disks.snapshot(volume, "snap-1")
    restored = new(disks, 2, "snap-1")
    for one in (volume, restored):
        disks.attach(one, "/dev/sdf", box.pid(2))
        assert box.says(2, f"mkdir -p /mnt/f; mount {by_id(one)} /mnt/f && cat /mnt/f/it && umount /mnt/f") == "kept"
        disks.detach(one, box.pid(2))


@pytest.mark.slow
def test_what_was_synced_is_in_a_snapshot_of_a_mounted_volume(box: Boxes, disks: Disks, folder: Path) -> None:
    volume = formatted(disks, box)
    disks.attach(volume, "/dev/sdf", box.pid(1))
    box.says(1, "mount /dev/nvme1n1 /mnt/f && head -c 3M /dev/urandom >/mnt/f/new && sync")
    disks.snapshot(volume, "snap-1")
    digest = box.says(1, "sha256sum </mnt/f/new; umount /mnt/f")
    disks.detach(volume, box.pid(1))
    restored = new(disks, 1, "snap-1")
    disks.attach(restored, "/dev/sdf", box.pid(1))
    assert box.says(1, "mount /dev/nvme1n1 /mnt/f; sha256sum </mnt/f/new; umount /mnt/f") == digest
    disks.detach(restored, box.pid(1))
    assert (folder / "snapshots/snap-1").stat().st_blocks * 512 < 64 * MIB


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["ext4", "xfs"])
def test_a_snapshot_under_writes_is_of_one_moment(box: Boxes, disks: Disks, kind: str) -> None:
    volume = formatted(disks, box, kind)
    disks.attach(volume, "/dev/sdf", box.pid(1))
    box.says(1, "mount /dev/nvme1n1 /mnt/f")
    box.hosts.run("1", ["tee", "/run/counting.py"], COUNTING.encode())
    box.says(
        1, "python3 /run/counting.py >/dev/null 2>&1 & echo $! >/run/writer; until test -e /mnt/f/counting; do :; done"
    )
    for number in range(2):
        disks.snapshot(volume, f"snap-{number}")
    box.says(1, "kill $(cat /run/writer); until umount /mnt/f 2>/dev/null; do :; done")
    disks.detach(volume, box.pid(1))
    for number in range(2):
        restored = new(disks, 1, f"snap-{number}")
        disks.attach(restored, "/dev/sdf", box.pid(1))
        # mounting replays the journal, as it would after a power cut; then nothing may be wrong
        first, last = box.says(
            1, "mount /dev/nvme1n1 /mnt/f && head -qn 1 /mnt/f/first /mnt/f/last && umount /mnt/f"
        ).split()
        assert int(last) in (int(first), int(first) - 1)
        box.says(1, {"ext4": "e2fsck -fn /dev/nvme1n1", "xfs": "xfs_repair -n /dev/nvme1n1"}[kind])
        disks.detach(restored, box.pid(1))


def test_a_copy_of_a_sparse_file_is_the_same_and_as_sparse(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "deeper/target"
    files.make(source, 64 * MIB)
    with source.open("r+b") as file:
        for place, content in ((0, b"first"), (30 * MIB + 17, secrets.token_bytes(MIB)), (64 * MIB - 4, b"last")):
            os.pwrite(file.fileno(), content, place)
    files.copy(source, target)
    output("cmp", str(source), str(target))
    assert target.stat().st_blocks <= source.stat().st_blocks + 64


def test_what_was_written_behind_a_volume_is_folded_into_it(tmp_path: Path) -> None:
    path = tmp_path / "volume"
    files.make(path, 8 * MIB)
    with path.open("r+b") as file:
        os.pwrite(file.fileno(), b"old" * MIB, 0)
        os.truncate(file.fileno(), 16 * MIB)
        os.pwrite(file.fileno(), b"x" * MIB, 9 * MIB)
        files.fold(path, 8 * MIB)
        files.fold(path, 8 * MIB)
    expected = b"old" * MIB
    assert path.read_bytes() == (expected[:MIB] + b"x" * MIB + expected[2 * MIB :]).ljust(8 * MIB, b"\0")
