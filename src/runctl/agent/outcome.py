"""What a script's end means: its outcome, and the reason in words. Nothing is read from its output."""

from __future__ import annotations

import os
from typing import Any

from runctl.agent import processes, protocol
from runctl.agent.keeper import Exit, recorded_exit
from runctl.agent.rundir import RunDir

_UNKNOWN = "its agent was killed, and nobody saw how the script ended"


def of(ended: Exit, stop_sent: bool, oom_kills: int) -> tuple[str, str | None]:
    """Outcome and reason of an attempt whose script ended so. `oom_kills`: how many processes the kernel
    killed for memory meanwhile."""
    if ended.code == 0:
        return (protocol.STOPPED, "stopped on request, exit code 0") if stop_sent else (protocol.SUCCEEDED, None)
    reason = describe(ended)
    if oom_kills > 0 and not stop_sent:
        reason += "; the kernel ended processes for lack of memory meanwhile"
    return (protocol.STOPPED if stop_sent else protocol.FAILED), reason


def without_results(verdict: str, reason: str | None, problem: str, stopped: bool) -> tuple[str, str | None]:
    """Outcome and reason when S3 does not have all results, because of the `problem` or since the upload was `stopped`:
    a success becomes none, everything else stays what it was."""
    if verdict != protocol.SUCCEEDED:
        return verdict, reason
    return (protocol.STOPPED if stopped else protocol.FAILED), "exit code 0, but " + problem


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
    stop_asked = os.path.exists(run.stop_request)
    ended = recorded_exit(run.exit_record)
    if ended is not None:
        verdict, reason = of(ended, stop_asked, 0)
        if state.get("output_uri"):
            problem = "the agent was killed before all results were uploaded" + _where_results_are(run)
            verdict, told = without_results(verdict, "%s; %s" % (reason, problem), problem, False)
            return verdict, told or problem, ended
        return verdict, (reason or "exit code 0") + "; the agent was killed just then", ended
    nothing_known = Exit(None, None)
    if state["boot_id"] != processes.boot_id():
        return protocol.INTERRUPTED, "the machine was restarted while the run was going on", nothing_known
    if state["process"] is None:
        return protocol.FAILED, "its agent was killed before the script was seen to run", nothing_known
    if script_lives(state):
        return None
    unknown = _UNKNOWN + (
        "; its results were not uploaded" + _where_results_are(run) if state.get("output_uri") else ""
    )
    return (protocol.STOPPED if stop_asked else protocol.FAILED), unknown, nothing_known


def _where_results_are(run: RunDir) -> str:
    return "; they are still in %s on the machine" % run.read_spec()["root"]


def script_lives(state: dict[str, Any]) -> bool:
    """Whether the very process that the state names still runs."""
    script = script_of(state)
    return script is not None and state["boot_id"] == processes.boot_id() and script.lives()


def script_of(state: dict[str, Any]) -> processes.Identity | None:
    """The script's process as the state names it; None when it did not start."""
    return processes.Identity(**state["process"]) if state["process"] else None


def oom_kills() -> int:
    """How many processes this machine's kernel has killed for lack of memory since it started (Linux)."""
    try:
        with open("/proc/vmstat") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("oom_kill ")), 0)
    except OSError:
        return 0
