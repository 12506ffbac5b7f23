"""Connections of a session: the first, and those that replace it."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from runctl.core.errors import CloudError, RunctlError, UnreachableError
from runctl.core.text import printable
from runctl.transport.session import handshake
from runctl.transport.session.service import Session, SessionService, no_network

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

# seconds. The plugin gives up after five attempts, which the service's hourly closing of connections can exhaust
# (github.com/aws/session-manager-plugin/issues/135); a session that nobody is connected to lives for 20 minutes
_KEEP_TRYING_FIRST, _KEEP_TRYING = 15.0, 900.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_OPENING, _CLOSING, _PING_EVERY = 10.0, 1.0, 300.0


class Connector:
    """Makes the connections of one session: a call opens the first, each later one resumes the session."""

    def __init__(self, service: SessionService) -> None:
        self._service = service
        self._session: Session | None = None
        self._token_used = False
        self._client_id = handshake.new_id()

    def __call__(self) -> ClientConnection:
        """A connection that the session's data comes over. Raises RunctlError when the session is over, is refused or
        could not be reached for a quarter of an hour."""
        pause = _FIRST_PAUSE
        until = time.monotonic() + (_KEEP_TRYING if self._token_used else _KEEP_TRYING_FIRST)
        while True:
            try:
                return self._attempt()
            except (OSError, CloudError) as error:
                if isinstance(error, CloudError) and not no_network(error):
                    raise
                if time.monotonic() > until:
                    raise UnreachableError(f"no connection to the session: {printable(str(error))}") from error
            time.sleep(pause * random.uniform(1, 2))
            pause = min(pause * 2, _LONGEST_PAUSE)

    def end(self) -> None:
        """Tells the service that the session is over."""
        if self._session:
            self._service.terminate(self._session.id)

    def _attempt(self) -> ClientConnection:
        if self._session is None:
            self._session = self._service.start()
        token = self._session.token
        if self._token_used:
            renewed = self._service.resume(self._session.id)
            if renewed is None:
                raise RunctlError("the session is over: Systems Manager ended it, or nobody was connected for too long")
            token = renewed
        connection = self._open(self._session.url)
        connection.send(handshake.opening(token, self._client_id))
        self._token_used = True
        return connection

    def _open(self, url: str) -> ClientConnection:
        from websockets.exceptions import InvalidHandshake, InvalidStatus
        from websockets.sync.client import connect

        try:
            connecting = connect(
                url,
                additional_headers=self._service.headers(url),
                compression=None,  # what goes through is encrypted
                open_timeout=_OPENING,
                close_timeout=_CLOSING,
                ping_interval=_PING_EVERY,
                ping_timeout=None,
            )
            return connecting.__enter__()  # it stays open beyond this block; `close` is the other half
        except InvalidStatus as error:
            status = error.response.status_code
            if status in (401, 403):
                raise CloudError(
                    f"Systems Manager refuses the session's data channel (HTTP {status})",
                    "the credentials need the permission ssmmessages:OpenDataChannel; see: runctl aws doctor",
                    str(status),
                ) from error
            raise OSError(f"HTTP {status}") from error
        except InvalidHandshake as error:
            raise OSError(str(error)) from error
