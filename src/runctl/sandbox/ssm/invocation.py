"""A command on an instance, and how AWS describes it."""

from __future__ import annotations

import threading
import time
from typing import Any

from runctl.sandbox.ssm.execution import Ending, Execution

DOCUMENT = "AWS-RunShellScript"
_LISTED_OUTPUT = 2500
_GOING_ON = ("Pending", "InProgress", "Cancelling")


class Invocation:
    """One command on one instance; `ending` once it is over."""

    def __init__(self, command: dict[str, Any], instance_id: str) -> None:
        self.command = command
        self.instance_id = instance_id
        self.asked = time.time()
        self.started: float | None = None
        self.ending: Ending | None = None
        self.cancelled = threading.Event()
        self._execution: Execution | None = None
        self._lock = threading.Lock()

    @property
    def status(self) -> str:
        if self.ending:
            return self.ending.status
        if self.cancelled.is_set():
            return "Cancelling"
        return "InProgress" if self.started else "Pending"

    def begin(self, execution: Execution) -> None:
        """It runs; a request to cancel that came meanwhile counts."""
        with self._lock:
            self.started, self._execution = time.time(), execution
        if self.cancelled.is_set():
            execution.cancel()

    def cancel(self) -> None:
        with self._lock:
            self.cancelled.set()
            execution = self._execution
        if execution and not self.ending:
            execution.cancel()


def described(command: dict[str, Any], invocations: list[Invocation]) -> dict[str, Any]:
    """As SendCommand and ListCommands do: the command with what came of it so far."""
    statuses = [each.status for each in invocations]
    going_on = [status for status in statuses if status in _GOING_ON]
    bad = [status for status in statuses if status not in ("Success", *_GOING_ON)]
    status = going_on[0] if going_on else bad[0] if bad else "Success"
    return {
        **command,
        "ExpiresAfter": command["RequestedDateTime"] + command["TimeoutSeconds"],
        "Status": status,
        "StatusDetails": status,
        "TargetCount": len(statuses),
        "CompletedCount": len(statuses) - len(going_on),
        "ErrorCount": len([each for each in statuses if each in ("Failed", "TimedOut")]),
        "DeliveryTimedOutCount": len(
            [each for each in invocations if each.ending and each.ending.details == "DeliveryTimedOut"]
        ),
    }


def described_alone(found: Invocation) -> dict[str, Any]:
    """As GetCommandInvocation does."""
    ending = found.ending or Ending(found.status, found.status, 0)
    return {
        "CommandId": found.command["CommandId"],
        "InstanceId": found.instance_id,
        "Comment": found.command["Comment"],
        "DocumentName": DOCUMENT,
        "DocumentVersion": "$DEFAULT",
        "PluginName": "aws:runShellScript",
        "ResponseCode": ending.exit_code,
        "ExecutionStartDateTime": _iso(found.started) if found.started else "",
        "ExecutionEndDateTime": _iso(ending.at) if ending.at else "",
        "ExecutionElapsedTime": f"PT{ending.at - found.started:.3f}S" if found.started and ending.at else "",
        "Status": ending.status,
        "StatusDetails": ending.details,
        "StandardOutputContent": ending.stdout,
        "StandardOutputUrl": "",
        "StandardErrorContent": ending.stderr,
        "StandardErrorUrl": "",
    }


def listed(found: Invocation, details: bool) -> dict[str, Any]:
    """As ListCommandInvocations does; with the output's beginning if `details` are asked for."""
    ending = found.ending or Ending(found.status, found.status, 0)
    plugin = {
        "Name": "aws:runShellScript",
        "Status": ending.status,
        "StatusDetails": ending.details,
        "ResponseCode": ending.exit_code,
        "Output": (ending.stdout + ending.stderr)[:_LISTED_OUTPUT],
    }
    return {
        "CommandId": found.command["CommandId"],
        "InstanceId": found.instance_id,
        "Comment": found.command["Comment"],
        "DocumentName": DOCUMENT,
        "RequestedDateTime": found.command["RequestedDateTime"],
        "Status": ending.status,
        "StatusDetails": ending.details,
        "CommandPlugins": [plugin] if details else [],
    }


def _iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03}Z"
