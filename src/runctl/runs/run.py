"""One run, as the library and every command see it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from runctl.agent import protocol
from runctl.agent.rundir import RunDir, read_events
from runctl.core.errors import NotFoundError, RunctlError
from runctl.core.specs import Point, RunState

if TYPE_CHECKING:
    from runctl.agent.checkpoints import Checkpoint
    from runctl.transport.agent_client import AgentClient


class Run:
    """A run on this machine. Nothing is kept here: every question is answered by the run's folder."""

    def __init__(self, run_id: str, home: Path) -> None:
        self.id = run_id
        self.home = home
        # what stood in the way when its machine was asked last
        self.problem: RunctlError | None = None
        # is told, in words, of connections that are lost and back while the run is followed
        self.on_note: Callable[[str], None] = _unheard
        self._folder = RunDir(str(home), run_id)

    def __repr__(self) -> str:
        return f"<Run {self.id}>"

    @cached_property
    def _agent(self) -> AgentClient:
        # imported when it is first asked: records of finished runs, ten thousand at a time, are read without it
        from runctl.transport.agent_client import AgentClient
        from runctl.transport.local import LocalTransport

        return AgentClient(LocalTransport(self.home))

    @property
    def folder(self) -> Path:
        """The run folder: spec.json, state.json, events.jsonl, output.log."""
        return Path(self._folder.path)

    @property
    def records(self) -> str:
        """Where its records are, for people."""
        return str(self.folder)

    @property
    def where(self) -> str | None:
        """The machine that it is on, for people; None for this one."""
        return None

    @cached_property
    def spec(self) -> dict[str, Any]:
        """What was asked for: script, arguments, environment, … Raises NotFoundError."""
        try:
            return self._folder.read_spec()
        except OSError as error:
            raise NotFoundError(f"there is no run {self.id} under {self.home}") from error

    @property
    def checkpoint_folders(self) -> list[Path]:
        """Where the script's checkpoints are looked for, on the run's machine: the configured folders, else the one it
        runs in."""
        workdir = Path(self.spec["workdir"])
        return [workdir / folder for folder in self.spec["checkpoint_dirs"]] or [workdir]

    def checkpoints(self) -> list[Checkpoint]:
        """The checkpoints in those folders, newest first."""
        from runctl.agent.checkpoints import find

        found = [checkpoint for folder in self.checkpoint_folders for checkpoint in find(str(folder))]
        return sorted(found, key=lambda checkpoint: -checkpoint.modified_at)

    def state(self) -> RunState:
        """Where the run stands now. Raises NotFoundError."""
        document = self._agent.status([self.id])[0]
        return RunState.parse(document, document["agent"])

    @property
    def metrics(self) -> dict[str, list[Point]]:
        """Every metric's points so far, in the order they were written."""
        points: dict[str, list[Point]] = {}
        for event in self.events():
            if event["kind"] != "metric":
                continue
            for name, value in event["values"].items():
                step, epoch = event.get("step"), event.get("epoch")
                points.setdefault(name, []).append(Point(event["at"], step, epoch, float(value)))
        return points

    def last_event(self) -> int:
        """The number of the newest event; 0 when there is none."""
        return max((event["n"] for event in self.events()), default=0)

    def events(self, after: int = 0) -> Iterator[dict[str, Any]]:
        """The run's events so far, those numbered above `after`."""
        return read_events(self._folder.events, after)

    def follow(self, **start: Any) -> Iterator[protocol.Frame]:
        """Frames (states, events, output) as they come, until the run is finished. `start` holds fields of
        `runctl.agent.follow.Start`. Closing the iterator stops looking; the run goes on."""
        return self._agent.follow(self.id, **start)

    def wait(self, timeout_s: float | None = None) -> RunState:
        """Waits until the run is finished, `timeout_s` seconds at most. Returns its state then, finished or not."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        state = self.state()
        while not state.finished and (deadline is None or time.monotonic() < deadline):
            time.sleep(0.1 if deadline is None else max(0.0, min(0.1, deadline - time.monotonic())))
            if self._worth_asking():
                state = self.state()
        return state

    def logs(self) -> bytes:
        """What the script has printed so far, byte for byte."""
        path = Path(self._folder.output)
        return path.read_bytes() if path.exists() else b""

    def copy_logs(self, target: BinaryIO, **start: Any) -> None:
        """Writes the script's output to `target` as it comes; `start` as for `follow`."""
        for frame in self.follow(**start):
            if frame.kind == "output":
                target.write(frame.payload)
                target.flush()

    def stop(self, grace_s: float | None = None, signal: str | None = None) -> RunState:
        """Stops the run: the signal, the grace period (seconds), then a kill of all its processes; None takes
        the run's own. Returns the final state; a finished run is left as it is."""
        document = self._agent.stop(self.id, grace_s, signal)
        return RunState.parse(document, "done")

    def remove(self) -> None:
        """Deletes the run's folder. Raises RefusedError while it goes on."""
        self._agent.remove(self.id)

    def _worth_asking(self) -> bool:
        """Whether the run is finished or has lost its agent: cheap to see, unlike a call to the agent."""
        return not self._folder.has_agent()


def _unheard(text: str) -> None:
    pass
