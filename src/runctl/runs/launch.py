"""Starts runs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from runctl.agent import protocol
from runctl.core.config import load
from runctl.core.folder import current_folder
from runctl.project.hyperparams import given_values
from runctl.runs.plan import Plan, make_plan
from runctl.runs.run import Run
from runctl.runs.spec_parts import Asked
from runctl.transport.agent_client import AgentClient
from runctl.transport.local import LocalTransport


def run(
    script: str | os.PathLike[str],
    args: Sequence[str] = (),
    *,
    hyperparams: Mapping[str, Any] | None = None,
    env: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    python: str | None = None,
) -> Run:
    """Starts `script` on this machine, as `runctl local` does, and returns at once; `Run.wait()` waits.

    `args` reach the script as they are; `hyperparams` (texts, numbers, truth values, None, lists of them) are checked
    against the script's own parser, as `--hyperparams` is. `env` is added to its environment and recorded; `secrets`
    are added too, never written to disk, and hidden in its output. `python` is an interpreter to use instead of the
    project's environment. Other settings come from configuration. Raises NotFoundError, RefusedError,
    UsageError, RunctlError; then nothing was started.
    """
    config = load(current_folder()).override(python=python)
    asked = Asked(os.fspath(script), args, given_values(hyperparams or {}), env or {}, (), secrets or {})
    plan = make_plan(asked, config)
    return start(plan, config.home)


def start(plan: Plan, home: Path) -> Run:
    """Starts a planned run and leaves it to its agent. Raises RefusedError, RunctlError."""
    AgentClient(LocalTransport(home)).start(plan.spec, plan.secrets)
    return Run(plan.spec["run_id"], home)


def start_and_follow(plan: Plan, home: Path) -> Iterator[protocol.Frame]:
    """Starts a planned run and yields its frames as they come. Closing the iterator leaves the run going on."""
    return AgentClient(LocalTransport(home)).start_and_follow(plan.spec, plan.secrets)
