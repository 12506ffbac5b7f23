"""What the tests of sent code share: a project here, its copy on the machine, and a client that stops half-way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from support import until

from runctl.core.config import load
from runctl.runs.remote_plan import Elsewhere, make_remote_plan
from runctl.runs.spec_parts import Asked
from runctl.transport.agent_client import AgentClient
from runctl.transport.ssh import SshTransport
from sshd import INSTANCE, Sshd

Runctl = Callable[..., "subprocess.CompletedProcess[str]"]
SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schemas/aws-sync.json").read_text())
# what a client of this kind does before the place that it is to come to, and that place
STAGES = {
    "look": "before(code, 'project_files')",
    "compare": "before(code, 'changes')",
    "send": "flushed(before(Sending, 'send', 2))",
    "within": "flushed(after(Sending, '_chunk', 2))",
    "end": "flushed(before(Sending, 'finish'))",
    "placed": "after(Sending, 'finish')",
    "remember": "before(code_cache, 'save')",
}
_CLIENT = """
import os, signal, sys, time
from runctl.cli.main import main
from runctl.machines import code, code_cache
from runctl.transport.code_client import Sending

def here():
    open("../here", "w").close()
    while not os.path.exists("../go"):
        time.sleep(0.01)

def at(place, name, number, comes_before):
    whole, calls = getattr(place, name), []
    def call(*arguments, **named):
        calls.append(1)
        own = arguments[0] if place is Sending else None
        if comes_before and len(calls) == number:
            flush and own.flush()
            here()
        done = whole(*arguments, **named)
        if not comes_before and len(calls) == number:
            flush and own.flush()
            here()
        return done
    setattr(place, name, call)

flush = False
def flushed(_):
    global flush
    flush = True
def before(place, name, number=1):
    at(place, name, number, True)
def after(place, name, number=1):
    at(place, name, number, False)
"""


class Client:
    """A `runctl aws sync` that has come to a stage, and waits there."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def go_on(self) -> tuple[int, str]:
        """Lets it go on. Returns its exit code and stderr."""
        Path("../go").touch()
        _, stderr = self.process.communicate(timeout=60)
        return self.process.returncode, stderr


@contextmanager
def client_at(stage: str, *words: str) -> Iterator[Client]:
    """A client that has come to one of STAGES; killed when the block is left, if it is still there."""
    for mark in ("../here", "../go"):
        Path(mark).unlink(missing_ok=True)
    program = f"{_CLIENT}\n{STAGES[stage]}\nsys.exit(main(sys.argv[1:]))"
    process = subprocess.Popen(
        [sys.executable, "-c", program, "aws", "sync", INSTANCE, *words], stderr=subprocess.PIPE, text=True
    )
    try:
        until(Path("../here").exists, f"the stage {stage!r}", found_instead=process.poll)
        yield Client(process)
    finally:
        process.kill()
        process.communicate()


def git(*words: str, folder: str = ".") -> None:
    settings = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always"]
    subprocess.run(["git", *settings, "-C", folder, *words], check=True, capture_output=True)


def write(*names: str, text: str = "x") -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


def sync(runctl: Runctl, *words: str) -> dict[str, Any]:
    """What `runctl aws sync INSTANCE WORDS… --json` answers, held to its schema."""
    done = runctl("aws", "sync", INSTANCE, "--json", *words)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    Draft202012Validator(SCHEMA).validate(document)
    return document


def sent(runctl: Runctl, *words: str) -> list[str]:
    return [file["path"] for file in sync(runctl, *words)["sent"]]


def content(folder: Path) -> dict[bytes, bytes | str]:
    """Every file below a folder by its path: what is in it, or where a link leads."""
    found: dict[bytes, bytes | str] = {}
    for parent, folders, files in os.walk(os.fsencode(folder)):
        for name in (*files, *folders):
            path = os.path.join(parent, name)
            inner = os.path.relpath(path, os.fsencode(folder))
            if os.path.islink(path):
                found[inner] = os.readlink(path).decode()
            elif not os.path.isdir(path):
                with open(path, "rb") as file:
                    found[inner] = file.read()
    return found


def names(folder: Path) -> list[str]:
    return sorted(os.fsdecode(path) for path in content(folder))


def begin(sshd: Sshd, in_project: bool = True) -> str:
    """Starts the train.py of the project on the machine; not `in_project`: as a run that only happens to use its
    folder. Returns the run's id."""
    asked = Asked("train.py", [], {}, {}, (), {})
    plan = make_remote_plan(asked, Elsewhere(keep_code=True, python=sys.executable), load(Path.cwd()))
    spec = plan.spec if in_project else {**plan.spec, "project": None}
    AgentClient(SshTransport(sshd.target())).start(spec, {})
    return plan.run_id
