"""Waiting for an instance to run, to be reachable, to be stopped or gone."""

from __future__ import annotations

import time

from runctl.core.aws import Account
from runctl.core.config import Config
from runctl.core.errors import CloudError, UnreachableError
from runctl.providers.aws import instances, model
from runctl.providers.aws.model import Instance

REACHABLE = "reachable"
GOALS = (model.RUNNING, REACHABLE, model.STOPPED, model.TERMINATED)


def wait_until(account: Account, config: Config, instance: Instance, goal: str, timeout_s: float) -> bool:
    """Whether `instance` got to `goal` (one of GOALS) in time. Raises CloudError when it never will."""
    deadline = time.monotonic() + timeout_s
    state = model.RUNNING if goal == REACHABLE else goal
    try:
        instance = instances.wait_for(account, instance.id, state, time.sleep, timeout_s)
    except CloudError as error:
        if error.code != "Timeout":
            raise
        return False
    return goal != REACHABLE or _can_be_reached(account, config, instance, deadline - time.monotonic())


def _can_be_reached(account: Account, config: Config, instance: Instance, timeout_s: float) -> bool:
    from runctl.machines.reach import wait_until_reachable

    try:
        wait_until_reachable(account, config, instance, timeout_s=timeout_s)
    except UnreachableError:
        return False
    return True
