"""What an attempt writes down: its state, replaced whole, and its events, appended."""

from __future__ import annotations

import os
from typing import Any, Callable, NamedTuple

from runctl.agent import processes, protocol
from runctl.agent.disk import Reserve
from runctl.agent.keeper import Exit
from runctl.agent.masking import Masker
from runctl.agent.rundir import EventLog, RunDir, read_events, write_json

_NEWS_AFTER_S = 1.0
_HEARTBEAT_S = 10.0


def first_state(spec: dict[str, Any], now: float) -> dict[str, Any]:
    """The state of a run that nothing has been done for. Times are Unix times in seconds."""
    return {
        "schema": protocol.SCHEMA,
        "run_id": spec["run_id"],
        "script": spec["script"],
        "attempt": 1,
        "phase": protocol.QUEUED,
        "outcome": None,
        "reason": None,
        "exit_code": None,
        "signal": None,
        "created_at": round(now, 3),
        "started_at": None,
        "ended_at": None,
        "duration_s": None,
        "heartbeat_at": round(now, 3),
        "boot_id": processes.boot_id(),
        "agent_pid": None,
        "process": None,
        "output_uri": (spec.get("output") or {}).get("uri"),
        "uploaded": False if spec.get("output") else None,
        "cost_usd": 0.0,
        "position": {},
        "metrics": {},
    }


class Recorded(NamedTuple):
    """What an agent before this one recorded: how many lines of the metrics file, and the output up to which offset
    in bytes."""

    metric_lines: int
    output: int


class Record:
    """Writes one attempt's state and events. A full disk costs events, never the attempt."""

    def __init__(self, run: RunDir, masker: Masker, wall: Callable[[], float], monotonic: Callable[[], float]) -> None:
        self._run = run
        self._masker = masker
        self._wall = wall
        self._monotonic = monotonic
        self._events = EventLog(run.events)
        self._saved_at = 0.0
        self._unsaved = False
        self._started = monotonic()
        self.reserve = Reserve(run.reserve)
        self.lost_events = 0
        self.state = run.read_state()
        self.state["agent_pid"] = os.getpid()

    def resume(self, script: processes.Identity) -> Recorded:
        """Goes on, in another process, where the one before stopped writing. Returns what it recorded."""
        self._events = EventLog(self._run.events)
        self.state = self._run.read_state()
        self.state["agent_pid"] = os.getpid()
        if self.state["process"] is None:
            self.started(script)
        lines = output = 0
        for event in read_events(self._run.events):
            if event["kind"] == "metric":
                self._keep_newest(event)
                lines += "output" not in event
                output = max(output, event.get("output", 0))
        self.save()
        return Recorded(lines, output)

    def about_to_start(self) -> None:
        """The script is started next: its duration counts from now."""
        self._started = self._monotonic()

    def phase(self, phase: str) -> None:
        """Enters a phase."""
        self.state["phase"] = phase
        self.save()
        self.event("phase", phase=phase)

    def started(self, script: processes.Identity) -> None:
        """The script runs."""
        self.state["process"] = script._asdict()
        self.state["started_at"] = round(self._wall(), 3)
        self.phase(protocol.RUNNING)

    def metric(self, fields: dict[str, Any]) -> None:
        """One line of metrics; the state keeps the newest value of each."""
        self.event("metric", **fields)
        self._keep_newest(fields)
        self._unsaved = True

    def event(self, kind: str, **fields: Any) -> None:
        """Appends an event, its texts without secrets."""
        hidden = {name: self._masker.text(value) if isinstance(value, str) else value for name, value in fields.items()}
        if not self.quietly(lambda now: self._events.append(now, kind, hidden)):
            self.lost_events += 1

    def save_when_due(self) -> None:
        """Writes the state a second after it has news, and every ten seconds as a sign of life."""
        if self._monotonic() - self._saved_at > (_NEWS_AFTER_S if self._unsaved else _HEARTBEAT_S):
            self.save()

    def save(self) -> None:
        """Writes the state as it is now."""
        self._saved_at = self._monotonic()
        self.state["heartbeat_at"] = round(self._wall(), 3)
        self._unsaved = False
        self.quietly(lambda _: write_json(self._run.state, self.state))

    def ended(self, ended: Exit) -> None:
        """The script is over: how it ended and how long it ran are known, whatever is still to be done."""
        self.state["duration_s"] = round(self._monotonic() - self._started, 3)
        self.state["exit_code"], self.state["signal"] = ended.code, ended.signal
        self.save()

    def final(self, outcome: str, reason: str | None, ended: Exit | None = None) -> dict[str, Any]:
        """The state that a run with this outcome has in the end, if it ends now."""
        state = dict(self.state)
        if state["started_at"] is not None:
            run_s = round(self._monotonic() - self._started, 3)
            if state["duration_s"] is None:
                state["duration_s"] = run_s
            # by the monotonic clock: an end must not lie before its start because the wall clock was set back
            state["ended_at"] = round(state["started_at"] + run_s, 3)
        else:
            state["ended_at"] = max(round(self._wall(), 3), state["created_at"])
        return self._concluded(state, outcome, reason, ended)

    def final_of_abandoned(self, outcome: str, reason: str | None, ended: Exit) -> dict[str, Any]:
        """The final state of a run whose agent was killed. It ended at some time after the last heartbeat: that is
        the end it gets, and the duration up to it."""
        state = dict(self.state)
        state["ended_at"] = max(state["heartbeat_at"], state["started_at"] or state["created_at"])
        if state["started_at"] is not None and state["duration_s"] is None:
            state["duration_s"] = round(state["ended_at"] - state["started_at"], 3)
        return self._concluded(state, outcome, reason, ended)

    def finish(self, final: dict[str, Any]) -> None:
        """Writes the final state, and waits until it is on the disk."""
        self.reserve.make_room()
        if self.lost_events:
            self.event("warning", text="the disk was full: %d events lost" % self.lost_events)
        self.state = final
        self.event("phase", phase=protocol.FINISHED, outcome=final["outcome"], reason=final["reason"])
        written = self.quietly(lambda _: write_json(self._run.state, final, durable=True))
        if not written:
            self.quietly(lambda _: self.reserve.become(self._run.state, final))
        self.quietly(lambda _: os.unlink(self._run.final_state))
        self.reserve.release()

    def _concluded(self, state: dict[str, Any], outcome: str, reason: str | None, ended: Exit | None) -> dict[str, Any]:
        state["phase"], state["outcome"] = protocol.FINISHED, outcome
        state["reason"] = None if reason is None else self._masker.text(reason)
        state["exit_code"], state["signal"] = (ended.code, ended.signal) if ended else (None, None)
        return state

    def _keep_newest(self, fields: dict[str, Any]) -> None:
        self.state["metrics"].update(fields["values"])
        self.state["position"].update({name: fields[name] for name in protocol.POSITION if name in fields})

    def quietly(self, write: Callable[[float], None]) -> bool:
        """Calls `write(now)`. Returns whether it was written; a full disk refuses it."""
        try:
            write(self._wall())
        except OSError:
            return False
        return True
