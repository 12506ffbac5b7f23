"""Parts of reaching an instance that need none: host keys, users, key files, what is shown of a load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runctl.machines import logins
from runctl.machines.machine_load import Disk, Gpu, Load, Memory, Process
from runctl.providers.aws.model import Instance, instance_of
from runctl.transport import known_hosts
from runctl.ui.cells import width
from runctl.ui.machine_load import load_lines

ANSWER: dict[str, Any] = {"InstanceId": "i-0", "InstanceType": "t3.small", "State": {"Name": "running"}}


def instance(**fields: Any) -> Instance:
    return instance_of({**ANSWER, **fields})


# --- host keys


def test_host_keys_are_learned_replaced_and_forgotten_without_touching_others(tmp_path: Path) -> None:
    file = tmp_path / "new" / "known_hosts"
    known_hosts.learn(file, "i-1", ["ssh-ed25519 AAAA root@ip-10-0-0-1", "ssh-rsa BBBB"])
    known_hosts.learn(file, "i-11", ["ssh-ed25519 CCCC"])
    known_hosts.learn(file, "i-1", ["ssh-ed25519 DDDD"])
    assert file.read_text() == "i-11 ssh-ed25519 CCCC\ni-1 ssh-ed25519 DDDD\n"
    known_hosts.forget(file, "i-1")
    assert file.read_text() == "i-11 ssh-ed25519 CCCC\n"
    assert known_hosts.knows(file, "i-11")
    assert not known_hosts.knows(file, "i-1")


def test_there_is_nothing_to_forget_without_a_file(tmp_path: Path) -> None:
    known_hosts.forget(tmp_path / "known_hosts", "i-1")
    assert list(tmp_path.iterdir()) == []


# --- users and keys


@pytest.mark.parametrize(
    ("image", "users"),
    [
        ("ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260901", ("ubuntu",)),
        ("Deep Learning Base OSS Nvidia Driver GPU AMI (Ubuntu 22.04) 20260101", ("ubuntu",)),
        ("Deep Learning Base Proprietary Nvidia Driver GPU AMI (Amazon Linux 2) Version 72", ("ec2-user",)),
        ("al2023-ami-2023.6.20250115.0-kernel-6.1-x86_64", ("ec2-user",)),
        ("amzn2-ami-kernel-5.10-hvm-2.0.20250108.0-x86_64-gp2", ("ec2-user",)),
        ("debian-12-amd64-20250115-1993", ("admin",)),
        ("RHEL-9.4.0_HVM-20250101-x86_64-0-Hourly2-GP3", ("ec2-user",)),
        ("Rocky-9-EC2-Base-9.5-20241118.0.x86_64", ("rocky",)),
        ("our-training-image-v3", ("ubuntu", "ec2-user", "admin")),
        ("", ("ubuntu", "ec2-user", "admin")),
    ],
)
def test_whom_to_log_in_as_is_told_by_the_images_name(
    image: str, users: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logins, "_image_name", lambda account, image_id: image)
    assert logins.users_of(None, instance()) == users  # type: ignore[arg-type]


def test_the_key_is_runctls_own_or_that_of_the_pairs_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    theirs = tmp_path / ".ssh" / "pair.pem"
    theirs.parent.mkdir()
    theirs.touch()
    home = tmp_path / "home"
    assert logins.key_of(home, instance(KeyName="pair")) == theirs
    (home / "keys").mkdir(parents=True)
    (home / "keys" / "pair").touch()
    assert logins.key_of(home, instance(KeyName="pair")) == home / "keys" / "pair"
    assert logins.key_of(home, instance(KeyName="../.ssh/pair.pem")) is None
    assert logins.key_of(home, instance()) is None


# --- how busy a machine is

LOAD = Load(
    at=0.0,
    cpus=8,
    cpu_percent=12.5,
    load=(0.5, 1.0, 2.0),
    uptime_s=3700.0,
    memory=Memory(16 << 30, 4 << 30, 1 << 30, 1 << 30),
    disks=(Disk("/mnt/\x1b[2J", "/dev/nvme1n1", "xfs", 100 << 30, 40 << 30, 60 << 30), Disk("/x", "/y", "z", 0, 0, 0)),
    gpus=(Gpu(0, "NVIDIA H200", 97.0, 60 << 30, 140 << 30, 65.0, 500.4), Gpu(1, "part", None, None, None, None, None)),
    processes=tuple(Process(pid, "ubuntu", 1.0, 1 << 20, None, "python \x1b]0;x\x07" + "y" * 500) for pid in range(40)),
)


def test_a_load_is_told_in_lines() -> None:
    assert load_lines(LOAD, "trainer", 80)[:9] == [
        "trainer  up 1h 01m, load 0.50 1.00 2.00",
        "cpu      12.5 %  of 8 CPUs",
        "memory   75.0 %  12.0 GiB of 16.0 GiB",
        "swap      0.0 %  0 B of 1.0 GiB",
        r"disk     40.0 %  /mnt/\x1b[2J: 60.0 GiB of 100.0 GiB free",
        "disk        - %  /x: 0 B of 0 B free",
        "gpu 0    97.0 %  NVIDIA H200, 60.0 GiB of 140.0 GiB, 65 °C, 500 W",
        "gpu 1       - %  part",
        "",
    ]


@given(cells=st.integers(20, 300), rows=st.integers(1, 60))
def test_a_load_fits_into_the_terminal_and_holds_no_control_characters(cells: int, rows: int) -> None:
    lines = load_lines(LOAD, "trainer", cells, rows)
    assert len(lines) <= max(rows, 13)
    assert all(width(line) <= cells and line.isprintable() for line in lines)
