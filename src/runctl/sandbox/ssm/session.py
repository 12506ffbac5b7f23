"""One session: its agent on the instance, the client's connection while there is one, and what passes between them."""

from __future__ import annotations

import json
import secrets
import threading
import time
import uuid
from typing import Any, Protocol

from runctl.core import session_messages as messages
from runctl.sandbox.ssm.agent import Agent
from runctl.sandbox.ssm.fleet import Fleet, alive
from runctl.sandbox.ssm.inside import connect_inside

_OWNER = "sandbox"


class Line(Protocol):
    """A client's connection."""

    def put(self, frame: bytes) -> None:
        """Sends a frame, or drops it when the connection is no more."""

    def close(self) -> None:
        """Ends the connection orderly."""

    def drop(self) -> None:
        """Cuts the connection, as a network does."""


class Session:
    """A session to a port of the instance whose first process is `pid`."""

    def __init__(self, fleet: Fleet, instance_id: str, pid: int, port: int, document: str) -> None:
        self.id = f"{_OWNER}-{secrets.token_hex(9)[:17]}"
        self.instance_id = instance_id
        self.document = document
        self.token = _new_token()
        self.started = time.time()
        self.ended: float | None = None
        self._fleet = fleet
        self._lock = threading.Lock()
        self._line: Line | None = None
        self._agent_started = False
        self._agent = Agent(
            port,
            connect=lambda: connect_inside(pid, port),
            send=self._to_client,
            complete=self.finish,
            gone=lambda: not alive(pid),
        )

    def renew(self) -> None:
        """Only a new token opens the data channel from now on."""
        self.token = _new_token()

    def attach(self, token: str, line: Line) -> bool:
        """Lets a client in that has the token; each is good for one connection."""
        with self._lock:
            if self.ended or not secrets.compare_digest(self.token, token):
                return False
            self.renew()
            older, self._line = self._line, line
            first, self._agent_started = not self._agent_started, True
        if older:
            older.drop()
        if first:
            self._agent.start()
        else:
            self._control(messages.START)
        return True

    def detach(self, line: Line) -> None:
        """The client's connection is no more: the agent is told to keep what it has."""
        with self._lock:
            if self._line is not line:
                return
            self._line = None
        if not self.ended:
            self._control(messages.PAUSE)

    def from_client(self, frame: bytes) -> None:
        """Raises MessageError for what no client may send."""
        if not self._fleet.is_cut(self.instance_id):
            self._agent.receive(frame)

    def drop(self) -> bool:
        """Cuts the client's connection in the middle of whatever goes on; whether there was one."""
        line = self._line
        if line:
            line.drop()
        return line is not None

    def terminate(self) -> None:
        if self._agent_started:
            self._agent.cancel()
        self.finish("")

    def finish(self, output: str) -> None:
        """Tells the client that this was it, with what the agent said last."""
        with self._lock:
            if self.ended:
                return
            self.ended = time.time()
            line, self._line = self._line, None
        if line:
            line.put(self._channel_closed(output))
            line.close()

    def describe(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "SessionId": self.id,
            "Target": self.instance_id,
            "Status": "Terminated" if self.ended else "Connected",
            "StartDate": self.started,
            "DocumentName": self.document,
            "Owner": _OWNER,
        }
        return {**found, "EndDate": self.ended} if self.ended else found

    def _to_client(self, frame: bytes) -> None:
        line = self._line
        if line and not self._fleet.is_cut(self.instance_id):
            line.put(frame)

    def _control(self, type: str) -> None:
        self._agent.receive(messages.pack(type, 0, 0, b""))

    def _channel_closed(self, output: str) -> bytes:
        content = {
            "MessageId": str(uuid.uuid4()),
            "CreatedDate": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "DestinationId": self.id,
            "SessionId": self.id,
            "MessageType": messages.CHANNEL_CLOSED,
            "SchemaVersion": 1,
            "Output": output,
        }
        return messages.pack(messages.CHANNEL_CLOSED, 0, 0, json.dumps(content).encode())


def _new_token() -> str:
    return secrets.token_urlsafe(96)
