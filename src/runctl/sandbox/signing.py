"""Checks the signatures of requests: AWS's Signature Version 4, in the header or in the query (presigned).

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 +Credential=([^/,]+)/([^,]+), *SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})"
)
_QUERY_HASH = "UNSIGNED-PAYLOAD"


class Signature(NamedTuple):
    """What a request says about who signed it. `scope` is date/region/service/aws4_request."""

    access_key: str
    scope: str
    signed_headers: tuple[str, ...]
    value: str
    token: str
    in_query: bool

    @property
    def region(self) -> str:
        return self.scope.split("/")[1]

    @property
    def service(self) -> str:
        return self.scope.split("/")[2]


class Signed(NamedTuple):
    """The parts of a request that are signed. `path` and `query` as they were sent, header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


def signature_of(headers: Mapping[str, str], query: str) -> Signature | None:
    """The signature of a request; None when it has none that can be read."""
    found = _HEADER.match(headers.get("authorization", ""))
    if found:
        token = headers.get("x-amz-security-token", "")
        signature = Signature(found[1], found[2], tuple(found[3].split(";")), found[4], token, in_query=False)
    else:
        fields = dict(parse_qsl(query, keep_blank_values=True))
        access_key, _, scope = fields.get("X-Amz-Credential", "").partition("/")
        names = tuple(fields.get("X-Amz-SignedHeaders", "").split(";"))
        value, token = fields.get("X-Amz-Signature", ""), fields.get("X-Amz-Security-Token", "")
        signature = Signature(access_key, scope, names, value, token, in_query=True)
    return signature if len(signature.scope.split("/")) == 4 else None


def is_signed_with(secret: str, signature: Signature, request: Signed) -> bool:
    """Whether the signature is that of `secret`, and of this request."""
    return hmac.compare_digest(_signature(secret, signature, request), signature.value)


def _signature(secret: str, signature: Signature, request: Signed) -> str:
    fields = parse_qsl(request.query, keep_blank_values=True)
    times = dict(fields) if signature.in_query else {}
    time = times.get("X-Amz-Date") or request.headers.get("x-amz-date", "")
    canonical = "\n".join(
        [
            request.method,
            _path(request.path, signature.service),
            "&".join(sorted(f"{quote(k, '-_.~')}={quote(v, '-_.~')}" for k, v in fields if k != "X-Amz-Signature")),
            "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signature.signed_headers),
            ";".join(signature.signed_headers),
            _payload(signature, request),
        ]
    )
    text = "\n".join(["AWS4-HMAC-SHA256", time, signature.scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in signature.scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def _path(path: str, service: str) -> str:
    if service == "s3":
        return quote(unquote(path), "/-_.~")
    return quote(path, "/-_.~") or "/"


def _payload(signature: Signature, request: Signed) -> str:
    if signature.service == "s3":
        return _QUERY_HASH if signature.in_query else request.headers.get("x-amz-content-sha256", "")
    return hashlib.sha256(request.body).hexdigest()
