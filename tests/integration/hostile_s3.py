"""A small S3 that keeps objects in memory, and misbehaves as it is told to."""

from __future__ import annotations

import base64
import socket
import socketserver
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

Misdeed = Callable[["Handler"], bool]


class Request(NamedTuple):
    """What came: `path` as it was sent, names of headers in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class HostileS3(socketserver.ThreadingTCPServer):
    """`misdeeds` are asked in turn for each request; the first that says True has answered it."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects: dict[str, bytes] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.requests: list[Request] = []
        self.misdeeds: list[Misdeed] = []
        self.connections = 0
        # with `refuses_bodies` a request that asks first is told no; what comes nevertheless is counted
        self.refuses_bodies = False
        self.unwanted: list[int] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        """The endpoint."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def next(self, *misdeeds: Misdeed) -> None:
        """The next requests are answered by these, one each; those after them rightly."""
        remaining = list(misdeeds)
        self.misdeeds.append(lambda handler: bool(remaining) and remaining.pop(0)(handler))

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no error."""

    def process_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        self.connections += 1
        super().process_request(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Answers one connection's requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: HostileS3
    body: bytes

    def handle_one_request(self) -> None:
        """A request, noted, and its answer."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        self.body = self.rfile.read(int(self.headers.get("content-length", "0")))
        names = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append(Request(self.command, self.path, names, self.body))
        if not any(misdeed(self) for misdeed in self.server.misdeeds):
            self.rightly()
        self.wfile.flush()

    def handle_expect_100(self) -> bool:
        """Whether the body is wanted."""
        if not self.server.refuses_bodies:
            return super().handle_expect_100()
        self.refuse(403, "AccessDenied", Connection="close")
        self.wfile.flush()
        self.server.unwanted.append(len(self.rfile.read()))
        return False

    def rightly(self) -> None:
        """What S3 would answer."""
        parts = urlsplit(self.path)
        key = unquote(parts.path).lstrip("/").partition("/")[2]
        query = parse_qs(parts.query, keep_blank_values=True)
        if self.command in ("GET", "HEAD"):
            self._give(key) if key else self._list(query)
        elif self.command == "POST":
            self._post(key, query)
        elif self.command == "PUT":
            self._keep(key, query)
        else:
            self.server.objects.pop(key, None)
            self.answer(204)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Sends an answer; `_` in the names of headers is `-`."""
        self.send_response_only(status)
        named = {"Date": formatdate(usegmt=True), "Content-Length": str(len(body))}
        named.update({name.replace("_", "-"): value for name, value in headers.items()})
        for name, value in named.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status: int, code: str, more: str = "", **headers: str) -> None:
        """Sends one of S3's errors."""
        document = f"<Error><Code>{code}</Code><Message>so it is</Message>{more}<HostId>secret-id</HostId></Error>"
        self.answer(status, document.encode(), **headers)

    def reset(self) -> None:
        """Ends the connection without a goodbye."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _give(self, key: str) -> None:
        data = self.server.objects.get(key)
        if data is None:
            self.refuse(404, "NoSuchKey")
            return
        etag = f'"{zlib.crc32(data):08x}"'
        if self.headers.get("if-match", etag) != etag:
            self.refuse(412, "PreconditionFailed")
            return
        wanted = self.headers.get("range")
        if wanted is None:
            self.answer(200, data, ETag=etag, x_amz_checksum_crc32=_checksum(data))
            return
        first, _, last = wanted[len("bytes=") :].partition("-")
        piece = data[int(first) : int(last) + 1 if last else None]
        place = f"bytes {first}-{int(first) + len(piece) - 1}/{len(data)}"
        self.answer(206, piece, ETag=etag, Content_Range=place)

    def _keep(self, key: str, query: dict[str, list[str]]) -> None:
        sent = self.headers.get("x-amz-checksum-crc32")
        if sent is not None and sent != _checksum(self.body):
            self.refuse(400, "BadDigest")
            return
        if "uploadId" in query:
            self.server.uploads[query["uploadId"][0]][int(query["partNumber"][0])] = self.body
        else:
            self.server.objects[key] = self.body
        self.answer(200, ETag=f'"{zlib.crc32(self.body):08x}"', x_amz_checksum_crc32=_checksum(self.body))

    def _post(self, key: str, query: dict[str, list[str]]) -> None:
        if "uploads" in query:
            name = f"upload-{len(self.server.uploads)}"
            self.server.uploads[name] = {}
            self.answer(200, f"<R><UploadId>{name}</UploadId></R>".encode())
            return
        parts = self.server.uploads.pop(query["uploadId"][0], None)
        if parts is None:
            self.refuse(404, "NoSuchUpload")
            return
        self.server.objects[key] = b"".join(parts[number] for number in sorted(parts))
        self.answer(200, b'<R><ETag>"whole-2"</ETag></R>')

    def _list(self, query: dict[str, list[str]]) -> None:
        listed = "".join(
            f"<Contents><Key>{key}</Key><Size>{len(data)}</Size><LastModified>2026-01-02T03:04:05.000Z</LastModified>"
            "<ETag>&quot;e&quot;</ETag></Contents>"
            for key, data in sorted(self.server.objects.items())
        )
        self.answer(200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{listed}</ListBucketResult>".encode())


def error(status: int, code: str, more: str = "", **headers: str) -> Misdeed:
    """S3's error `code`."""
    return lambda handler: handler.refuse(status, code, more, **headers) is None


def right(handler: Handler) -> bool:
    """No misdeed."""
    handler.rightly()
    return True


def reset(handler: Handler) -> bool:
    """The connection ends before the answer."""
    handler.reset()
    return True


def done_but_reset(handler: Handler) -> bool:
    """It is done, and the answer never comes."""
    _silently(handler)
    handler.reset()
    return True


def short(handler: Handler, share: float = 0.5) -> bool:
    """A body that ends too early."""
    data = _silently(handler)
    handler.wfile.write(data[: data.index(b"\r\n\r\n") + 4 + int(share * (len(data) - data.index(b"\r\n\r\n")))])
    handler.reset()
    return True


def corrupt(handler: Handler) -> bool:
    """A body of which one bit is another."""
    data = bytearray(_silently(handler))
    data[-1] ^= 1
    handler.wfile.write(data)
    return True


def hang(handler: Handler) -> bool:
    """No answer at all."""
    handler.server.over.wait(60)
    return True


def hang_half_way(handler: Handler) -> bool:
    """Half an answer."""
    data = _silently(handler)
    handler.wfile.write(data[: len(data) // 2])
    handler.wfile.flush()
    handler.server.over.wait(60)
    return True


def trickle(handler: Handler) -> bool:
    """A byte now and then."""
    for byte in _silently(handler):
        if handler.server.over.wait(0.05):
            break
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
    return True


def nonsense(handler: Handler) -> bool:
    """No HTTP."""
    handler.wfile.write(b"\x00\x01garbage\r\n\r\n")
    handler.close_connection = True
    return True


def _silently(handler: Handler) -> bytes:
    """Does what was asked; returns the answer instead of sending it."""
    sent = bytearray()

    class _Kept:
        def write(self, data: bytes) -> int:
            sent.extend(data)
            return len(data)

        def flush(self) -> None:
            pass

    wfile, handler.wfile = handler.wfile, _Kept()  # type: ignore[assignment]
    try:
        handler.rightly()
    finally:
        handler.wfile = wfile
    return bytes(sent)


def _checksum(data: bytes) -> str:
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


@contextmanager
def hostile_s3() -> Iterator[HostileS3]:
    """Serves until the block ends."""
    with HostileS3() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Whether it comes true."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return condition()
