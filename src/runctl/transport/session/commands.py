"""One shell script on one instance, run by Systems Manager's agent as root."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from runctl.core.aws import Account, calling
from runctl.core.errors import CloudError
from runctl.transport.session.service import not_connected

# seconds: how long the agent has for taking the command, the least that AWS allows; and for running it
_DELIVERY, _EXECUTION = 30, 60
_FIRST_LOOK, _LONGEST_WAIT = 0.1, 2.0
_GOING_ON = {"Pending", "InProgress", "Delayed", "Cancelling"}
_NOT_REGISTERED = {"InvalidInstanceId"}
# the words of StatusDetails for a command that never ran, or not to its end
_MEANINGS = {
    "DeliveryTimedOut": "the instance's SSM agent did not take the command: it has just lost its connection",
    "Undeliverable": "the instance's SSM agent can't be reached",
    "ExecutionTimedOut": f"it took longer than {_EXECUTION} s",
    "Terminated": "the instance's SSM agent gave it up",
    "Cancelled": "somebody cancelled it",
}


class Result(NamedTuple):
    """How the script ended. Systems Manager keeps the first 24,000 characters of stdout and 8,000 of stderr."""

    exit_code: int
    stdout: str
    stderr: str


def run_command(account: Account, instance_id: str, script: str, comment: str) -> Result:
    """Runs `script` with sh to its end. Raises CloudError when that is not possible."""
    client = account.client("ssm")
    try:
        with calling(f"run a command on {instance_id}"):
            sent = client.send_command(
                InstanceIds=[instance_id],
                DocumentName="AWS-RunShellScript",
                Comment=comment,
                TimeoutSeconds=_DELIVERY,
                Parameters={"commands": [script], "executionTimeout": [str(_EXECUTION)]},
            )
    except CloudError as error:
        if error.code in _NOT_REGISTERED:
            raise not_connected(instance_id, error.code) from error
        raise
    return _result(instance_id, _ended(client, instance_id, sent["Command"]["CommandId"]))


def _ended(client: Any, instance_id: str, command_id: str) -> dict[str, Any]:
    pause, until = _FIRST_LOOK, time.monotonic() + _DELIVERY + _EXECUTION + 10
    while time.monotonic() < until:
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_WAIT)
        try:
            with calling(f"ask for the command's result on {instance_id}"):
                invocation: dict[str, Any] = client.get_command_invocation(CommandId=command_id, InstanceId=instance_id)
        except CloudError as error:
            if error.code == "InvocationDoesNotExist":
                continue  # not yet: the command is being handed to the instance
            raise
        if invocation["Status"] not in _GOING_ON:
            return invocation
    raise CloudError(f"the command on {instance_id} has no result yet ({command_id})", code="TimedOut")


def _result(instance_id: str, invocation: dict[str, Any]) -> Result:
    code, details = invocation["ResponseCode"], invocation["StatusDetails"]
    # a script that ended has its own exit code; -1 says that none ended
    if invocation["Status"] in ("Success", "Failed") and code >= 0:
        return Result(code, invocation["StandardOutputContent"], invocation["StandardErrorContent"])
    meaning = _MEANINGS.get(details, details)
    raise CloudError(f"the command on {instance_id} did not run to its end: {meaning} ({details})", code=details)
