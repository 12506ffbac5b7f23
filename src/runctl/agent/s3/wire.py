"""HTTP/1.1 on one connection, into one buffer that is used again and again.

http.client makes an email message of each answer's headers and copies what it reads; at a thousand requests a second
that is most of the work.
"""

from __future__ import annotations

import select
import socket
import time
from typing import Callable, Dict, Iterable, NamedTuple

from runctl.agent.s3.waiting import TimedOut, Waiting

Sink = Callable[[memoryview], None]

_BUFFER = 256 * 1024
_LONGEST_LINE = 8192
# a body that trickles is as good as none: this much of it must come within the time that a silence may take
_STEADY = 64 * 1024


class Broken(Exception):
    """The connection ended, or what came over it is not HTTP. `unused`: before anything of an answer came."""

    def __init__(self, message: str, unused: bool = False) -> None:
        super().__init__(message)
        self.unused = unused


class Head(NamedTuple):
    """Status and headers of an answer, names in lower case."""

    status: int
    headers: Dict[str, str]


class Wire:
    """A connection to a server or through a proxy. Not thread-safe. After any exception it must be closed."""

    def __init__(self, sock: socket.socket, waiting: Waiting) -> None:
        """`sock` has a timeout of a fraction of a second, after which `waiting` is asked."""
        self._sock = sock
        self.waiting = waiting
        self._view = memoryview(bytearray(_BUFFER))
        self._begin = self._end = 0
        self.reusable = True
        self.used_at = time.monotonic()

    def close(self) -> None:
        """Closes the connection; nothing that is under way is waited for."""
        self._sock.close()

    def is_quiet(self) -> bool:
        """Whether the other side said nothing since the last answer, not even that it has closed the connection."""
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        return self._begin == self._end and not poll.poll(0)

    def send(self, pieces: Iterable[memoryview]) -> None:
        """Raises OSError, TimedOut, Stopped."""
        send = self._sock.send
        for piece in pieces:
            while piece:
                deadline = time.monotonic() + self.waiting.patience.silence_s
                sent = -1
                while sent < 0:
                    try:
                        sent = send(piece)
                    except socket.timeout:
                        self.waiting.go_on(deadline, "nothing could be sent")
                piece = piece[sent:]

    def told_to_continue(self) -> bool:
        """Whether the server wants the body of a request that had `Expect: 100-continue`; False where it has answered
        already. One that says nothing for a second wants it."""
        deadline = time.monotonic() + self.waiting.patience.continue_s
        while self._begin == self._end:
            try:
                got = self._sock.recv_into(self._view)
            except socket.timeout:
                if time.monotonic() > deadline:
                    return True
                self.waiting.go_on(deadline + 1, "no answer")
                continue
            if got == 0:
                raise Broken("the connection was closed", unused=True)
            self._begin, self._end = 0, got
        return bytes(self._view[self._begin : self._begin + 12])[8:12] == b" 100"

    def head(self) -> Head:
        """The next answer's head; what is provisional is passed over. Raises OSError, TimedOut, Stopped, Broken."""
        while True:
            head = self._one_head()
            if head.status >= 200:
                return head

    def body(self, method: str, head: Head, sink: Sink) -> int:
        """Hands the answer's body to `sink` piece by piece, each valid until the next. Returns its size.

        Raises OSError, TimedOut, Stopped, Broken, and what `sink` raises.
        """
        headers = head.headers
        if headers.get("connection", "").lower() == "close":
            self.reusable = False
        if method == "HEAD" or head.status in (204, 304):
            return 0
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self._chunks(sink)
        length = headers.get("content-length")
        if length is None:
            return self._rest(sink)
        if not (length.isascii() and length.isdigit()):
            raise Broken("a Content-Length that is no number")
        self._exactly(int(length), sink)
        return int(length)

    def _one_head(self) -> Head:
        text = self._until(b"\r\n\r\n", _BUFFER).decode("latin-1")
        lines = text.split("\r\n")
        if not lines[0].startswith("HTTP/1.") or not lines[0][9:12].isdigit():
            raise Broken("the answer is not HTTP/1.1")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if lines[0].startswith("HTTP/1.0"):
            self.reusable = False
        return Head(int(lines[0][9:12]), headers)

    def _exactly(self, size: int, sink: Sink) -> None:
        left = size
        while left > 0:
            if self._end == self._begin:
                self._begin = self._end = 0
            wanted = min(left, _BUFFER - self._begin)
            self._fill(wanted, sink)
            sink(self._view[self._begin : self._begin + wanted])
            self._begin += wanted
            left -= wanted

    def _fill(self, wanted: int, sink: Sink) -> None:
        """Has `wanted` bytes in the buffer. What came before an end that is too early goes to `sink` as well."""
        try:
            deadline = 0.0
            steady_at = self._end
            while self._end - self._begin < wanted:
                if not deadline or self._end >= steady_at:
                    deadline = time.monotonic() + self.waiting.patience.silence_s
                    steady_at = self._end + _STEADY
                self._receive(self._begin + wanted, deadline)
        except Exception:
            if self._end > self._begin:
                sink(self._view[self._begin : self._end])
            raise

    def _receive(self, limit: int, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise TimedOut("the answer trickles")
        view = self._view[self._end : limit]
        while True:
            try:
                got = self._sock.recv_into(view)
                break
            except socket.timeout:
                self.waiting.go_on(deadline, "no answer")
        if got == 0:
            raise Broken("the connection was closed too early")
        self._end += got

    def _until(self, mark: bytes, longest: int) -> bytes:
        """What comes before `mark`, which is consumed as well."""
        if self._begin == self._end:
            self._begin = self._end = 0
        elif self._begin + longest > _BUFFER:
            left = bytes(self._view[self._begin : self._end])
            self._view[: len(left)] = left
            self._begin, self._end = 0, len(left)
        buffer = self._view.obj
        assert isinstance(buffer, bytearray)
        deadline = time.monotonic() + self.waiting.patience.silence_s
        searched = self._begin
        while True:
            found = buffer.find(mark, searched, self._end)
            if found >= 0:
                text = bytes(self._view[self._begin : found])
                self._begin = found + len(mark)
                return text
            if self._end - self._begin >= longest:
                raise Broken("a line of the answer doesn't end")
            searched = max(self._begin, self._end - len(mark) + 1)
            try:
                self._receive(min(self._begin + longest, _BUFFER), deadline)
            except (OSError, Broken) as exc:
                if self._begin == self._end:
                    raise Broken(str(exc), unused=True) from exc
                raise

    def _chunks(self, sink: Sink) -> int:
        total = 0
        while True:
            size = self._until(b"\r\n", _LONGEST_LINE).split(b";")[0].strip()
            try:
                left = int(size, 16)
            except ValueError:
                raise Broken("a chunk without a size") from None
            if left == 0:
                break
            self._exactly(left, sink)
            total += left
            if self._until(b"\r\n", _LONGEST_LINE):
                raise Broken("a chunk that is longer than it says")
        while self._until(b"\r\n", _LONGEST_LINE):
            pass
        return total

    def _rest(self, sink: Sink) -> int:
        """An answer that ends with its connection."""
        self.reusable = False
        total = 0
        while True:
            if self._end == self._begin:
                self._begin = self._end = 0
                try:
                    self._receive(_BUFFER, time.monotonic() + self.waiting.patience.silence_s)
                except Broken:
                    return total
            total += self._end - self._begin
            sink(self._view[self._begin : self._end])
            self._begin = self._end
