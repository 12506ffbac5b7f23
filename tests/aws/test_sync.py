"""`runctl aws sync` on an instance: as its user meets it, and what the machine and the network can do wrong."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_calls import Runctl, document

from account import Machine, Sandbox, until
from running import RUNCTL

pytestmark = pytest.mark.slow
THERE = "runctl/project"


@pytest.fixture
def sync(
    instance: Machine, runctl: Runctl, account: Sandbox, folder: Path
) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """`runctl aws sync` of the project; nothing of it is left on the instance afterwards."""

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return runctl("aws", "sync", instance.id, "--key", str(account.key), *words)

    yield call
    instance.ssh(f"sudo umount {THERE} 2>/dev/null; rm -rf runctl .runctl")


def listed(instance: Machine, folder: str = THERE) -> list[str]:
    return sorted(instance.ssh(f"cd {folder} && find . -type f -o -type l | cut -c3-").split())


def test_a_project_is_sent_to_an_instance_that_nothing_is_known_of(
    sync: Any, instance: Machine, runctl: Runctl, account: Sandbox, folder: Path
) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    (folder / "train.py").write_text("print('hello')\n")
    (folder / "model.pt").touch()
    (folder / ".gitignore").write_text("*.pt\n")
    looked = document(runctl, "sync", instance.id, "--key", str(account.key), "--dry-run")
    assert [file["path"] for file in looked["sent"]] == [".gitignore", "train.py"]
    assert (looked["stamp"], looked["sent_bytes"]) == (None, 20)
    assert instance.try_ssh(f"ls -d {THERE}").returncode == 2
    done = sync()
    assert done.stdout == f"~/{THERE} on {instance.id}: 2 files sent (20 B), 0 unchanged\n"
    assert done.stderr == ""
    assert listed(instance) == [".gitignore", "train.py"]
    assert instance.ssh(f"python3 {THERE}/train.py") == "hello\n"
    assert sync("--include-pattern", "*.pt", "-q").stdout == "model.pt\n"
    assert "2 unchanged" in sync().stdout
    assert listed(instance) == [".gitignore", "train.py"]


def test_an_instance_that_is_not_there_is_not_found(sync: Any, runctl: Runctl, folder: Path) -> None:
    assert runctl("aws", "sync", "i-0123456789abcdef0").returncode == 4


def test_a_disk_without_room_is_refused_before_anything_is_sent(sync: Any, instance: Machine, folder: Path) -> None:
    (folder / "train.py").write_text("1")
    assert sync().returncode == 0
    instance.ssh(f"sudo mount -t tmpfs -o size=2m,mode=777 tmpfs {THERE}")
    with (folder / "big.bin").open("wb") as file:
        file.truncate(3 << 20)
    done = sync()
    assert done.returncode == 3
    assert f"3.0 MiB are to be sent, and {instance.id} has 2.0 MiB free where" in done.stderr
    assert ".runctlignore" in done.stderr
    assert listed(instance) == []


def test_a_disk_that_fills_up_meanwhile_is_said_and_nothing_is_changed(
    sync: Any, instance: Machine, folder: Path
) -> None:
    (folder / "train.py").write_text("1")
    assert sync().returncode == 0
    # what others write does not show in what is free there before
    instance.ssh(f"sudo mount -t tmpfs -o size=2m,mode=777,nr_inodes=8 tmpfs {THERE}")
    for number in range(20):
        (folder / f"part{number}.py").write_text("2")
    done = sync()
    assert done.returncode == 3
    assert "the disk of the machine is full" in done.stderr and "nothing was changed" in done.stderr
    assert listed(instance) == []
    instance.ssh(f"sudo umount {THERE}")
    assert sync().returncode == 0
    assert len(listed(instance)) == 21


def test_a_network_that_fails_while_files_are_sent_is_said_and_the_next_sync_goes_on(
    sync: Any, instance: Machine, account: Sandbox, folder: Path, fault: Callable[..., None]
) -> None:
    (folder / "train.py").write_text("old")
    assert sync().returncode == 0
    (folder / "train.py").write_text("new")
    for number in range(8):
        (folder / f"big{number}.bin").write_bytes(os.urandom(32 << 20))
    words = [*RUNCTL, "aws", "sync", instance.id, "--key", str(account.key)]
    client = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    until(lambda: instance.try_ssh(f"test -e {THERE}/.runctl-incoming/2").returncode == 0, "two files")
    fault("cut", f"instance={instance.id}", "seconds=45")
    _, stderr = client.communicate(timeout=90)
    assert client.returncode == 6, stderr
    assert instance.id in stderr and "Traceback" not in stderr
    until(lambda: instance.try_ssh("true").returncode == 0, "the network", 60)
    assert instance.ssh(f"cat {THERE}/train.py") == "old"
    assert sync().returncode == 0
    assert instance.ssh(f"cat {THERE}/train.py") == "new"
    for number in range(8):
        digest = subprocess.run(["sha256sum", f"big{number}.bin"], capture_output=True, text=True, check=True).stdout
        assert instance.ssh(f"cd {THERE} && sha256sum big{number}.bin") == digest
