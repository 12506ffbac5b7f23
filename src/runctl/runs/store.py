"""The runs on this machine: found by id, listed without an index, because their ids sort by time."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from runctl.agent.rundir import RunDir
from runctl.core.errors import NotFoundError, RunctlError, UsageError
from runctl.core.run_ids import is_run_id
from runctl.core.specs import RunState
from runctl.runs.run import Run


def run_ids(home: Path) -> list[str]:
    """The ids of all runs, newest first."""
    try:
        names = os.listdir(home / "runs")
    except FileNotFoundError:
        return []
    return sorted((name for name in names if is_run_id(name)), reverse=True)


def open_run(home: Path, text: str | None = None) -> Run:
    """The run whose id begins with `text`; the newest one for None. Raises NotFoundError, UsageError (several)."""
    ids = run_ids(home)
    if text is None:
        if not ids:
            raise NotFoundError(f"there is no run under {home} yet", hint="start one: runctl local train.py")
        return Run(ids[0], home)
    found = [run_id for run_id in ids if text and run_id.startswith(text)]
    if not found:
        raise NotFoundError(f"there is no run {text!r} under {home}", hint="see: runctl runs list")
    if len(found) > 1:
        some = ", ".join(found[:3]) + (", …" if len(found) > 3 else "")
        raise UsageError(f"{text!r} is the beginning of {len(found)} runs: {some}", hint="type more of the id")
    return Run(found[0], home)


def states(home: Path, ids: Iterable[str]) -> Iterator[RunState]:
    """The states of these runs, in order, read from their folders; the agent is asked only about the ones that
    say they go on but have no agent any more. Folders with no readable state, or removed just now, are left out."""
    for run_id in ids:
        folder = RunDir(str(home), run_id)
        try:
            state = RunState.parse(folder.read_state(), "done")
        except (OSError, ValueError, RunctlError):
            continue
        if state.finished:
            yield state
        elif folder.has_agent():
            yield state._replace(agent="alive")
        else:
            with suppress(NotFoundError):
                yield Run(run_id, home).state()
