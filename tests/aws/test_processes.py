"""`runctl aws processes` in a sandbox."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from account import Machine, Sandbox, until

pytestmark = pytest.mark.slow
Runctl = Callable[..., "subprocess.CompletedProcess[str]"]
SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"
# what it prints for a GPU, and for a part of one
NVIDIA_SMI = """#!/bin/sh
echo '0, NVIDIA A10G, 97, 20480, 23028, 61, 287.15'
echo '1, NVIDIA A10G MIG 1g, [N/A], 12, 4864, 40, [N/A]'
"""


@pytest.fixture(autouse=True)
def key(account: Sandbox, home: Path) -> None:
    """The private half of the instance's key pair, where runctl looks for it."""
    (home / "keys").mkdir(parents=True)
    (home / "keys" / "tests").symlink_to(account.key)


def valid(command: str, text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    Draft202012Validator(json.loads((SCHEMAS / f"{command}.json").read_text())).validate(document)
    return document


def test_a_busy_process_comes_first_with_its_user_and_run(instance: Machine, runctl: Runctl) -> None:
    busy = "RUNCTL_RUN_ID=0000000-aaaaa setsid -f sh -c 'echo $$ > busy; while :; do :; done' > /dev/null 2>&1"
    instance.ssh(busy)
    pid = int(until(lambda: instance.ssh("cat busy 2>/dev/null || true").strip(), "the process"))
    try:
        told = valid("aws-processes", runctl("aws", "processes", instance.id, "--json").stdout)
        lines = runctl("aws", "processes", instance.id).stdout.splitlines()
    finally:
        instance.ssh(f"kill {pid}")
    [process] = [each for each in told["processes"] if each["pid"] == pid]
    assert (process["user"], process["run_id"]) == ("ubuntu", "0000000-aaaaa")
    assert process["cpu_percent"] > 0
    assert [line for line in lines if line.startswith(f"{pid} ") and "0000000-aaaaa" in line]


def test_every_file_system_is_told_once(instance: Machine, runctl: Runctl) -> None:
    told = valid("aws-processes", runctl("aws", "processes", instance.id, "--json").stdout)
    disks = told["disks"]
    mounts = [disk["mount"] for disk in disks]
    assert "/" in mounts
    assert "/etc/resolv.conf" not in mounts, "a file of the host's"
    assert len({disk["source"] for disk in disks}) == len(disks)


def test_gpus_are_told_where_nvidia_smi_is(instance: Machine, runctl: Runctl) -> None:
    script = base64.b64encode(NVIDIA_SMI.encode()).decode()
    instance.ssh(f"echo {script} | base64 -d | sudo tee /usr/local/bin/nvidia-smi > /dev/null")
    instance.ssh("sudo chmod 755 /usr/local/bin/nvidia-smi")
    done = runctl("aws", "processes", instance.id)
    document = runctl("aws", "processes", instance.id, "--json").stdout
    instance.ssh("sudo rm /usr/local/bin/nvidia-smi")
    assert "gpu 0    97.0 %  NVIDIA A10G, 20.0 GiB of 22.5 GiB, 61 °C, 287 W" in done.stdout
    assert "gpu 1       - %  NVIDIA A10G MIG 1g, 12.0 MiB of 4.8 GiB, 40 °C" in done.stdout
    assert valid("aws-processes", document)["gpus"]


def test_how_an_instance_is_reached_is_told_as_documented(instance: Machine, runctl: Runctl) -> None:
    assert valid("aws-ssh", runctl("aws", "ssh", instance.id, "--json").stdout)["user"] == "ubuntu"
    assert valid("aws-ssh", runctl("aws", "ssh", instance.id, "--json", "--", "true").stdout)["exit_code"] == 0
