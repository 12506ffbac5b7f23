"""What becomes of the machine when a run on it is over: it may be told to shut itself down, and never with unsaved
results. What a shutdown means was decided when the machine was made: EC2 then stops or terminates it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any, Dict, Optional

from runctl.agent import control, protocol
from runctl.agent.rundir import RunDir

KEEP, STOP, TERMINATE = "keep", "stop", "terminate"
# whoever follows the run is to see its end
_TIME_TO_READ_S = 3.0
_SHUTDOWN = ["shutdown", "-h", "now"]


def end_machine(run: RunDir) -> None:
    """Shuts the machine down if the run's spec asks for that and nothing speaks against it; what does is in agent.log.
    To be called when the run's final state is on the disk."""
    then = run.read_spec().get("then", KEEP)
    if then == KEEP:
        return
    reason = why_not(run, then, run.read_state())
    if reason:
        print("the machine is kept: %s" % reason, file=sys.stderr)
        return
    time.sleep(_TIME_TO_READ_S)
    command = _SHUTDOWN if os.geteuid() == 0 else ["sudo", "-n", *_SHUTDOWN]
    subprocess.run(command, stdin=subprocess.DEVNULL)


def why_not(run: RunDir, then: str, state: Dict[str, Any]) -> Optional[str]:
    """What speaks against ending the machine of a run; None when nothing does."""
    if state["phase"] != protocol.FINISHED:
        return "the run is not over"
    # stopped, it keeps its disk; terminated, it does not
    if then == TERMINATE and not state.get("uploaded"):
        return "the run's results are nowhere but here"
    others = [other["run_id"] for other in control.live(run.home) if other["run_id"] != run.run_id]
    if others:
        return "other runs go on here: %s" % ", ".join(others)
    return None
