"""What of a machine a container is to see, from the kernel's table of mounts."""

from __future__ import annotations

import csv

import pytest

from runctl.agent.container import data_mounts
from runctl.agent.container.engine import explained
from runctl.agent.container.exits import exit_of
from runctl.agent.container.sight import Seen, option
from runctl.agent.keeper import Exit
from runctl.agent.volumes import mounts

# id, parent, device, subtree, point, type, source
ROOT = "27 1 259:1 / / ext4 /dev/nvme0n1p1"


def found(*rows: str, options: dict[int, str] | None = None, docker_root: str = "/var/lib/docker") -> list[str]:
    """The data disks of a machine whose table is this, on which every folder exists."""
    lines = []
    for row in (ROOT, *rows):
        number, parent, device, subtree, point, file_system, source = row.split()
        lines.append(f"{number} {parent} {device} {subtree} {point} rw shared:1 - {file_system} {source} rw".encode())
    return data_mounts.chosen(list(map(mounts.parsed, lines)), options or {}, docker_root)


@pytest.fixture(autouse=True)
def all_are_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_mounts.os.path, "isdir", lambda path: True)  # type: ignore[attr-defined]


def test_every_data_disk_is_seen_wherever_it_is_mounted() -> None:
    rows = [
        "40 27 259:3 / /data xfs /dev/nvme1n1",
        "41 27 259:4 / /srv/of\\040all:\\040places ext4 /dev/nvme2n1p1",
        "42 27 259:5 / /opt/dlami/nvme ext4 /dev/mapper/vg.01-lv_ephemeral",
        "43 27 0:50 / /mnt/efs nfs4 fs-1.efs.us-east-1.amazonaws.com:/",
        "44 27 0:51 / /fsx lustre 10.0.0.1@tcp:/abcdef",
        "45 27 0:52 / /mnt/btrfs btrfs /dev/nvme3n1",
        "46 40 259:6 / /data/inner xfs /dev/nvme4n1",
    ]
    expected = ["/data", "/data/inner", "/fsx", "/mnt/btrfs", "/mnt/efs", "/opt/dlami/nvme", "/srv/of all: places"]
    assert found(*rows) == expected


def test_the_system_and_docker_are_not_data() -> None:
    rows = [
        "30 27 0:5 / /dev devtmpfs devtmpfs",
        "31 27 259:2 / /boot/efi vfat /dev/nvme0n1p15",
        "32 27 7:0 / /snap/core/1 squashfs /dev/loop0",
        "33 27 0:60 / /tmp tmpfs tmpfs",
        "34 27 259:7 / /var/lib/docker xfs /dev/nvme5n1",
        "35 27 0:70 / /var/lib/docker/overlay2/ab/merged overlay overlay",
        "36 27 259:8 / /opt/docker ext4 /dev/nvme6n1",
        "37 27 259:1 /home/me /mnt/home ext4 /dev/nvme0n1p1",
    ]
    assert found(*rows, docker_root="/opt/docker") == []


def test_of_the_mounts_of_one_disk_the_one_that_shows_most_is_taken_and_of_equals_the_first() -> None:
    rows = [
        "40 27 259:3 /part /srv/part xfs /dev/nvme1n1",
        "41 27 259:3 / /mnt/data xfs /dev/nvme1n1",
        "42 27 259:3 / /also xfs /dev/nvme1n1",
        "43 27 0:52 /@a /a btrfs /dev/nvme3n1",
        "44 27 0:52 /@b /b btrfs /dev/nvme3n1",
    ]
    assert found(*rows) == ["/a", "/b", "/mnt/data"]


def test_what_another_mount_hides_is_not_seen() -> None:
    rows = [
        "40 27 259:3 / /mnt/below xfs /dev/nvme1n1",
        "41 27 259:4 / /mnt xfs /dev/nvme2n1",
        "42 27 259:5 / /twice xfs /dev/nvme3n1",
        "43 42 259:6 / /twice xfs /dev/nvme4n1",
        "44 41 259:7 / /mnt/above xfs /dev/nvme5n1",
    ]
    assert found(*rows) == ["/mnt", "/mnt/above", "/twice"]


def test_a_file_system_of_a_user_is_seen_if_root_is_let_in() -> None:
    rows = ["40 27 0:80 / /mnt/s3 fuse.mount-s3 mountpoint-s3", "41 27 0:81 / /mnt/own fuse.sshfs me@host:"]
    options = {40: "rw,user_id=1000,allow_other", 41: "rw,user_id=1000,group_id=1000"}
    assert found(*rows, options=options) == ["/mnt/s3"]


@pytest.mark.parametrize("name", ["/plain", "/a b:c", '/a,"b"', "/with=equals", "/ends with ", "/new\nline"])
def test_dockers_own_parser_reads_the_option_as_it_was_meant(name: str) -> None:
    fields = next(csv.reader([option(Seen(name, name, True, False))], strict=True))
    assert fields == ["type=bind", f"source={name}", f"target={name}", "readonly", "bind-nonrecursive=true"]


NORMALLY = b"[INFO  tini (1)] Main child exited normally (with status '%d')\n"
BY_SIGNAL = b"[INFO  tini (1)] Main child exited with signal (with signal 'Terminated')\n"


@pytest.mark.parametrize(
    ("code", "log", "expected"),
    [
        (0, NORMALLY % 0, Exit(0, None)),
        (137, NORMALLY % 137, Exit(137, None)),
        (143, BY_SIGNAL, Exit(None, "SIGTERM")),
        (137, b"", Exit(None, "SIGKILL")),
        (143, b"", Exit(143, None)),
        (255, b"", Exit(255, None)),
    ],
)
def test_an_exit_code_is_told_from_a_signal(code: int, log: bytes, expected: Exit) -> None:
    assert exit_of({"ExitCode": code}, log) == expected


def test_a_full_disk_is_named_whatever_docker_says_around_it() -> None:
    complaint = "failed to register layer: Error processing tar file(exit status 1): write /a: no space left on device"
    assert explained(complaint).startswith("no space is left on the disk: ")
    assert explained("Error response from daemon: a\nSee 'docker run --help'.") == "a"
