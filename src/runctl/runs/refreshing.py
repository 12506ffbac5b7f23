"""Asks machines about their runs: one call a machine, all machines at once, and what they tell is kept."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from runctl.core.errors import NotFoundError, RunctlError, UnreachableError
from runctl.core.specs import RunState
from runctl.runs.mirror import Known, Mirror, last_known
from runctl.runs.places import Place, place_of, spec_of
from runctl.runs.reaching import GoneError, PlaceTransport
from runctl.transport.agent_client import AgentClient

QUICKLY_S = 4.0


class RemoteStates:
    """The states of these runs on other machines, which are asked, all at once, when the first state is wanted that may
    not be the last. `lag` then gets, for each run that is only known as it was, why."""

    def __init__(self, home: Path, ids: Sequence[str], lag: dict[str, RunctlError]) -> None:
        self._home = home
        self._ids = ids
        self._lag = lag
        self._asked = False

    def state(self, run_id: str) -> Iterator[RunState]:
        """The state of one of them; nothing when none is known."""
        known = self._known(run_id)
        if not (known.final or known.gone or self._asked):
            self._asked = True
            unsure = [each for each in self._ids if not ((other := self._known(each)).final or other.gone)]
            self._lag.update(refresh(self._home, unsure, QUICKLY_S))
            known = self._known(run_id)
        with suppress(NotFoundError):
            state = last_known(known, place_of(self._home, run_id), self._lag.get(run_id))
            if state is not None:
                yield state

    def _known(self, run_id: str) -> Known:
        return Mirror(self._home, run_id).known()


def refresh(home: Path, ids: Iterable[str], limit_s: float | None = None) -> dict[str, RunctlError]:
    """Asks the machines of these runs what is new. Of what took longer than `limit_s` seconds the answer is not waited
    for. Returns, for each run that is not known anew, why."""
    errors: dict[str, RunctlError] = {}
    machines: dict[Place, list[str]] = {}
    for run_id in ids:
        try:
            machines.setdefault(place_of(home, run_id), []).append(run_id)
        except NotFoundError as error:
            errors[run_id] = error
    if limit_s is None and len(machines) == 1:
        [(place, asked)] = machines.items()
        return {**errors, **_ask(home, place, asked)}
    return {**errors, **_ask_all(home, machines, limit_s)}


def _ask_all(home: Path, machines: Mapping[Place, list[str]], limit_s: float | None) -> dict[str, RunctlError]:
    from threading import Thread

    answers: dict[Place, dict[str, RunctlError]] = {}

    def ask(place: Place) -> None:
        answers[place] = _ask(home, place, machines[place])

    # none is waited for at the end of the process: a machine that hangs must not hold a command up
    threads = {place: Thread(target=ask, args=[place], daemon=True) for place in machines}
    for thread in threads.values():
        thread.start()
    deadline = None if limit_s is None else time.monotonic() + limit_s
    errors: dict[str, RunctlError] = {}
    for place, thread in threads.items():
        thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        late = UnreachableError(f"{place.instance_id} has not answered within {limit_s} s")
        errors.update(answers.get(place, dict.fromkeys(machines[place], late)))
    return errors


def _ask(home: Path, place: Place, ids: Iterable[str]) -> dict[str, RunctlError]:
    mirrors = {run_id: Mirror(home, run_id) for run_id in ids}
    client = AgentClient(PlaceTransport(home, place))
    try:
        try:
            return _copy(client, place, mirrors)
        except UnreachableError:
            # a connection may be open for a while though nobody is at its other end
            return _copy(client, place, mirrors)
    except GoneError as error:
        return {run_id: why for run_id, mirror in mirrors.items() if (why := _gone(home, place, mirror, error))}
    except RunctlError as error:
        return dict.fromkeys(mirrors, error)


def _gone(home: Path, place: Place, mirror: Mirror, error: GoneError) -> RunctlError | None:
    """Takes over what a run has saved in S3 whose machine is gone. Returns what is still not known, and why."""
    from runctl.runs.s3_run import SavedRun, uri_of

    mirror.set_gone(error.message)
    uri = uri_of(spec_of(home, mirror.run_id))
    if uri is None:
        return error
    try:
        SavedRun(place, uri).copy_to(mirror)
    except RunctlError as problem:
        return GoneError(f"{error.message}; {problem.message}", problem.hint)
    return None


def _copy(client: AgentClient, place: Place, mirrors: Mapping[str, Mirror]) -> dict[str, RunctlError]:
    errors: dict[str, RunctlError] = {}
    left = dict(mirrors)
    while left:
        answer = client.runs({run_id: mirror.known().events_from for run_id, mirror in left.items()})
        for run_id in answer["unknown"]:
            errors[run_id] = NotFoundError(f"there is no run {run_id} on {place.instance_id}")
            left.pop(run_id).set_gone(f"{place.instance_id} has no record of it")
        for told in answer["runs"]:
            mirror = left.pop(told["run_id"])
            try:
                if mirror.take(place, told, time.time()):
                    left[mirror.run_id] = mirror
            except RunctlError as error:
                errors[mirror.run_id] = error
    return errors
