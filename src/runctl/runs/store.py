"""All runs that are known here, on this machine and on others: found by id, listed without an index, because their ids
sort by time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from runctl.agent.rundir import RunDir
from runctl.core.errors import NotFoundError, RunctlError, UsageError
from runctl.core.run_ids import is_run_id
from runctl.core.specs import RunState
from runctl.runs.places import folder_of, remote_ids
from runctl.runs.run import Run

if TYPE_CHECKING:
    from runctl.runs.refreshing import RemoteStates


def run_ids(home: Path) -> list[str]:
    """The ids of all runs, newest first."""
    try:
        names = os.listdir(home / "runs")
    except FileNotFoundError:
        names = []
    local = [name for name in names if is_run_id(name)]
    return sorted({*local, *remote_ids(home)}, reverse=True)


def run_of(home: Path, run_id: str) -> Run:
    """The run of an id, on this machine or another."""
    if not folder_of(home, run_id).exists():
        return Run(run_id, home)
    # not for those on this machine, of which there may be ten thousand
    from runctl.runs.remote_run import RemoteRun

    return RemoteRun(run_id, home)


def open_run(home: Path, text: str | None = None) -> Run:
    """The run whose id begins with `text`; the newest one for None. Raises NotFoundError, UsageError (several)."""
    ids = run_ids(home)
    if text is None:
        if not ids:
            raise NotFoundError(f"there is no run under {home} yet", hint="start one: runctl local train.py")
        return run_of(home, ids[0])
    found = [run_id for run_id in ids if text and run_id.startswith(text)]
    if not found:
        raise NotFoundError(
            f"there is no run {text!r} under {home}", hint="see: runctl runs list, runctl aws monitor INSTANCE"
        )
    if len(found) > 1:
        some = ", ".join(found[:3]) + (", …" if len(found) > 3 else "")
        raise UsageError(f"{text!r} is the beginning of {len(found)} runs: {some}", hint="type more of the id")
    return run_of(home, found[0])


def states(home: Path, ids: Sequence[str], lag: dict[str, RunctlError] | None = None) -> Iterator[RunState]:
    """The states of these runs, in order, read from their folders. The agent is asked only about those that say they
    go on but have no agent any more; other machines only about those that are not known to be over, for a few seconds.
    Folders with no readable state, or removed just now, are left out.

    `lag` gets, for each run that is only known as it was, the error that says why.
    """
    elsewhere = set(remote_ids(home))
    remote: RemoteStates | None = None
    for run_id in ids:
        if run_id not in elsewhere:
            yield from _local_state(home, run_id)
            continue
        if remote is None:
            # not for those on this machine, of which there may be ten thousand
            from runctl.runs.refreshing import RemoteStates

            remote = RemoteStates(home, [each for each in ids if each in elsewhere], {} if lag is None else lag)
        yield from remote.state(run_id)


def _local_state(home: Path, run_id: str) -> Iterator[RunState]:
    folder = RunDir(str(home), run_id)
    try:
        state = RunState.parse(folder.read_state(), "done")
    except (OSError, ValueError, RunctlError):
        return
    if state.finished:
        yield state
    elif folder.has_agent():
        yield state._replace(agent="alive")
    else:
        with suppress(NotFoundError):
            yield Run(run_id, home).state()
