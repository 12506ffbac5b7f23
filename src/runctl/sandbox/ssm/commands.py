"""SendCommand and what is asked about commands afterwards."""

from __future__ import annotations

import threading
import time
import uuid
from typing import Any

from runctl.sandbox.ssm.errors import SsmError
from runctl.sandbox.ssm.execution import Ending, Execution
from runctl.sandbox.ssm.fleet import Fleet
from runctl.sandbox.ssm.invocation import DOCUMENT, Invocation, described, described_alone, listed

_DEFAULT_DELIVERY, _DEFAULT_EXECUTION = 3600, 3600
# seconds after SendCommand in which GetCommandInvocation does not find the invocation, as is usual on AWS
_UNSEEN = 0.05
_POLL = 0.2


class Commands:
    """The commands of the account; each runs on each of its instances at once."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._invocations: dict[str, dict[str, Invocation]] = {}

    def send(self, request: dict[str, Any]) -> dict[str, Any]:
        command = _command(request)
        ids = command["InstanceIds"]
        offline = [each for each in ids if not self._fleet.online(each) and not self._fleet.is_cut(each)]
        if not ids or offline:
            raise SsmError("InvalidInstanceId", f"Instances {offline} not in a valid state for account")
        invocations = {each: Invocation(command, each) for each in ids}
        self._invocations[command["CommandId"]] = invocations
        for invocation in invocations.values():
            threading.Thread(target=self._carry_out, args=(invocation,), daemon=True).start()
        return {"Command": described(command, list(invocations.values()))}

    def cancel(self, request: dict[str, Any]) -> dict[str, Any]:
        invocations = self._of(request["CommandId"])
        for instance_id in request.get("InstanceIds") or list(invocations):
            if instance_id not in invocations:
                raise SsmError("InvalidInstanceId", f"{instance_id} has no such command")
            invocation = invocations[instance_id]
            invocation.cancel()
        return {}

    def invocation(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetCommandInvocation."""
        found = self._invocations.get(request["CommandId"], {}).get(request["InstanceId"])
        if found is None or time.time() < found.asked + _UNSEEN:
            raise SsmError("InvocationDoesNotExist", "")
        if request.get("PluginName") not in (None, "aws:runShellScript", "runShellScript"):
            raise SsmError("InvalidPluginName", "")
        return described_alone(found)

    def list_invocations(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListCommandInvocations."""
        groups = [self._of(request["CommandId"])] if "CommandId" in request else list(self._invocations.values())
        found = [
            each for group in groups for each in group.values() if request.get("InstanceId") in (None, each.instance_id)
        ]
        return {"CommandInvocations": [listed(each, request.get("Details", False)) for each in found]}

    def list(self, request: dict[str, Any]) -> dict[str, Any]:
        """ListCommands."""
        if "CommandId" in request:
            self._of(request["CommandId"])
        found = [
            invocations
            for command_id, invocations in self._invocations.items()
            if request.get("CommandId") in (None, command_id)
            and (not request.get("InstanceId") or request["InstanceId"] in invocations)
        ]
        return {"Commands": [described(next(iter(each.values())).command, list(each.values())) for each in found]}

    def _of(self, command_id: str) -> dict[str, Invocation]:
        if command_id not in self._invocations:
            raise SsmError("InvalidCommandId", "")
        return self._invocations[command_id]

    def _carry_out(self, invocation: Invocation) -> None:
        pid = self._delivered(invocation)
        if pid:
            invocation.ending = self._run(invocation, pid)
        elif invocation.cancelled.is_set():
            invocation.ending = Ending("Cancelled", "Cancelled", time.time())
        else:
            invocation.ending = Ending("TimedOut", "DeliveryTimedOut", time.time())

    def _delivered(self, invocation: Invocation) -> int | None:
        """The host's first process when the agent took the command; None when it did not in time."""
        until = time.monotonic() + invocation.command["TimeoutSeconds"]
        while not invocation.cancelled.is_set():
            pid = self._fleet.online(invocation.instance_id)
            if pid or time.monotonic() > until:
                return pid
            invocation.cancelled.wait(_POLL)
        return None

    def _run(self, invocation: Invocation, pid: int) -> Ending:
        parameters = invocation.command["Parameters"]
        limit = float(_one(parameters, "executionTimeout") or _DEFAULT_EXECUTION)
        execution = Execution(pid, "\n".join(parameters["commands"]), _one(parameters, "workingDirectory") or "/")
        invocation.begin(execution)
        ending = execution.finish(limit)
        if ending is None:  # the agent went with its host: nobody reports anything, and AWS waits for the limit
            gone = invocation.cancelled.wait(limit)
            return (
                Ending("Cancelled", "Cancelled", time.time())
                if gone
                else Ending("TimedOut", "ExecutionTimedOut", time.time())
            )
        return ending


def _command(request: dict[str, Any]) -> dict[str, Any]:
    """The command that a request asks for. Raises SsmError."""
    if request.get("DocumentName") != DOCUMENT:
        raise SsmError("InvalidDocument", f"Document with name {request.get('DocumentName')} does not exist.")
    parameters = request.get("Parameters", {})
    unknown = set(parameters) - {"commands", "workingDirectory", "executionTimeout"}
    if unknown or not parameters.get("commands"):
        raise SsmError("InvalidParameters", f"Document {DOCUMENT} takes commands, workingDirectory, executionTimeout")
    if not all(isinstance(value, list) for value in parameters.values()):
        raise SsmError("InvalidParameters", "Every parameter is a list of strings")
    limit = request.get("TimeoutSeconds", _DEFAULT_DELIVERY)
    if not 30 <= limit <= 2_592_000:
        raise SsmError("ValidationException", "TimeoutSeconds must be between 30 and 2592000")
    if len(request.get("Comment", "")) > 100:
        raise SsmError("ValidationException", "Comment must have at most 100 characters")
    return {
        "CommandId": str(uuid.uuid4()),
        "DocumentName": DOCUMENT,
        "DocumentVersion": "$DEFAULT",
        "Comment": request.get("Comment", ""),
        "Parameters": parameters,
        "InstanceIds": list(dict.fromkeys(request.get("InstanceIds", []))),
        "Targets": [],
        "RequestedDateTime": time.time(),
        "TimeoutSeconds": limit,
    }


def _one(parameters: dict[str, Any], name: str) -> str:
    values = parameters.get(name) or [""]
    return str(values[0])
