"""A threaded HTTP/1.1 server for a WSGI application, with connections that are kept alive.

Werkzeug's own closes each connection after its answer, which costs every client a new one for every call.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from http.server import ThreadingHTTPServer
from typing import IO, Any

from moto.moto_server.werkzeug_app import MotoRequestHandler

_IN_MEMORY_BYTES = 16 << 20
_IDLE_S = 120

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class HangUp(Exception):
    """Raised by the application to close the connection without an answer."""


class Hang(Exception):
    """Raised by the application to leave a request without an answer until the other side gives up."""


class Unfinished:
    """A body that is announced whole, and of which only the first `sent` bytes come. Then the connection closes, or
    with `hangs` stays open until the other side gives up."""

    def __init__(self, content: bytes, sent: int, hangs: bool) -> None:
        self.sent, self.hangs = sent, hangs
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        return iter((self._content,))


class Server(ThreadingHTTPServer):
    """Serves `application` at one address, a thread a connection; port 0 takes a free one."""

    daemon_threads = True
    request_queue_size = 128
    # what werkzeug's handler asks its server
    ssl_context = None
    multithread = True
    multiprocess = False

    def __init__(self, address: str, port: int, application: Application) -> None:
        super().__init__((address, port), _Handler)
        self.application = application

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Serves in the background."""
        threading.Thread(target=self.serve_forever, name=f"http {self.server_address[0]!s}", daemon=True).start()


class _Handler(MotoRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _IDLE_S
    # headers and body leave in one packet
    wbufsize = -1
    disable_nagle_algorithm = True

    def handle(self) -> None:
        # not werkzeug's: it reports broken connections as errors
        self.close_connection = False
        while not self.close_connection:
            self.handle_one_request()

    def handle_one_request(self) -> None:
        try:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            self._answer()
            self.wfile.flush()
        except Hang:
            self._wait_for_the_other_side_to_close()
        except (HangUp, OSError):
            self.close_connection = True

    def handle_expect_100(self) -> bool:
        granted = super().handle_expect_100()
        # otherwise it stays in the buffer, and boto3 waits a second before it sends a body all the same
        self.wfile.flush()
        return granted

    def _answer(self) -> None:
        environ = self.make_environ()
        with self._body(environ) as body:
            environ["wsgi.input"] = body
            environ["wsgi.input_terminated"] = True
            started: list[Any] = []

            def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
                started[:] = [status, headers]

            result = self.server.application(environ, start_response)  # type: ignore[attr-defined]
            try:
                content = b"".join(result)
            finally:
                if hasattr(result, "close"):
                    result.close()
        if isinstance(result, Unfinished):
            self._send(started[0], started[1], content, result.sent)
            self.wfile.flush()
            raise Hang if result.hangs else HangUp
        self._send(started[0], started[1], content)

    def _wait_for_the_other_side_to_close(self) -> None:
        self.close_connection = True
        self.connection.settimeout(None)
        try:
            while self.rfile.read(1):
                pass
        except OSError:
            return

    def _body(self, environ: dict[str, Any]) -> IO[bytes]:
        """The whole body: what is not read of it would be taken for the next request."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if not length and not environ.get("wsgi.input_terminated"):
            return io.BytesIO()
        body = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)
        if environ.get("wsgi.input_terminated"):
            shutil.copyfileobj(environ["wsgi.input"], body)
            environ["CONTENT_LENGTH"] = str(body.tell())
        else:
            while length and (piece := self.rfile.read(min(length, 1 << 20))):
                body.write(piece)
                length -= len(piece)
        body.seek(0)
        return body

    def _send(self, status: str, headers: list[tuple[str, str]], content: bytes, most: int | None = None) -> None:
        """Sends an answer; of its body, `most` bytes."""
        code, _, reason = status.partition(" ")
        self.send_response_only(int(code), reason)
        named = {name.lower() for name, _ in headers}
        for name, value in headers:
            self.send_header(name, value)
        if "content-length" not in named and int(code) not in (204, 304):
            self.send_header("Content-Length", str(len(content)))
        if "date" not in named:
            self.send_header("Date", self.date_time_string())
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content[:most])

    def log(self, type: str, message: str, *args: Any) -> None:
        pass  # the application writes the log
