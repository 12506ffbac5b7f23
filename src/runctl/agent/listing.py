"""Tells a client about many runs in one answer: their states, and the events that it does not have yet."""

from __future__ import annotations

import os
from typing import Any, Iterator

from runctl.agent import control
from runctl.agent.protocol import FINISHED
from runctl.agent.rundir import RunDir, read_json

# what one answer holds at most of one run's events, in bytes, and of its other records
_MOST_EVENTS = 4 << 20
_MOST_RECORD = 4 << 20
_BLOCK = 1 << 20


def runs(home: str, known: dict[str, int], newest: int) -> dict[str, Any]:
    """The `runs` that the client knows (id → from which byte on it lacks the events), the `newest` so many of all, and
    if that is more than none every one that goes on; the newest first. `unknown` are ids of which there is no run."""
    told = [_told(home, run_id, known.get(run_id)) for run_id in _wanted(home, known, newest)]
    found = [each for each in told if each is not None]
    ids = {each["run_id"] for each in found}
    return {"runs": found, "unknown": [run_id for run_id in known if run_id not in ids]}


def checkpoints_of(home: str, run_id: str) -> list[dict[str, Any]]:
    """The checkpoints in a run's folders, newest first. Raises NoSuchRun."""
    from runctl.agent import checkpoints

    spec = control.find(home, run_id).read_spec()
    folders = [os.path.join(spec["workdir"], folder) for folder in spec["checkpoint_dirs"]] or [spec["workdir"]]
    found = [checkpoint for folder in folders for checkpoint in checkpoints.find(folder)]
    return [checkpoint._asdict() for checkpoint in sorted(found, key=lambda each: -each.modified_at)]


def _wanted(home: str, known: dict[str, int], newest: int) -> Iterator[str]:
    if not newest:
        yield from known
        return
    folder = os.path.join(home, "runs")
    ids = sorted(os.listdir(folder), reverse=True) if os.path.isdir(folder) else []
    for index, run_id in enumerate(ids):
        if index < newest or run_id in known or _goes_on(RunDir(home, run_id)):
            yield run_id


def _goes_on(run: RunDir) -> bool:
    try:
        return bool(run.read_state()["phase"] != FINISHED)
    except (OSError, ValueError, RecursionError):
        return False


def _told(home: str, run_id: str, events_from: int | None) -> dict[str, Any] | None:
    """One run; None when there is none of this id. `state` is None where `problem` says why."""
    try:
        run = control.find(home, run_id)
        state, problem = _state(run)
        spec = _spec(run) if events_from is None else None
    except (control.NoSuchRun, FileNotFoundError):
        return None
    events, position, more = _events(run.events, events_from or 0)
    return {
        "run_id": run_id,
        "state": state,
        "problem": problem,
        "spec": spec,
        "events": events.decode("utf-8", "surrogateescape"),
        "events_from": events_from or 0,
        "events_to": position,
        "more": more,
    }


def _state(run: RunDir) -> tuple[dict[str, Any] | None, str | None]:
    if os.path.getsize(run.state) > _MOST_RECORD:
        return None, "its state.json is larger than %d bytes" % _MOST_RECORD
    try:
        return control.status(run.home, run.run_id), None
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        return None, "its records are damaged: %s" % error


def _spec(run: RunDir) -> Any:
    try:
        return read_json(run.spec) if os.path.getsize(run.spec) <= _MOST_RECORD else None
    except (OSError, ValueError, RecursionError):
        return None


def _events(path: str, start: int) -> tuple[bytes, int, bool]:
    """Whole lines from byte `start` on, the byte after them, and whether there is more. A line that is too long for an
    answer is passed over."""
    try:
        file = open(path, "rb")
    except FileNotFoundError:
        return b"", start, False
    with file:
        size = os.fstat(file.fileno()).st_size
        file.seek(start)
        data = file.read(_MOST_EVENTS)
        lines = data[: data.rfind(b"\n") + 1]
        end = start + len(lines)
        if not lines and len(data) == _MOST_EVENTS:
            end = _after_line(file, start)
            return b"", end, start < end < size
        return lines, end, len(data) == _MOST_EVENTS and end < size


def _after_line(file: Any, start: int) -> int:
    """Where the line after the one at the file's position begins; `start` while that one has no end."""
    position: int = file.tell()
    while True:
        block = file.read(_BLOCK)
        if not block:
            return start
        if b"\n" in block:
            return position + int(block.index(b"\n")) + 1
        position += len(block)
