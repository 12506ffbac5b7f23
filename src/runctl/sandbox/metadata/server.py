"""The instance metadata service, version 2 only: without a token nothing is told, except that one is needed."""

from __future__ import annotations

import math
import re
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from runctl.sandbox.metadata.model import Host
from runctl.sandbox.metadata.tokens import Tokens, ttl_of
from runctl.sandbox.metadata.tree import find, shown, tree_of

TOKEN = "X-aws-ec2-metadata-token"
TTL = "X-aws-ec2-metadata-token-ttl-seconds"
VERSION = re.compile(r"latest|1\.0|20[0-9]{2}-[0-9]{2}-[0-9]{2}")
VERSIONS = b"1.0\n2009-04-04\n2016-09-02\n2018-09-24\n2021-03-23\n2021-07-15\nlatest"
IDLE_S = 30.0

Finder = Callable[[str], Host | None]


class Metadata:
    """Tells hosts about themselves. `find` gives the host that has an address; it is asked for each request, from
    several threads, and may return None (403)."""

    def __init__(self, find: Finder) -> None:
        self._find = find
        self._tokens = Tokens()
        self._servers: list[_Server] = []

    def serve(self, address: str, port: int) -> int:
        """Serves at that address too, in the background. Returns the port: `port`, or a free one for 0. Raises
        OSError when it can't be had."""
        server = _Server(address, port, self._find, self._tokens)
        self._servers.append(server)
        threading.Thread(target=server.serve_forever, name=f"metadata {address}", daemon=True).start()
        return int(server.server_address[1])

    def close(self) -> None:
        """Serves nowhere any more."""
        while self._servers:
            server = self._servers.pop()
            server.shutdown()
            server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: str, port: int, find: Finder, tokens: Tokens) -> None:
        super().__init__((address, port), _Handler)
        self.find = find
        self.tokens = tokens

    def handle_error(self, request: object, client_address: object) -> None:
        """A host that hangs up is nothing to report."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "EC2ws"
    sys_version = ""
    timeout = IDLE_S
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_PUT(self) -> None:
        """A token."""
        host = self._host()
        ttl_s = ttl_of(self.headers.get(TTL, ""))
        if host is None or "X-Forwarded-For" in self.headers:
            self._refuse(HTTPStatus.FORBIDDEN)
        elif urlsplit(self.path).path != "/latest/api/token":
            self._refuse(HTTPStatus.NOT_FOUND)
        elif ttl_s is None:
            self._refuse(HTTPStatus.BAD_REQUEST)
        else:
            # a container in the host is one hop further away
            self.connection.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, host.hop_limit)
            self._answer(self.server.tokens.issue(host.instance_id, ttl_s).encode(), ttl_s)

    def do_GET(self) -> None:
        """A value, or what there is."""
        host = self._host()
        if host is None:
            self._refuse(HTTPStatus.FORBIDDEN)
            return
        left_s = self.server.tokens.left_s(self.headers.get(TOKEN, ""), host.instance_id)
        if not left_s:
            self._refuse(HTTPStatus.UNAUTHORIZED)
            return
        content = _content(host, urlsplit(self.path).path)
        if content is None:
            self._refuse(HTTPStatus.NOT_FOUND)
        else:
            self._answer(content, math.ceil(left_s))

    do_HEAD = do_GET

    def _host(self) -> Host | None:
        return self.server.find(str(self.client_address[0]))

    def _answer(self, content: bytes, left_s: int) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/plain")
        self.send_header(TTL, str(left_s))
        self._end(content)

    def _refuse(self, status: HTTPStatus) -> None:
        # a body that was sent along is not read, and would be taken for the next request
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Connection", "close")
        self._end(f"<html><body><h1>{status.value} - {status.phrase}</h1></body></html>\n".encode())

    def _end(self, content: bytes) -> None:
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """The account writes the log."""


def _content(host: Host, path: str) -> bytes | None:
    version, *names = [unquote(name) for name in path.split("/") if name] or [""]
    if not version:
        return VERSIONS
    if not VERSION.fullmatch(version):
        return None
    value = find(tree_of(host), names)
    return None if value is None else shown(value)
