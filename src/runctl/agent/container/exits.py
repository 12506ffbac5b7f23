"""How a container ended, from what Docker and the container's first process say."""

from __future__ import annotations

import re
import signal
from typing import Any, Dict

from runctl.agent import protocol
from runctl.agent.keeper import Exit

_NORMALLY = re.compile(rb"tini.*exited normally \(with status '(\d+)'\)")
_BY_SIGNAL = re.compile(rb"tini.*exited with signal \(with signal '")
_SHELLS_SIGNALS = 128


def exit_of(state: Dict[str, Any], log: bytes) -> Exit:
    """The exit of the script in a container that is over: `state` as `docker inspect` tells it, `log` what its first
    process wrote. An exit code above 128 stands for a signal, unless that process says that it was the script's."""
    code = int(state["ExitCode"])
    number = code - _SHELLS_SIGNALS
    if _NORMALLY.search(log):
        return Exit(code, None)
    if 0 < number < signal.NSIG and (_BY_SIGNAL.search(log) or number == signal.SIGKILL):
        return Exit(None, protocol.signal_name(number))
    return Exit(code, None)
