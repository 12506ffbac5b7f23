"""One attempt at a request: sign it, send it on a connection, read the answer."""

from __future__ import annotations

from typing import NamedTuple

from runctl.agent.s3.bodies import pieces, sha256_of
from runctl.agent.s3.calls import Call
from runctl.agent.s3.credentials import Credentials
from runctl.agent.s3.endpoints import Place
from runctl.agent.s3.session import Session
from runctl.agent.s3.signing import EMPTY_PAYLOAD, UNSIGNED_PAYLOAD, Request, signed_headers
from runctl.agent.s3.waiting import Waiting
from runctl.agent.s3.wire import Broken, Head, Sink, Wire

# the round trip that `Expect` costs is little beside so much
_EXPECT_FROM = 1024 * 1024
# a TLS record: so much goes out in one piece with the head
_ONE_RECORD = 16 * 1024
_LONGEST_ERROR = 64 * 1024


class Signed(NamedTuple):
    """With what a request was signed. `at` is seconds since the epoch."""

    credentials: Credentials
    region: str
    at: float


class Answer(NamedTuple):
    """`error` is the body of an answer that says no."""

    head: Head
    error: bytes
    signed: Signed

    @property
    def etag(self) -> str:
        """Without its quotes."""
        return self.head.headers.get("etag", "").strip('"')

    @property
    def is_yes(self) -> bool:
        """Whether it was done; with some actions only the document tells."""
        return 200 <= self.head.status < 300


class Stale(Exception):
    """A connection that was kept had been closed meanwhile: nothing has happened."""


def attempt(session: Session, waiting: Waiting, call: Call) -> Answer:
    """Raises Stale, OSError, Broken, TimedOut, Stopped, NoCredentials, and what `dialing.dial` raises."""
    signed = Signed(session.credentials(), session.region(call.subject.bucket), session.now())
    place = session.place(call.subject.bucket)
    head = _request_head(session, call, place, signed)
    wire = session.pool.take(place.server)
    is_new = wire is None
    if wire is None:
        wire = session.dial(place.server, waiting)
    wire.waiting = waiting
    call.attempts += 1
    try:
        answer = _exchanged(session, wire, call, head, is_new)
        error = bytearray()
        if 200 <= answer.status < 300:
            wire.body(call.method, answer, call.answered(answer))
            call.finished(answer)
        else:
            wire.body(call.method, answer, _limited(error))
    except BaseException:
        wire.close()
        raise
    session.pool.give(place.server, wire)
    return Answer(answer, bytes(error), signed)


def _exchanged(session: Session, wire: Wire, call: Call, head: bytes, is_new: bool) -> Head:
    try:
        return _exchange(session, wire, call, head)
    except (Broken, OSError) as exc:
        if not is_new and (isinstance(exc, OSError) or exc.unused):
            raise Stale from exc
        raise


def _exchange(session: Session, wire: Wire, call: Call, head: bytes) -> Head:
    if call.size <= _ONE_RECORD:
        small = b"".join(pieces(call.body)) if call.size else b""
        wire.send([memoryview(head + small)])
        return wire.head()
    wire.send([memoryview(head)])
    if session.expects and call.size >= _EXPECT_FROM and not wire.told_to_continue():
        wire.reusable = False
        return wire.head()
    try:
        wire.send(pieces(call.body))
    except OSError:
        # a server that refuses a body says so and closes; what it said may still be there
        wire.reusable = False
        return wire.head()
    return wire.head()


def _request_head(session: Session, call: Call, place: Place, signed: Signed) -> bytes:
    target = place.path + call.path or "/"
    request = Request(call.method, place.host, target, call.query, call.headers())
    payload = _payload_hash(call, place.server.secure)
    headers = signed_headers(request, signed.credentials, signed.region, signed.at, payload)
    if call.method in ("PUT", "POST"):
        headers["content-length"] = str(call.size)
    if session.expects and call.size >= _EXPECT_FROM:
        headers["expect"] = "100-continue"
    if call.query:
        target += "?" + call.query
    proxy = session.proxy(place.server)
    if proxy is not None and not place.server.secure:
        target = f"http://{place.host}{target}"
        if proxy.authorization:
            headers["proxy-authorization"] = proxy.authorization
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    return f"{call.method} {target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1")


def _payload_hash(call: Call, secure: bool) -> str:
    """TLS already protects a body, and its CRC-32 is among the signed headers: hashing it would be most of the work.
    Without TLS only a signed hash keeps others from changing what is stored."""
    if not call.size:
        return EMPTY_PAYLOAD
    if secure:
        return UNSIGNED_PAYLOAD
    if call.sha256 is None:
        call.sha256 = sha256_of(call.body)
    return call.sha256


def _limited(error: bytearray) -> Sink:
    def keep(data: memoryview) -> None:
        error.extend(data[: _LONGEST_ERROR - len(error)])

    return keep
