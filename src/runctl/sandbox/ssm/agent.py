"""What the SSM agent does in a port session, from amazon-ssm-agent's sources: agent/session/datachannel/datachannel.go
for the channel, agent/session/plugins/port/port_basic.go for the port.

It is written from the agent alone, so that it and runctl's client test each other.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable

from runctl.core import session_messages as messages
from runctl.sandbox.ssm.fleet import AGENT_VERSION
from runctl.sandbox.ssm.stream import Received, Sent

# seconds
_HANDSHAKE_LIMIT = 15.0
_RESEND_SLEEP = 0.1
_LAST_WORDS = 2.0
_SUCCESS = 1


class NotReadyError(Exception):
    """The port is not connected yet: the message is neither handled nor acknowledged, and has to come again."""


class Agent:
    """One port session on the instance. `connect` opens the port, `send` hands a frame to the service (which may drop
    it), `complete` says that the session is over, with the plugin's output; `gone` whether the instance went away."""

    def __init__(
        self,
        port: int,
        connect: Callable[[], socket.socket],
        send: Callable[[bytes], None],
        complete: Callable[[str], None],
        gone: Callable[[], bool],
    ) -> None:
        self._port = port
        self._connect = connect
        self._send = send
        self._complete = complete
        self._gone = gone
        self._lock = threading.RLock()
        self._sent, self._received = Sent(), Received()
        self._answered = threading.Event()
        self._handshake_error = ""
        self._handshake_complete = False
        self._connection: socket.socket | None = None
        self._active = threading.Event()
        self._active.set()
        self._over = threading.Event()

    def start(self) -> None:
        for task in (self._execute, self._resend):
            threading.Thread(target=task, daemon=True).start()

    def cancel(self) -> None:
        """The service asks for the end."""
        self._over.set()
        self._answered.set()
        self._disconnect()

    def receive(self, frame: bytes) -> None:
        """Handles a frame of the client. Raises MessageError."""
        message = messages.unpack(frame)
        if message.type == messages.INPUT:
            with self._lock:
                self._active.set()
                self._take(message)
        elif message.type == messages.ACKNOWLEDGE:
            with self._lock:
                self._active.set()
                self._sent.acknowledge(message)
        elif message.type == messages.PAUSE:
            self._active.clear()
        elif message.type == messages.START:
            self._active.set()
        else:
            raise messages.MessageError(f"a client does not send {message.type}")

    def _take(self, message: messages.Message) -> None:
        expected = self._received.expected
        if message.sequence > expected:
            if self._received.keep(message):
                self._send(messages.acknowledgement(message))
        elif message.sequence == expected:
            try:
                self._process(message)
            except NotReadyError:
                return
            self._send(messages.acknowledgement(message))
            self._received.handled()
            self._take_early()

    def _take_early(self) -> None:
        while message := self._received.next_early():
            try:
                self._process(message)
            except NotReadyError:
                return
            self._received.handled()

    def _process(self, message: messages.Message) -> None:
        if message.payload_type == messages.HANDSHAKE_RESPONSE:
            self._handshake_answered(message)
        elif not self._handshake_complete:
            return  # acknowledged and thrown away, as the agent does
        elif self._connection is None:
            raise NotReadyError
        elif message.payload_type == messages.DATA:
            self._write(message.payload)
        elif message.payload_type == messages.FLAG:
            (flag,) = struct.unpack(">I", message.payload)
            if flag == messages.DISCONNECT_TO_PORT:
                self._disconnect()
            elif flag == messages.TERMINATE_SESSION:
                self.cancel()

    def _handshake_answered(self, message: messages.Message) -> None:
        for action in messages.content(message)["ProcessedClientActions"]:
            if action["ActionStatus"] != _SUCCESS:
                self._handshake_error = (
                    f"{action['ActionType']} failed on client with status {action['ActionStatus']} "
                    f"error: {action['Error']}"
                )
        self._answered.set()

    def _write(self, data: bytes) -> None:
        assert self._connection is not None
        try:
            self._connection.sendall(data)
        except OSError as error:
            raise NotReadyError from error

    def _stream(self, payload_type: int, payload: bytes) -> None:
        with self._lock:
            frame = self._sent.add(payload_type, payload)
        if self._active.is_set():
            self._send(frame)

    def _execute(self) -> None:
        output = self._session()
        if self._gone():
            return  # nobody is left who could say so
        until = time.monotonic() + _LAST_WORDS
        while len(self._sent) and time.monotonic() < until and not self._over.is_set():
            time.sleep(0.01)
        self._over.set()
        self._disconnect()
        self._complete(output)

    def _session(self) -> str:
        """The whole session; what the agent tells of its end."""
        began = time.monotonic_ns()
        properties = {"portNumber": str(self._port)}
        action = {
            "ActionType": "SessionType",
            "ActionParameters": {"SessionType": "Port", "Properties": properties},
        }
        request = {"AgentVersion": AGENT_VERSION, "RequestedClientActions": [action]}
        self._stream(messages.HANDSHAKE_REQUEST, json.dumps(request).encode())
        if not self._answered.wait(_HANDSHAKE_LIMIT):
            return "Handshake timed out. Please ensure that you have the latest version of the session manager plugin."
        if self._handshake_error or self._over.is_set():
            return self._handshake_error
        done = {"HandshakeTimeToComplete": time.monotonic_ns() - began, "CustomerMessage": ""}
        self._stream(messages.HANDSHAKE_COMPLETE, json.dumps(done).encode())
        self._handshake_complete = True
        try:
            connection = self._connect()
        except OSError as error:
            return f"Unable to connect to specified port: dial tcp 127.0.0.1:{self._port}: connect: {error.strerror}"
        connection.settimeout(None)
        self._connection = connection
        self._pump(connection)
        return ""

    def _pump(self, connection: socket.socket) -> None:
        while not self._over.is_set():
            self._active.wait()
            try:
                data = connection.recv(messages.PAYLOAD_SIZE)
            except OSError:
                return
            if not data:
                return
            self._stream(messages.DATA, data)

    def _resend(self) -> None:
        while not self._over.wait(_RESEND_SLEEP):
            with self._lock:
                frame = self._sent.overdue() if self._active.is_set() else None
            if frame:
                self._send(frame)

    def _disconnect(self) -> None:
        self._active.set()
        if self._connection:
            try:
                self._connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the other side was first
            self._connection.close()
