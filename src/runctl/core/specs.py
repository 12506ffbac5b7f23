"""A run's records as the client knows them: parsed once, at the edge, into values that don't change."""

from __future__ import annotations

from typing import Any, NamedTuple

from runctl.agent import protocol
from runctl.core.errors import RunctlError

EXIT_CODES = {
    protocol.SUCCEEDED: 0,
    protocol.FAILED: 100,
    protocol.STOPPED: 102,
    protocol.OVER_LIMIT: 103,
    protocol.INTERRUPTED: 104,
}
STILL_RUNNING = 101
DETACHED = 130


class RunState(NamedTuple):
    """Where a run stands. Times are Unix times in seconds, durations seconds, cost US dollars.

    `agent` is `alive`, `lost` (it was killed, the script may still run) or `done`; `phase` and `outcome` are
    those of `runctl.agent.protocol`; `exit_code` and `signal` are the script's, None where not known. `output_uri` is
    the S3 prefix that the results go to, `uploaded` whether all of them are there; None where they stay. Of a run on
    another machine, `instance_id`, the state is what was known at `seen_at`; its `agent` may be `unreachable` (the
    machine can't be asked now) or `gone` (the machine, or the run's records on it, are no more).
    """

    run_id: str
    script: str
    attempt: int
    phase: str
    outcome: str | None
    reason: str | None
    exit_code: int | None
    signal: str | None
    created_at: float
    started_at: float | None
    ended_at: float | None
    duration_s: float | None
    heartbeat_at: float
    cost_usd: float
    agent: str
    pid: int | None
    position: dict[str, float]
    metrics: dict[str, float]
    instance_id: str | None = None
    seen_at: float | None = None
    output_uri: str | None = None
    uploaded: bool | None = None

    @property
    def finished(self) -> bool:
        """Whether the run is over and has an outcome."""
        return self.phase == protocol.FINISHED

    @property
    def status(self) -> str:
        """One word for people: the outcome once there is one, before that the phase."""
        return self.outcome or self.phase

    @property
    def command_exit_code(self) -> int:
        """runctl's exit code for a command that waited for this run."""
        return EXIT_CODES[self.outcome] if self.outcome else STILL_RUNNING

    def elapsed_s(self, now: float) -> float:
        """Seconds the script has run, up to `now` (Unix time) if it still runs; 0 before it started."""
        if self.duration_s is not None:
            return self.duration_s
        return max(0.0, now - self.started_at) if self.started_at is not None else 0.0

    @classmethod
    def parse(cls, document: dict[str, Any], agent: str) -> RunState:
        """Reads a state.json. Raises RunctlError when it is damaged, or of a version that this runctl does not know."""
        try:
            return cls._parse(document, agent)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise RunctlError(f"the run's state.json is damaged: {type(error).__name__}: {error}") from error

    @classmethod
    def _parse(cls, document: dict[str, Any], agent: str) -> RunState:
        if document.get("schema") != protocol.SCHEMA:
            raise RunctlError(
                f"run {document.get('run_id')}: its records are of version {document.get('schema')}, "
                f"this runctl reads version {protocol.SCHEMA}",
                hint="use the runctl that made it, or a newer one",
            )
        process = document["process"]
        values: dict[str, Any] = {
            **cls._field_defaults,
            **document,
            "agent": agent,
            "pid": process["pid"] if process else None,
            "position": _numbers(document["position"]),
            "metrics": _numbers(document["metrics"]),
        }
        return cls(**{name: values[name] for name in cls._fields})

    def with_metrics(self, event: dict[str, Any]) -> RunState:
        """The state after a `metric` event."""
        position = {name: event[name] for name in protocol.POSITION if name in event}
        return self._replace(
            metrics={**self.metrics, **_numbers(event["values"])},
            position={**self.position, **_numbers(position)},
        )

    def to_json(self) -> dict[str, Any]:
        """The state as `--json` prints it; values that are not finite as the texts NaN, Infinity, -Infinity."""
        document = self._asdict()
        document["metrics"] = {name: json_number(value) for name, value in self.metrics.items()}
        document["position"] = {name: json_number(value) for name, value in self.position.items()}
        return document


class Point(NamedTuple):
    """One value of a metric: when (Unix time in seconds), at which step and epoch if known, and the value."""

    at: float
    step: float | None
    epoch: float | None
    value: float


def json_number(value: float) -> float | str:
    """A number as strict JSON can hold it."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def _numbers(values: dict[str, Any]) -> dict[str, float]:
    return {name: float(value) if isinstance(value, str) else value for name, value in values.items()}
