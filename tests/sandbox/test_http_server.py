"""The sandbox's HTTP server, spoken to over a socket."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from typing import Any

from runctl.sandbox.http_server import Server


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [environ["wsgi.input"].read()]


def test_a_client_that_asks_before_it_sends_a_body_is_answered_at_once() -> None:
    server = Server("127.0.0.1", 0, echo)
    server.start()
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            head = b"PUT /key HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
            connection.sendall(head)
            assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.sendall(b"body")
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(1000), b""))
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n") and answer.endswith(b"\r\n\r\nbody")
    finally:
        server.shutdown()
        server.server_close()
