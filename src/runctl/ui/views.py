"""What people see of runs, as plain rows and lines: pure functions, shared by every way of showing them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from runctl.agent import protocol
from runctl.core.specs import RunState
from runctl.core.text import duration, local_time, number, printable
from runctl.ui.cells import shortened

# the state is then the last that was seen; of an end nobody knows
_CANNOT_TELL = ("unreachable", "gone")
RUNS_HEADER = ("RUN", "STATUS", "SCRIPT", "STARTED", "DURATION", "STEP", "METRICS")


def run_row(state: RunState, now: float) -> tuple[str, ...]:
    """One run as a row of the runs table. `now` is a Unix time in seconds."""
    return (
        state.run_id,
        _status(state, now),
        shortened(state.script, 30),
        local_time(state.started_at or state.created_at),
        duration(state.elapsed_s(now)) if state.started_at else "-",
        position(state.position) or "-",
        shortened(metrics(state.metrics), 40) or "-",
    )


def _status(state: RunState, now: float) -> str:
    """The status in a word; of a machine that can't tell, with how long ago it did."""
    if state.agent not in _CANNOT_TELL or state.seen_at is None:
        return status_word(state)
    return f"{state.status}? ({state.agent}; as of {duration(max(0.0, now - state.seen_at))} ago)"


def hyperparams(values: Mapping[str, Any]) -> str:
    """Hyperparameters on one line."""
    return ", ".join(f"{name}={value}" for name, value in values.items())


def status_word(state: RunState) -> str:
    """The status, with what makes it more than a word: exit code, signal, a lost agent, a machine that can't tell."""
    if state.agent == "lost":
        return f"{state.status} (agent lost)"
    if state.agent in _CANNOT_TELL:
        return f"{state.status}? ({state.agent})"
    if state.outcome == protocol.FAILED and state.signal:
        return f"failed ({state.signal})"
    if state.outcome == protocol.FAILED and state.exit_code is not None:
        return f"failed ({state.exit_code})"
    return state.status


def run_lines(state: RunState, spec: Mapping[str, Any], folder: str, environment: str, now: float) -> list[str]:
    """Everything about one run, a line each; of secrets only the names."""
    rows = [
        ("run", state.run_id),
        ("status", _status(state, now)),
        ("machine", state.instance_id),
        ("reason", state.reason),
        ("script", spec["script"]),
        ("arguments", " ".join(map(repr, spec["args"]))),
        ("hyperparams", hyperparams(spec.get("hyperparams", {}))),
        ("folder", spec["workdir"]),
        ("environment", environment),
        ("variables", ", ".join(f"{name}={value}" for name, value in sorted(spec["env"].items()))),
        ("secrets", ", ".join(spec["secret_names"])),
        ("attempt", str(state.attempt)),
        ("process", str(state.pid) if state.pid and not state.finished else None),
        ("created", local_time(state.created_at)),
        ("started", local_time(state.started_at) if state.started_at else None),
        ("ended", local_time(state.ended_at) if state.ended_at else None),
        ("duration", duration(state.elapsed_s(now)) if state.started_at else None),
        ("cost", f"${state.cost_usd:.2f}" if state.cost_usd else None),
        ("position", position(state.position)),
        *((f"  {name}", number(value)) for name, value in sorted(state.metrics.items())),
        ("results", results(state)),
        ("records", folder),
    ]
    return [f"{printable(name):<12} {printable(value)}" for name, value in rows if value]


def results(state: RunState) -> str:
    """Where the results are or go to; empty when they stay on their machine."""
    if state.output_uri is None:
        return ""
    if state.uploaded:
        return state.output_uri
    return f"{state.output_uri} ({'not all of them are there' if state.finished else 'when the script has ended'})"


def position(values: Mapping[str, float]) -> str:
    """Step and epoch, with totals where known: `epoch 2/10 step 120/1000`."""
    parts = []
    for name in ("epoch", "step"):
        if name in values:
            total = values.get(f"total_{name}s")
            parts.append(f"{name} {number(values[name])}" + (f"/{number(total)}" if total else ""))
    return " ".join(parts)


def metrics(values: Mapping[str, float]) -> str:
    """The newest metrics on one line."""
    return "  ".join(f"{name} {number(value)}" for name, value in values.items())


def ending(state: RunState, folder: str, width: int) -> Iterable[str]:
    """The last words about a run that somebody watched, in lines of `width` cells; the folder whole."""
    word = status_word(state)
    when = f"after {duration(state.elapsed_s(0))}" if state.started_at else "before the script started"
    yield f"{state.run_id} {word} {when}"
    if state.outcome != protocol.SUCCEEDED:
        yield f"  {printable(state.reason or '')}"
    if state.metrics:
        yield f"  {shortened(metrics(state.metrics), width - 3)}"
    if state.uploaded:
        yield f"  results: {printable(state.output_uri or '')}"
    yield f"  records: {folder}"
