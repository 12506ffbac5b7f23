"""What is known here of a run on another machine: its spec, its newest state, its events; a copy that only grows.

Nothing in it is an outcome that nobody told: a machine that can't be reached changes nothing, and one that is gone
leaves the state that was seen last.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from runctl.agent.rundir import read_json, write_json
from runctl.core.errors import RunctlError
from runctl.core.specs import RunState
from runctl.runs.places import Place, folder_of
from runctl.runs.sound import sound_state

# how far a copy is: the byte on the machine from which on events are missing, and how many bytes of them are here
_NOTHING: dict[str, Any] = {"final": False, "gone": None, "events_from": 0, "events_size": 0}


class Known(NamedTuple):
    """What the copy says. `state` is None before the machine told one. `final`: nothing more can come. `gone`: why
    nothing can be asked any more, in words; None while it can. `events_from` is the byte on the machine from which
    on events are missing here."""

    state: RunState | None
    final: bool = False
    gone: str | None = None
    events_from: int = 0


class Mirror:
    """The copy of one run's records."""

    def __init__(self, home: Path, run_id: str) -> None:
        self.run_id = run_id
        self.folder = folder_of(home, run_id)
        self.events = self.folder / "events.jsonl"
        self._state = str(self.folder / "state.json")

    def known(self) -> Known:
        """What the copy says now. One that can't be read knows nothing, and is made again."""
        document = self._document()
        if document is None:
            return Known(None)
        copied = document["mirror"]
        state = None
        if "phase" in document:
            state = RunState.parse(document, document["agent"])
        return Known(state, copied["final"], copied["gone"], copied["events_from"])

    def take(self, place: Place, told: Mapping[str, Any], now: float) -> bool:
        """Takes over what a machine tells of the run (`runctl.agent.listing`) at `now`, a Unix time in seconds.
        Returns whether there is more to ask for. Raises RunctlError for damaged records, which are not taken over."""
        if told["state"] is None:
            raise RunctlError(f"run {self.run_id} on {place.instance_id}: {told['problem']}")
        state = sound_state(told["state"], self.run_id, told["state"]["agent"])
        with self._writing() as copied:
            if told["events_to"] > copied["events_from"] == told["events_from"]:
                self._append(told["events"].encode("utf-8", "surrogateescape"), copied)
                copied["events_from"] = told["events_to"]
            copied["final"] = state.finished and not told["more"]
            copied["gone"] = None
            self._write(self._stamped(told["state"], place, now), copied)
        return bool(told["more"])

    def take_state(self, place: Place, state: Mapping[str, Any], now: float) -> None:
        """Takes over a state that came without events."""
        with self._writing() as copied:
            self._write(self._stamped({**state, "agent": "alive"}, place, now), copied)

    def take_all(self, place: Place, state: Mapping[str, Any], events: bytes, now: float) -> None:
        """Takes over all records of a run whose machine is gone."""
        with self._writing() as copied:
            copied.update(events_size=0)
            self._append(events, copied)
            copied.update(final=True, gone=None, events_from=len(events))
            self._write(self._stamped({**state, "agent": "done"}, place, now), copied)

    def set_gone(self, reason: str) -> None:
        """Notes that there is nothing that could be asked about the run any more."""
        with self._writing() as copied:
            copied["gone"] = reason
            document = self._document() or {}
            self._write({**document, **({"agent": "gone"} if document else {})}, copied)

    def _stamped(self, state: Mapping[str, Any], place: Place, now: float) -> dict[str, Any]:
        return {**state, "instance_id": place.instance_id, "seen_at": now}

    def _append(self, events: bytes, copied: dict[str, Any]) -> None:
        """Adds to the events; what a client that was killed here has left behind is overwritten."""
        self.events.touch(mode=0o600)
        with self.events.open("r+b") as file:
            file.truncate(copied["events_size"])
            file.seek(copied["events_size"])
            file.write(events)
        copied["events_size"] += len(events)

    def _write(self, document: Mapping[str, Any], copied: Mapping[str, Any]) -> None:
        write_json(self._state, {**document, "mirror": dict(copied)})

    def _document(self) -> dict[str, Any] | None:
        try:
            document = read_json(self._state)
        except (OSError, ValueError):
            return None
        # another version's, or somebody else's: it is made again
        return document if isinstance(document, dict) and set(document.get("mirror", ())) == set(_NOTHING) else None

    @contextmanager
    def _writing(self) -> Iterator[dict[str, Any]]:
        """Lets one process at a time write; yields how far the copy is."""
        with (self.folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            document = self._document()
            yield document["mirror"] if document else dict(_NOTHING)


def last_known(known: Known, place: Place, problem: RunctlError | None) -> RunState | None:
    """The state to show where `problem` may have stood in the way of a newer one; None when none is known. That a
    machine can't be asked is never an outcome."""
    if known.state is None:
        return None
    agent = known.state.agent
    if not known.final and problem is not None:
        agent = "gone" if known.gone else "unreachable"
    return priced(known.state._replace(agent=agent), place, time.time())


def priced(state: RunState, place: Place, now: float) -> RunState:
    """The state with what the machine has cost since the run was made, up to `now` (Unix time in seconds) or to when
    the run was last known to go on."""
    if place.usd_per_hour is None:
        return state
    live = state.agent in ("alive", "lost")
    until = state.ended_at or (now if live or state.seen_at is None else state.seen_at)
    return state._replace(cost_usd=round(max(0.0, until - state.created_at) / 3600 * place.usd_per_hour, 6))
