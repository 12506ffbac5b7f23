"""What the tests of `runctl aws ebs` share: commands held to their schemas, and commands killed half-way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from account import Machine, Sandbox

Runctl = Callable[..., "subprocess.CompletedProcess[str]"]
Asked = Callable[..., Any]

DOCS = Path(__file__).parents[2] / "docs" / "schemas"
SCHEMAS = {path.name: json.loads(path.read_text()) for path in DOCS.glob("*.json")}
REGISTRY: Registry[Any] = Registry().with_resources(
    (name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items()
)
# runctl, which signals itself after its Nth step: a change in the account, a request to a machine's agent or a frame of
# its answer
KILLED = """
import os, sys
from botocore.client import BaseClient
from runctl.cli.main import main
from runctl.transport.agent_client import AgentClient

left, number = int(sys.argv[1]), int(sys.argv[2])

def step():
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), number)

def stepping(method, counts):
    def called(self, *args, **more):
        answer = method(self, *args, **more)
        if counts(*args):
            step()
        return answer
    return called

def streaming(method):
    def called(self, *args, **more):
        for frame in method(self, *args, **more):
            step()
            yield frame
    return called

BaseClient._make_api_call = stepping(BaseClient._make_api_call, lambda name, _: not name.startswith("Describe"))
AgentClient._call = stepping(AgentClient._call, lambda request: True)
AgentClient._stream = streaming(AgentClient._stream)
sys.exit(main(sys.argv[3:]))
"""


@pytest.fixture
def key(account: Sandbox, home: Path) -> None:
    """The private half of the instances' key pair, where runctl looks for it."""
    (home / "keys").mkdir(parents=True)
    (home / "keys" / "tests").symlink_to(account.key)


@pytest.fixture
def ebs(key: None, runctl: Runctl) -> Asked:
    """Runs `runctl aws ebs NAME WORDS… --json`, which must work, and returns the document, held to its schema."""

    def asked(name: str, *words: str) -> Any:
        done = runctl("aws", "ebs", name, *words, "--json")
        assert done.returncode == 0, done.stderr
        document = json.loads(done.stdout)
        Draft202012Validator(SCHEMAS[f"aws-ebs-{name}.json"], registry=REGISTRY).validate(document)
        return document

    return asked


@pytest.fixture
def made(ebs: Asked, ec2: Any, empty: None) -> Iterator[list[str]]:
    """Ids of volumes and snapshots to be taken away after the test, attached or not."""
    ids: list[str] = []
    yield ids
    for volume in (each for each in ids if each.startswith("vol-")):
        ebs("detach", volume, "--force", "--yes")
        ec2.delete_volume(VolumeId=volume)
    for snapshot in (each for each in ids if each.startswith("snap-")):
        ec2.delete_snapshot(SnapshotId=snapshot)


@pytest.fixture
def volume(ebs: Asked, made: list[str], instance: Machine) -> str:
    """A new volume of 1 GiB in the instance's zone."""
    made.append(ebs("create", "--size", "1", "--zone", instance.zone, "--yes")["id"])
    return made[-1]


def killed_after(steps: int, *words: str) -> bool:
    """Whether `runctl WORDS…` was killed after that many steps; it has worked when it was not."""
    done = signalled_after(steps, signal.SIGKILL, *words)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def signalled_after(steps: int, number: signal.Signals, *words: str) -> subprocess.CompletedProcess[str]:
    """How `runctl WORDS…` ends that gets a signal after that many steps."""
    command = [sys.executable, "-c", KILLED, str(steps), str(int(number)), *words]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ})


def device_of(volume: str) -> str:
    """The path by which a volume is found on its machine."""
    return f"/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{volume.replace('-', '')}"
