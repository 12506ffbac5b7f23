"""What the fault tests share: start a run, wait for what it does, look at its processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from runctl.agent.processes import start_time
from runctl.agent.rundir import RunDir, read_events

Runctl = Callable[..., subprocess.CompletedProcess[str]]
Found = TypeVar("Found")

# ends with exit code 7 once there is a file `go` in its folder
WAITS = """
    import os, sys, time
    print("ready")
    while not os.path.exists("go"):
        time.sleep(0.01)
    print("done")
    sys.exit(7)
"""
# never ends by itself, and not by SIGTERM
STUBBORN = """
    import signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("ready")
    while True:
        time.sleep(1)
"""


def until(
    condition: Callable[[], Found], what: str, deadline_s: float = 20, found_instead: Callable[[], object] = str
) -> Found:
    """The first true answer of `condition`; an error that says `what` was waited for, and what there was instead,
    when it takes longer than the deadline."""
    deadline = time.monotonic() + deadline_s
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"not within {deadline_s:g} s: {what}; {found_instead()}")


class Started(NamedTuple):
    """A run that was started, read from its folder."""

    folder: RunDir

    @property
    def id(self) -> str:
        return self.folder.run_id

    def state(self) -> dict[str, Any]:
        return self.folder.read_state()

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in read_events(self.folder.events) if event["kind"] == kind]

    def texts(self) -> str:
        """The warnings and errors, a line each."""
        return "\n".join(event["text"] for kind in ("warning", "error") for event in self.events(kind))

    def output(self) -> bytes:
        """What the script printed, the first MiB of it."""
        if not os.path.exists(self.folder.output):
            return b""
        with open(self.folder.output, "rb") as file:
            return file.read(1 << 20)

    def printed(self, pattern: str = "ready") -> re.Match[str]:
        """Waits until the script has printed something."""
        return until(
            lambda: re.search(pattern, self.output().decode("utf-8", "replace")) if self.output() else None,
            f"output {pattern!r}",
            found_instead=self.output,
        )

    def running(self) -> dict[str, Any]:
        """Waits until the script runs."""
        until(lambda: self.state()["phase"] == "running", "running", found_instead=self.state)
        return self.state()

    def finished(self, deadline_s: float = 20) -> dict[str, Any]:
        """Waits for the outcome, and for the agent to have gone."""
        until(lambda: self.state()["phase"] == "finished", "finished", deadline_s, self.state)
        self.without_agent()
        return self.state()

    def without_agent(self) -> None:
        """Waits until no process of the agent is left."""
        agent = self.state()["agent_pid"]
        until(lambda: not (self.folder.has_agent() or alive(agent)), "the agent to end")

    @property
    def script(self) -> int:
        pid: int = self.running()["process"]["pid"]
        return pid

    @property
    def supervisor(self) -> int:
        pid: int = self.running()["agent_pid"]
        return pid

    @property
    def keeper(self) -> int:
        return parent_of(self.script)


def write_script(text: str, name: str = "train.py") -> str:
    """Writes a script into the working directory. Returns its name."""
    Path(name).write_text(textwrap.dedent(text))
    return name


def start(runctl: Runctl, *words: str, env: dict[str, str] | None = None) -> Started:
    """Starts `runctl local WORDS… --detach`."""
    completed = runctl("local", "--detach", "-q", *words, env=env)
    assert completed.returncode == 0, completed.stderr
    return run_of(completed.stdout.strip())


def planned(runctl: Runctl, *words: str) -> dict[str, Any]:
    """The spec of what `runctl local WORDS…` would start."""
    completed = runctl("local", "--dry-run", "--json", *words)
    assert completed.returncode == 0, completed.stderr
    spec: dict[str, Any] = json.loads(completed.stdout)["spec"]
    return spec


def start_preparing(runctl: Runctl) -> Started:
    """Starts a run whose environment never gets ready: its installer hangs."""
    installer = Path("bin/uv")
    installer.parent.mkdir()
    installer.write_text("#!/bin/sh\necho downloading the internet\nexec sleep 600\n")
    installer.chmod(0o755)
    Path("requirements.txt").write_text("the-internet\n")
    path = f"{installer.parent.absolute()}{os.pathsep}{os.environ['PATH']}"
    run = start(runctl, write_script("print('never')"), env={"PATH": path})
    until(lambda: any("internet" in event["text"] for event in run.events("progress")), "the installer")
    return run


def run_of(run_id: str) -> Started:
    """A run by its id."""
    return Started(RunDir(os.environ["RUNCTL_HOME"], run_id))


def newest() -> Started | None:
    """The newest run; None when there is none that has a state."""
    runs = Path(os.environ["RUNCTL_HOME"], "runs")
    ids = sorted(path.name for path in runs.iterdir() if (path / "state.json").exists()) if runs.exists() else []
    return run_of(ids[-1]) if ids else None


def go() -> None:
    """Lets the script of `WAITS` end."""
    Path("go").touch()


def kill(*pids: int) -> None:
    """Kills processes at one moment: stopped first, so that none can act on another's death."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            os.kill(pid, number)
    until(lambda: not any(map(alive, pids)), f"the end of {pids}")


def alive(pid: int) -> bool:
    """Whether a process lives; one that only waits to be noticed by its parent does not."""
    return start_time(pid) is not None


def children_of(parent: int) -> list[int]:
    """The ids of a process's live children."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if alive(int(entry.name)) and parent_of(int(entry.name)) == parent:
                found.append(int(entry.name))
        except OSError:
            continue  # it ended meanwhile
    return found


def parent_of(pid: int) -> int:
    """The id of a process's parent."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
