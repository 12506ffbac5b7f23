"""What the tests of runs in containers share: an image of this machine's own Python, and a run in it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from support import Runctl, Started, planned, run_of

from python_image import IMAGE, MAKE_IMAGE
from runctl.transport.agent_client import AgentClient
from runctl.transport.local import LocalTransport


def make_image() -> None:
    """Makes the image, unless it is there."""
    if subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True).returncode != 0:
        subprocess.run(["sh", "-c", MAKE_IMAGE, "sh", IMAGE], check=True, capture_output=True)


def docker(*words: str, stdin: bytes = b"") -> str:
    """What `docker WORDS…` prints, which must succeed."""
    done = subprocess.run(["docker", *words], input=stdin, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()


def containers_of(run: Started) -> list[str]:
    """The names of a run's containers, running or not."""
    return docker("ps", "--all", "--format", "{{.Names}}", "--filter", f"label=runctl.run={run.id}").split()


def spec_of(runctl: Runctl, *words: str, image: str | None = IMAGE, **more: Any) -> dict[str, Any]:
    """The spec of `runctl local WORDS…`, in a container: of an image, or of the project's Dockerfile. `more` replaces
    fields of it."""
    spec = planned(runctl, *words)
    container = {"image": image, "dockerfile": None if image else "Dockerfile", "mounts": [], "login": None}
    container.update(more.pop("container", {}))
    environment = {**spec["environment"], "kind": "interpreter", "python": None}
    command = [os.path.relpath(spec["command"][0], spec["workdir"]), *spec["command"][1:]]
    if spec["kind"] != "python":
        command[0] = f"./{command[0]}"
    return {**spec, "environment": environment, "container": container, "command": command, **more}


def start_spec(
    spec: dict[str, Any], secrets: dict[str, str] | None = None, login: dict[str, str] | None = None
) -> Started:
    """Starts a spec."""
    AgentClient(LocalTransport(Path(os.environ["RUNCTL_HOME"]))).start(spec, secrets or {}, login)
    return run_of(spec["run_id"])


def start_contained(runctl: Runctl, *words: str, secrets: dict[str, str] | None = None, **more: Any) -> Started:
    """Starts `runctl local WORDS…` in a container."""
    return start_spec(spec_of(runctl, *words, **more), secrets)
