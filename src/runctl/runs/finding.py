"""Finds the runs of an instance by asking it, and remembers them: what another shell or another laptop has started."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from runctl.core.config import Config
from runctl.core.errors import NotFoundError, RunctlError
from runctl.core.run_ids import is_run_id
from runctl.core.specs import RunState
from runctl.machines import readiness
from runctl.runs.mirror import Mirror, last_known
from runctl.runs.places import Place, place_of, remember, remote_ids
from runctl.runs.refreshing import refresh
from runctl.runs.sound import sound_spec
from runctl.transport.agent_client import AgentClient
from runctl.transport.ssh import SshTransport


class Found(NamedTuple):
    """The runs of a machine, newest first, and what is wrong with those whose records are damaged, in words."""

    states: list[RunState]
    problems: list[str]


def find_runs(config: Config, transport: SshTransport, newest: int) -> Found:
    """The `newest` so many runs of an instance, and all that go on there. Raises UnreachableError, RunctlError."""
    home, instance_id = config.home, transport.target.instance_id
    # where there was never a run, nothing is installed to say so
    if not transport.exists(f"{transport.home}/runs"):
        return Found([], [])
    known = {run_id: Mirror(home, run_id).known().events_from for run_id in _known_ids(home, instance_id)}
    answer = AgentClient(transport).runs(known, newest)
    states: list[RunState] = []
    problems: list[str] = []
    place: Place | None = None
    for told in answer["runs"]:
        run_id = told["run_id"]
        if not is_run_id(run_id):
            continue
        place = place or _place(config, instance_id)
        try:
            if run_id not in known:
                remember(home, run_id, place, sound_spec(told["spec"], run_id))
            states.append(_taken(home, told))
        except RunctlError as error:
            problems.append(error.message)
    return Found(states, problems)


def _place(config: Config, instance_id: str) -> Place:
    ready = readiness.known(config.home, instance_id)
    if ready:
        return Place(instance_id, ready.region, ready.profile, ready.usd_per_hour)
    from runctl.core.aws import Account

    return Place(instance_id, Account(config).region, config.profile)


def _known_ids(home: Path, instance_id: str) -> list[str]:
    found = []
    for run_id in remote_ids(home):
        try:
            if place_of(home, run_id).instance_id == instance_id:
                found.append(run_id)
        except NotFoundError:
            continue  # removed just now
    return found


def _taken(home: Path, told: Mapping[str, Any]) -> RunState:
    """Takes over what is told of a run. Returns its state."""
    mirror = Mirror(home, told["run_id"])
    place = place_of(home, mirror.run_id)
    if mirror.take(place, told, time.time()):
        refresh(home, [mirror.run_id])
    state = last_known(mirror.known(), place, None)
    assert state is not None, "it was taken over just now"
    return state
