"""Which runs go on at a machine: what must be known before it is stopped or ended."""

from __future__ import annotations

from typing import Any, NamedTuple

from runctl.transport.agent_client import AgentClient
from runctl.transport.base import Transport


class LiveRun(NamedTuple):
    """A run that is not finished. `script` and `phase` are None where its records are damaged."""

    run_id: str
    script: str | None
    phase: str | None


def live_runs(transport: Transport) -> list[LiveRun]:
    """The runs of the machine's user that are not finished, oldest first. Raises UnreachableError, RunctlError."""
    # where there was never a run, nothing is installed to say so
    if not transport.exists(f"{transport.home}/runs"):
        return []
    return [_parsed(state) for state in AgentClient(transport).live()]


def _parsed(state: dict[str, Any]) -> LiveRun:
    return LiveRun(state["run_id"], state.get("script"), state.get("phase"))
