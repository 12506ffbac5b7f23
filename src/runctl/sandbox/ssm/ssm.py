"""Systems Manager's requests, each answered by the part that it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from runctl.sandbox.ssm.commands import Commands
from runctl.sandbox.ssm.fleet import Fleet
from runctl.sandbox.ssm.gateway import Gateway
from runctl.sandbox.ssm.sessions import Sessions


class Ssm:
    """The service. `registered` tells the ids of the running instances whose role lets their agent in, and `pid` the
    first process of an instance's host (None when it has none)."""

    def __init__(self, registered: Callable[[], Collection[str]], pid: Callable[[str], int | None]) -> None:
        self._fleet = Fleet(registered, pid)
        self._commands = Commands(self._fleet)
        self._sessions = Sessions(self._fleet, lambda: self._gateway.address)
        self._gateway = Gateway(self._sessions.find)
        self._actions: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "SendCommand": self._commands.send,
            "CancelCommand": self._commands.cancel,
            "GetCommandInvocation": self._commands.invocation,
            "ListCommandInvocations": self._commands.list_invocations,
            "ListCommands": self._commands.list,
            "DescribeInstanceInformation": self._fleet.describe,
            "GetConnectionStatus": self._fleet.status,
            "StartSession": self._sessions.start,
            "ResumeSession": self._sessions.resume,
            "TerminateSession": self._sessions.terminate,
            "DescribeSessions": self._sessions.describe,
        }

    @property
    def actions(self) -> tuple[str, ...]:
        """The names of the requests that `answer` takes, as AWS spells them."""
        return tuple(self._actions)

    @property
    def refused(self) -> list[str]:
        """Why data channels were closed: what clients did that AWS or its agent would not take."""
        return self._gateway.refused

    def start(self) -> None:
        """Opens the data channels' server, on a free port of 127.0.0.1."""
        self._gateway.start()

    def stop(self) -> None:
        self._sessions.end_all()
        self._gateway.stop()

    def answer(self, action: str, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request, both as AWS's JSON has them; times are Unix times. Raises SsmError."""
        return self._actions[action](request)

    def drop_sessions(self, instance_id: str | None = None) -> int:
        """Cuts the clients' connections in the middle of what they do; the sessions live on. How many there were."""
        return self._sessions.drop(instance_id)

    def cut(self, instance_id: str) -> None:
        """The instance's agent loses its network: no answer, no error, until `restore`."""
        self._fleet.cut(instance_id)

    def restore(self, instance_id: str) -> None:
        self._fleet.restore(instance_id)
