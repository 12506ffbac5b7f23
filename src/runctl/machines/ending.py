"""Stopping and terminating instances: not while a run is live on them, and not what runctl did not make."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from runctl.core.aws import Account
from runctl.core.config import Config
from runctl.core.errors import RefusedError, RunctlError
from runctl.machines.liveness import live_runs
from runctl.machines.reach import reach
from runctl.machines.warm import forget
from runctl.providers.aws import instances, model
from runctl.providers.aws.model import Instance
from runctl.providers.aws.polling import Pause

STOP, TERMINATE = "stop", "terminate"


def check_may_end(account: Account, config: Config, ending: Iterable[Instance], verb: str) -> None:
    """Raises RefusedError when one of `ending` is not runctl's, is protected, or may have a live run on it."""
    for instance in ending:
        how = f"to do it all the same: runctl aws {verb} {instance.id} --force"
        if not instance.managed:
            raise RefusedError(f"{instance.id} was not made by runctl", how)
        if verb == TERMINATE and instances.protected(account, instance):
            raise RefusedError(f"{instance.id} is protected against termination", how)
        # runctl starts nothing on a machine whose creation was not completed
        if instance.state == model.RUNNING and not instance.creating:
            _check_idle(account, config, instance, how)


def _check_idle(account: Account, config: Config, instance: Instance, how: str) -> None:
    try:
        live = live_runs(reach(account, config, instance))
    except RunctlError as error:
        raise RefusedError(
            f"whether a run is live on {instance.id} can't be learned, for it can't be reached: {error.message}", how
        ) from error
    if live:
        ids = ", ".join(state.run_id for state in live)
        raise RefusedError(f"on {instance.id} a run is live: {ids}", how)


def stop_all(account: Account, home: Path, stopping: list[Instance], pause: Pause, wait: bool) -> list[Instance]:
    """Stops instances and returns them as they are then. Raises RefusedError before anything is stopped."""
    for instance in stopping:
        instances.check_can_stop(instance)
    asked = [instances.stop(account, instance, pause, wait=False) for instance in stopping]
    for instance in asked:
        forget(home, instance.id, for_good=False)
    return _waited(account, asked, model.STOPPED, pause) if wait else asked


def terminate_all(
    account: Account, home: Path, ending: list[Instance], pause: Pause, wait: bool, force: bool
) -> list[Instance]:
    """Terminates instances and returns them as they are then; with `force` also protected ones."""
    asked = []
    for instance in ending:
        if force and instances.protected(account, instance):
            instances.unprotect(account, instance)
        asked.append(instances.terminate(account, instance, pause, wait=False))
        forget(home, instance.id, for_good=True)
    return _waited(account, asked, model.TERMINATED, pause) if wait else asked


def _waited(account: Account, asked: list[Instance], state: str, pause: Pause) -> list[Instance]:
    return [instances.wait_for(account, instance.id, state, pause) for instance in asked]
