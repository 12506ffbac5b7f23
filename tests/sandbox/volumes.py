"""Volumes without an account."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from boxes import Boxes

from runctl.sandbox import disks as disks_module
from runctl.sandbox.disks import Disks, loops


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A sandbox's state folder; a loop device that is left there is an error of the test."""
    path = tmp_path / "sandbox"
    path.mkdir()
    yield path
    left = loops_under(path)
    disks_module.remove_everything(path)
    assert not left


@pytest.fixture
def disks(folder: Path) -> Disks:
    return Disks(folder)


def loops_under(path: Path) -> list[str]:
    return [loop.file for loop in loops.every() if str(path) in loop.file]


def new(disks: Disks, size_gib: int = 1, snapshot: str | None = None) -> str:
    volume = f"vol-{secrets.token_hex(8)}"
    disks.create(volume, size_gib, snapshot)
    return volume


def by_id(volume: str) -> str:
    return f"/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{volume.replace('-', '')}"


def formatted(disks: Disks, box: Boxes, kind: str = "ext4") -> str:
    """A volume with a file system on which there is a file."""
    volume = new(disks)
    disks.attach(volume, "/dev/sdf", box.pid(1))
    node = by_id(volume)
    box.says(
        1, f"mkfs.{kind} -q {node} && mkdir -p /mnt/f && mount {node} /mnt/f && echo kept >/mnt/f/it && umount /mnt/f"
    )
    disks.detach(volume, box.pid(1))
    return volume
