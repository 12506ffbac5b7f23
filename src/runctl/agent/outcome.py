"""What a script's end means: its outcome, and the reason in words. Nothing is read from its output."""

from __future__ import annotations

import os
from typing import Any

from runctl.agent import processes, protocol
from runctl.agent.keeper import Exit
from runctl.agent.rundir import RunDir, read_json

_UNKNOWN = "its agent was killed, and nobody saw how the script ended"


def of(ended: Exit, stop_sent: bool, oom_kills: int) -> tuple[str, str | None]:
    """Outcome and reason of an attempt whose script ended so. `oom_kills`: how many processes the kernel
    killed for memory meanwhile."""
    if ended.code == 0:
        return (protocol.STOPPED, "stopped on request, exit code 0") if stop_sent else (protocol.SUCCEEDED, None)
    reason = describe(ended)
    if ended.signal == "SIGKILL" and oom_kills > 0 and not stop_sent:
        reason += "; the kernel ended processes for lack of memory meanwhile"
    return (protocol.STOPPED if stop_sent else protocol.FAILED), reason


def describe(ended: Exit) -> str:
    """A script's end in words."""
    if ended.signal:
        return "killed by %s" % ended.signal
    if ended.code is None:
        return _UNKNOWN
    return "exit code %d" % ended.code


def of_abandoned(run: RunDir, state: dict[str, Any]) -> tuple[str, str, Exit] | None:
    """Outcome, reason and exit of a run whose agent is gone; None while its script still runs.

    The id in the state may be another process's by now: it counts only with the same boot and start time.
    """
    ended = _recorded_exit(run)
    if ended is not None:
        verdict, reason = of(ended, os.path.exists(run.stop_request), 0)
        return verdict, (reason or "exit code 0") + "; the agent was killed just then", ended
    nothing_known = Exit(None, None)
    if state["boot_id"] != processes.boot_id():
        return protocol.INTERRUPTED, "the machine was restarted while the run was going on", nothing_known
    if state["process"] is None:
        return protocol.FAILED, "its agent was killed before the script started", nothing_known
    if script_lives(state):
        return None
    return protocol.FAILED, _UNKNOWN, nothing_known


def script_lives(state: dict[str, Any]) -> bool:
    """Whether the very process that the state names still runs."""
    process = state["process"]
    return bool(
        process
        and state["boot_id"] == processes.boot_id()
        and process["started"] is not None
        and processes.start_time(process["pid"]) == process["started"]
    )


def oom_kills() -> int:
    """How many processes this machine's kernel has killed for lack of memory since it started (Linux)."""
    try:
        with open("/proc/vmstat") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("oom_kill ")), 0)
    except OSError:
        return 0


def _recorded_exit(run: RunDir) -> Exit | None:
    try:
        return Exit(**read_json(run.exit_record))
    except (OSError, ValueError, TypeError):
        return None
