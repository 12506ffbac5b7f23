"""Answers that are not moto's: errors and documents in each service's own format."""

from __future__ import annotations

import json
import uuid
from http import HTTPStatus
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from runctl.sandbox.keys import Refusal


class Answer(NamedTuple):
    """An HTTP answer."""

    status: int
    headers: list[tuple[str, str]]
    content: bytes

    @property
    def status_line(self) -> str:
        return f"{self.status} {HTTPStatus(self.status).phrase}"


def text(content: str, status: int = 200) -> Answer:
    """Plain text."""
    return Answer(status, [("Content-Type", "text/plain; charset=utf-8")], content.encode())


def document(content: Any, status: int = 200, more: tuple[tuple[str, str], ...] = ()) -> Answer:
    """A JSON document, as services of AWS's JSON protocol give it."""
    headers = [("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", str(uuid.uuid4())), *more]
    return Answer(status, headers, json.dumps(content).encode())


def refused(service: str, refusal: Refusal, is_json: bool) -> Answer:
    """An error in the format of `service`."""
    code, message, request_id = escape(refusal.code), escape(refusal.message), str(uuid.uuid4())
    if is_json:
        body = {"__type": refusal.code, "message": refusal.message}
        return document(body, refusal.status, (("x-amzn-ErrorType", refusal.code),))
    if service == "ec2":
        content = (
            f"<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    elif service == "s3":
        content = f"<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{request_id}</RequestId></Error>"
    else:
        content = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    return Answer(refusal.status, [("Content-Type", "text/xml")], b'<?xml version="1.0"?>\n' + content.encode())
