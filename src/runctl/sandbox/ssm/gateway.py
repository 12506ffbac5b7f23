"""The websocket server that data channels come to: the service between client and agent (ssmmessages)."""

from __future__ import annotations

import json
import socket
import threading
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runctl.core import session_messages as messages
from runctl.sandbox.ssm.session import Session

if TYPE_CHECKING:
    from websockets.sync.server import Server, ServerConnection

_PATH = "/v1/data-channel/"
_POLICY_VIOLATION = 1008
_OPENING_LIMIT = 10.0


class Gateway:
    """Listens on a free port of 127.0.0.1 in a thread of its own. `refused` keeps why clients were turned away."""

    def __init__(self, find: Callable[[str], Session | None]) -> None:
        self._find = find
        self._server: Server | None = None
        self.address = ""
        self.refused: list[str] = []

    def start(self) -> None:
        from websockets.sync.server import serve

        self._server = serve(self._serve, "127.0.0.1", 0, compression=None, ping_interval=None, close_timeout=1)
        self.address = f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()

    def _serve(self, connection: ServerConnection) -> None:
        from websockets.exceptions import ConnectionClosed

        line = _Line(connection)
        try:
            session = self._admitted(connection, line)
            try:
                for frame in connection:
                    if not isinstance(frame, bytes):
                        raise messages.MessageError("a text after the opening one")
                    session.from_client(frame)
            finally:
                session.detach(line)
        except ConnectionClosed:
            pass
        except messages.MessageError as error:
            self.refused.append(str(error))
            connection.close(_POLICY_VIOLATION, str(error)[:100])

    def _admitted(self, connection: ServerConnection, line: _Line) -> Session:
        """The session that the client's path and opening text name. Raises MessageError."""
        path = connection.request.path if connection.request else ""
        session = self._find(path.removeprefix(_PATH).partition("?")[0]) if path.startswith(_PATH) else None
        opening = _opening(connection.recv(_OPENING_LIMIT))
        if session is None or not session.attach(opening["TokenValue"], line):
            raise messages.MessageError("no such session, or the wrong token")
        return session


class _Line:
    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection

    def put(self, frame: bytes) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            self._connection.send(frame)
        except ConnectionClosed:
            pass  # the agent's own repetition sees to it

    def close(self) -> None:
        self._connection.close()

    def drop(self) -> None:
        try:
            self._connection.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it was closed meanwhile


def _opening(text: str | bytes) -> dict[str, Any]:
    """The OpenDataChannel input. Raises MessageError."""
    if not isinstance(text, str):
        raise messages.MessageError("the first message is text")
    try:
        opening = json.loads(text)
        uuid.UUID(opening["RequestId"])
        uuid.UUID(opening["ClientId"])
        valid = opening["MessageSchemaVersion"] == "1.0" and isinstance(opening["TokenValue"], str)
    except (ValueError, KeyError, TypeError) as error:
        raise messages.MessageError(f"no OpenDataChannel: {error}") from error
    if not valid:
        raise messages.MessageError("no OpenDataChannel of version 1.0 with a token")
    return opening  # type: ignore[no-any-return]
