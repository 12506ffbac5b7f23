"""The gate in front of the account: whose request it is, what was asked to go wrong with it, and who answers it."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from runctl.sandbox import s3_actions
from runctl.sandbox.answers import Answer, document, refused
from runctl.sandbox.faults import Faults
from runctl.sandbox.http_server import Application, Hang, HangUp, Unfinished
from runctl.sandbox.keys import EXPIRED, Keys, Refusal, in_words_of
from runctl.sandbox.signing import Signature, Signed, signature_of

ADMIN = "/_sandbox/"
# moto's models of these may be used by several threads, and their requests move much data
_UNLOCKED = ("s3", "ecr")

# an answer of the sandbox's own; None leaves it to moto
Own = Callable[["Call"], "Answer | None"]


class Call(NamedTuple):
    """One call of a service's action, as the gate read it."""

    service: str
    action: str
    region: str
    body: bytes
    is_json: bool
    access_key: str
    signature: Signature | None
    signed: Signed


class Gate:
    """A WSGI application in front of moto's."""

    def __init__(
        self, moto: Application, admin: Callable[[dict[str, Any]], Answer], own: Own, keys: Keys, faults: Faults
    ) -> None:
        self._moto, self._admin, self._own, self._keys, self._faults = moto, admin, own, keys, faults
        # moto's models are not made for several threads
        self.lock = threading.RLock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        started = time.monotonic()
        status: list[str] = []

        def respond(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            status[:] = [line]
            start_response(line, headers)

        name = environ["PATH_INFO"]
        try:
            if name.startswith(ADMIN):
                return _give(self._administered(environ), respond)
            call = read_call(environ)
            name = f"{call.service}:{call.action} {call.region}"
            return self._called(call, environ, respond)
        except HangUp:
            status[:] = ["hung up"]
            raise
        except Hang:
            status[:] = ["hangs"]
            raise
        finally:
            took_ms = (time.monotonic() - started) * 1000
            if not environ["PATH_INFO"].startswith(ADMIN):
                log(f"{environ.get('REMOTE_ADDR')} {name} → {(status or ['?'])[0]} {took_ms:.0f} ms")

    def _administered(self, environ: dict[str, Any]) -> Answer:
        try:
            return self._admin(environ)
        except Exception as error:
            log(traceback.format_exc())
            return document({"error": repr(error)}, 500)

    def _called(self, call: Call, environ: dict[str, Any], respond: Callable[..., None]) -> Iterable[bytes]:
        refusal = self._keys.refusal(call.signature, call.signed) or self._struck(call)
        if refusal:
            return _give(refused(call.service, in_words_of(call.service, refusal, call.is_json), call.is_json), respond)
        answer = self._carried_out(call, environ, respond)
        if self._faults.strike("kill", **_facts(call)):
            raise HangUp
        return answer if call.signed.method == "HEAD" else self._damaged(call, b"".join(answer))

    def _damaged(self, call: Call, content: bytes) -> Iterable[bytes]:
        """What becomes of an answer's body on the way."""
        facts, half = _facts(call), len(content) // 2
        if content and self._faults.strike("hang-half-way", **facts):
            return Unfinished(content, half, hangs=True)
        if content and self._faults.strike("cut-short", **facts):
            return Unfinished(content, half, hangs=False)
        if content and self._faults.strike("corrupt", **facts):
            return [content[:half], bytes([content[half] ^ 1]), content[half + 1 :]]
        return [content]

    def _carried_out(self, call: Call, environ: dict[str, Any], respond: Callable[..., None]) -> Iterable[bytes]:
        try:
            own = self._own(call)
            if own is not None:
                return _give(own, respond)
            with nullcontext() if call.service in _UNLOCKED else self.lock:
                return list(self._moto(environ, respond))
        except NotImplementedError as error:
            said = Refusal("NotImplemented", f"the sandbox has no {call.service} {call.action}: {error}", 501)
        except Exception as error:
            log(traceback.format_exc())
            said = Refusal("InternalError", f"the sandbox failed: {error!r}; see: runctl sandbox logs", 500)
        return _give(refused(call.service, said, call.is_json), respond)

    def _struck(self, call: Call) -> Refusal | None:
        facts = _facts(call)
        if self._faults.strike("hang", **facts):
            raise Hang
        slow = self._faults.strike("slow", **facts)
        if slow:
            time.sleep(slow.number("seconds", 5))
        for name, refusal in _refusals(call).items():
            if self._faults.strike(name, **facts):
                return refusal
        return None


def _refusals(call: Call) -> dict[str, Refusal]:
    ec2 = call.service == "ec2"
    throttled = "RequestLimitExceeded" if ec2 else "SlowDown" if call.service == "s3" else "ThrottlingException"
    denied = "UnauthorizedOperation" if ec2 else "AccessDeniedException" if call.is_json else "AccessDenied"
    own = "arn:aws:iam::123456789012:user/sandbox"
    return {
        "expired-credentials": EXPIRED,
        "throttle": Refusal(throttled, "Request limit exceeded.", 503 if ec2 or call.service == "s3" else 400),
        "deny": Refusal(
            denied,
            "You are not authorized to perform this operation."
            if ec2
            else f"User: {own} is not authorized to perform: {_permission(call)}",
            400 if call.is_json else 403,
        ),
        "error": Refusal("InternalError", "An internal error has occurred", 500),
    }


def _permission(call: Call) -> str:
    """The permission that a call needs, as IAM's policies name it."""
    action = s3_actions.permission_of(call.action) if call.service == "s3" else call.action
    return f"{call.service}:{action}"


def _facts(call: Call) -> dict[str, str]:
    return {"service": call.service, "action": call.action}


def read_call(environ: dict[str, Any]) -> Call:
    """What a request asks for. Its body can still be read by another."""
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    headers["content-length"] = environ.get("CONTENT_LENGTH", "")
    path, _, query = str(environ["RAW_URI"]).partition("?")
    signature = signature_of(headers, query)
    service = signature.service if signature else "s3"
    body = b"" if service == "s3" else environ["wsgi.input"].read()
    environ["wsgi.input"].seek(0)
    target = headers.get("x-amz-target", "")
    method = str(environ["REQUEST_METHOD"])
    if service == "s3":
        action = s3_actions.action_of(method, s3_actions.place_of(path), query, headers)
    else:
        action = target.rpartition(".")[2] or _action_in(body, query) or method
    return Call(
        service=service,
        action=action,
        region=signature.region if signature else "",
        body=body,
        is_json="json" in headers["content-type"],
        access_key=signature.access_key if signature else "",
        signature=signature,
        signed=Signed(method, path, query, headers, body),
    )


def _action_in(body: bytes, query: str) -> str:
    for text in (query, body[:100_000].decode("latin-1")):
        if "Action=" in text:
            return parse_qs(text).get("Action", [""])[0]
    return ""


def _give(answer: Answer, respond: Callable[..., None]) -> list[bytes]:
    respond(answer.status_line, answer.headers)
    return [answer.content]


def log(text: str) -> None:
    """Writes a line, or a traceback, into the log."""
    now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    sys.stderr.write("".join(f"{now} {line}\n" for line in text.rstrip().splitlines()))
    sys.stderr.flush()
