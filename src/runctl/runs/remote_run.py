"""A run on another machine, with the methods of a run on this one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runctl.agent import protocol
from runctl.agent.rundir import read_events, read_json
from runctl.core.errors import NotFoundError, RefusedError, RunctlError, UnreachableError, UsageError
from runctl.core.specs import RunState
from runctl.runs.mirror import Mirror, last_known, priced
from runctl.runs.places import Place, folder_of, forget, place_of, spec_of
from runctl.runs.reaching import GoneError, PlaceTransport
from runctl.runs.refreshing import refresh
from runctl.runs.run import Run
from runctl.runs.s3_run import SavedRun, uri_of
from runctl.runs.sound import is_sound_event, sound_state
from runctl.transport.agent_client import AgentClient, StartingClient
from runctl.transport.resuming import follow_resuming

if TYPE_CHECKING:
    from runctl.agent.checkpoints import Checkpoint

# what was heard so lately is not asked for again: a command looks at a run from several sides
_FRESH_S = 1.0
_KEEP_STATE_EVERY_S = 5.0
_POLL_S, _LONGEST_POLL_S = 0.5, 10.0


class RemoteRun(Run):
    """A run on an instance. What its machine told last is kept under runctl's home, and shown when the machine can't be
    asked: then `problem` says why not."""

    def __init__(self, run_id: str, home: Path) -> None:
        super().__init__(run_id, home)
        self._mirror = Mirror(home, run_id)
        self._kept_at = time.monotonic()
        self._seen_last: dict[str, Any] | None = None

    @cached_property
    def place(self) -> Place:
        """Where the run is. Raises NotFoundError."""
        return place_of(self.home, self.id)

    @cached_property
    def _transport(self) -> PlaceTransport:
        return PlaceTransport(self.home, self.place)

    @cached_property
    def _agent(self) -> AgentClient:
        return AgentClient(self._transport)

    @property
    def folder(self) -> Path:
        """What is known of the run here: spec.json, state.json, events.jsonl."""
        return folder_of(self.home, self.id)

    @property
    def records(self) -> str:
        """Where its records are, for people: on the machine, and in S3 when they are saved there."""
        saved = uri_of(self.spec)
        on_machine = f"{self.place.instance_id}:~/{PlaceTransport.home}/runs/{self.id}"
        return f"{on_machine}, {saved}" if saved else on_machine

    @property
    def where(self) -> str | None:
        """The instance's id."""
        return self.place.instance_id

    def checkpoints(self) -> list[Checkpoint]:
        """The checkpoints in the run's folders on its machine. Raises UnreachableError, RefusedError (it is stopped),
        GoneError."""
        return self._agent.checkpoints(self.id)

    @cached_property
    def spec(self) -> dict[str, Any]:
        """What was asked for. Raises NotFoundError."""
        return spec_of(self.home, self.id)

    def state(self) -> RunState:
        """Where the run stands now; as it was seen last, with the agent `unreachable` or `gone`, when its machine can't
        be asked. Raises NotFoundError for a run that its machine knows nothing of, and of which it never did."""
        self._refresh()
        return self._last_known()

    def events(self, after: int = 0) -> Iterator[dict[str, Any]]:
        """The run's events so far, those numbered above `after`; up to the last that is known when its machine can't be
        asked."""
        if self.problem is None:
            self._refresh()
        return (event for event in read_events(str(self._mirror.events), after) if is_sound_event(event))

    def follow(
        self, first: Callable[[], Iterator[protocol.Frame]] | None = None, **start: Any
    ) -> Iterator[protocol.Frame]:
        """Frames as they come, over lost connections, until the run is finished; `start` as for `Run.follow`. `first`
        starts the run and yields its first frames. Closing the iterator stops looking; the run goes on. What was saved
        in S3 is shown where the machine can't tell. Raises GoneError, RefusedError (the machine is stopped), and
        UnreachableError: when nothing came for an hour, at once if nothing is waited for."""
        try:
            for frame in self._from_machine(first, start):
                if frame.kind == "state":
                    frame = self._kept(frame)
                if frame.kind != "event" or is_sound_event(frame.header["event"]):
                    yield frame
        except (GoneError, RefusedError, UnreachableError):
            yield from self._saved(start)
            return
        if self._seen_last and self._seen_last["phase"] == protocol.FINISHED:
            self._refresh()

    def _saved(self, start: dict[str, Any]) -> Iterator[protocol.Frame]:
        """The output that was saved in S3 of a run that is over. Where there is none, the error that is being handled
        is raised again."""
        if not self.folder.exists():
            raise  # its start was refused, and it is forgotten
        self._refresh()
        uri = uri_of(self.spec)
        known = self._mirror.known()
        if uri is None or known.state is None or not (known.final or known.gone):
            raise
        if start.get("since") is not None:
            raise UsageError(
                "when what was printed is known on the machine alone; it can't be asked", hint="--tail does without"
            )
        yield protocol.Frame("state", {"state": read_json(str(self.folder / "state.json"))}, b"")
        yield from SavedRun(self.place, uri).output(start.get("tail"), start.get("output_from", 0))

    def _from_machine(
        self, first: Callable[[], Iterator[protocol.Frame]] | None, start: dict[str, Any]
    ) -> Iterator[protocol.Frame]:
        if not start.get("wait", True):
            yield from self._agent.follow(self.id, **start)
            return
        lost = False

        def on_lost(error: UnreachableError, pause_s: float) -> None:
            nonlocal lost
            lost = True
            self.on_note(f"{error.message}; trying again in {pause_s:g} s")

        agent = StartingClient(self._transport, first) if first else self._agent
        for frame in follow_resuming(agent, self.id, on_lost, **start):
            if lost:
                lost = False
                self.on_note(f"{self.place.instance_id} is connected again")
            yield frame

    def wait(self, timeout_s: float | None = None) -> RunState:
        """Waits until the run is finished, `timeout_s` seconds at most, however often its machine can't be reached
        meanwhile. Returns its state then, finished or not; also when its machine is gone."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        pause_s = _POLL_S
        state = self.state()
        while not state.finished and state.agent != "gone":
            left_s = pause_s if deadline is None else deadline - time.monotonic()
            if left_s <= 0:
                break
            time.sleep(min(pause_s, left_s))
            pause_s = min(1.5 * pause_s, _LONGEST_POLL_S)
            state = self.state()
        return state

    def logs(self) -> bytes:
        """What the script has printed so far, byte for byte. Raises UnreachableError, RefusedError, GoneError."""
        return b"".join(frame.payload for frame in self.follow(wait=False))

    def stop(self, grace_s: float | None = None, signal: str | None = None) -> RunState:
        """Stops the run as `Run.stop` does. Raises UnreachableError when its machine can't be told: then the run goes
        on; RefusedError when the machine is stopped; GoneError."""
        if self._mirror.known().final:
            return self._last_known()
        try:
            document = self._agent.stop(self.id, grace_s, signal)
        except UnreachableError as error:
            raise UnreachableError(f"run {self.id} was not told to stop: {error.message}", error.hint) from error
        self.problem = refresh(self.home, [self.id]).get(self.id)
        return sound_state(document, self.id, "done")

    def remove(self) -> None:
        """Deletes the run's records, on its machine too where that can be asked, and what is known of it here; nothing
        in S3. Raises RefusedError while it goes on, UnreachableError when that can't be told."""
        state = self._mirror.known().state
        try:
            self._agent.remove(self.id)
        except (GoneError, NotFoundError):
            pass
        except RunctlError as error:
            # a run that is known to be over needs nobody's word; its records on the machine stay then
            if state is None or not state.finished:
                raise
            self.problem = error
        forget(self.home, self.id)

    def _refresh(self) -> None:
        """Asks the machine, unless there is nothing to come or it told just now."""
        known = self._mirror.known()
        seen_at = known.state.seen_at if known.state else None
        if known.final or (seen_at is not None and 0 <= time.time() - seen_at < _FRESH_S):
            self.problem = None
        else:
            self.problem = refresh(self.home, [self.id]).get(self.id)

    def _last_known(self) -> RunState:
        state = last_known(self._mirror.known(), self.place, self.problem)
        if state is None:
            raise self.problem or NotFoundError(f"nothing is known yet of run {self.id}")
        return state

    def _kept(self, frame: protocol.Frame) -> protocol.Frame:
        """A state that came, with what the run has cost; kept now and then."""
        document = frame.header["state"]
        state = priced(sound_state(document, self.id, "alive"), self.place, time.time())
        if time.monotonic() - self._kept_at > _KEEP_STATE_EVERY_S:
            self._mirror.take_state(self.place, document, time.time())
            self._kept_at = time.monotonic()
        self._seen_last = document
        return frame._replace(header={**frame.header, "state": {**document, "cost_usd": state.cost_usd}})
