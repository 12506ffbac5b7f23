"""What the tests of runs in containers on an instance share."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from account import Machine, Sandbox, until
from python_image import IMAGE, MAKE_IMAGE
from runctl.core.run_ids import new_run_id
from runctl.transport.agent_client import AgentClient
from runctl.transport.ssh import SshTarget, SshTransport

HOME = "/home/ubuntu"
PROJECT = f"{HOME}/runctl/project"
WAITS = "import os, time\nprint('ready')\nwhile not os.path.exists('go'):\n    time.sleep(0.01)\n"


class OnInstance(NamedTuple):
    """An instance with the image of `python_image`, on which runs are started without a command."""

    machine: Machine
    transport: SshTransport

    def start(self, script: str, secrets: dict[str, str] | None = None, **more: Any) -> str:
        """Starts a script in a container. Returns the run's id."""
        self.transport.run(["mkdir", "-p", PROJECT])
        self.transport.put(f"{PROJECT}/train.py", script.encode())
        spec = spec_of(**more)
        AgentClient(self.transport).start(spec, secrets or {})
        run_id: str = spec["run_id"]
        return run_id

    def state(self, run_id: str) -> dict[str, Any]:
        """The run's state, as the agent tells it."""
        return AgentClient(self.transport).status([run_id])[0]

    def finished(self, run_id: str) -> dict[str, Any]:
        """The run's state once it is over."""
        until(lambda: self.state(run_id)["phase"] == "finished", "the end", found_instead=lambda: self.log(run_id))
        return self.state(run_id)

    def output(self, run_id: str) -> str:
        """What the script printed."""
        return self.machine.try_ssh(f"cat {HOME}/.runctl/runs/{run_id}/output.log").stdout

    def log(self, run_id: str) -> str:
        """Everything that is known of a run."""
        folder = f"{HOME}/.runctl/runs/{run_id}"
        return self.machine.try_ssh(f"cat {folder}/events.jsonl {folder}/agent.log {folder}/output.log").stdout

    def printed(self, run_id: str, text: str = "ready") -> None:
        """Waits until the script has printed something."""
        until(lambda: text in self.output(run_id), text, found_instead=lambda: self.log(run_id))

    def containers(self) -> str:
        """The names of all containers that are left."""
        return self.machine.ssh("sudo docker ps --all --format '{{.Names}}'").strip()


def spec_of(**more: Any) -> dict[str, Any]:
    """A spec of the project's script in a container."""
    container = {"image": IMAGE, "dockerfile": None, "mounts": [], "login": None, **more.pop("container", {})}
    spec = {
        "schema": 1,
        "client": "0",
        "run_id": new_run_id(),
        "created_at": time.time(),
        "script": "train.py",
        "kind": "python",
        "args": [],
        "hyperparams": {},
        "defaults": {},
        "command": ["train.py"],
        "root": "~/runctl/project",
        "workdir": "~/runctl/project",
        "environment": {"kind": "interpreter", "python": None, "root": "~/runctl/project"},
        "env": {},
        "secret_names": [],
        "grace_s": 30,
        "stop_signal": "SIGTERM",
        "checkpoint_dirs": [],
        "container": container,
    }
    return {**spec, **more}


@pytest.fixture
def docker_machine(instance: Machine, account: Sandbox, tmp_path: Path) -> Iterator[OnInstance]:
    """The instance; nothing of Docker's is left on it after the test."""
    target = SshTarget(instance.id, instance.address, 22, "ubuntu", account.key, tmp_path / "known_hosts", None)
    transport = SshTransport(target)
    made = transport.run(["sh", "-c", "docker image inspect $1 >/dev/null 2>&1 || { " + MAKE_IMAGE + " }", "sh", IMAGE])
    assert made.code == 0, made
    found = OnInstance(instance, transport)
    yield found
    instance.ssh(f"sudo rm -rf {PROJECT}")
    assert found.containers() == ""
    transport.close()
