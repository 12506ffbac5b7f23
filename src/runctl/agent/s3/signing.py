"""AWS Signature Version 4 as S3 wants it: the path is signed as it is sent, and not normalised.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

from __future__ import annotations

import hashlib
import hmac
import time
from functools import lru_cache
from typing import Dict, Iterable, NamedTuple, Tuple
from urllib.parse import quote

from runctl.agent.s3.credentials import Credentials

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
EMPTY_PAYLOAD = hashlib.sha256().hexdigest()

# proxies may change these
_NOT_SIGNED = frozenset(
    ["expect", "transfer-encoding", "user-agent", "x-amzn-trace-id", "connection", "content-length"]
)


class Request(NamedTuple):
    """What is signed: `path` and `query` as they are sent, encoded; names of `headers` in lower case."""

    method: str
    host: str
    path: str
    query: str
    headers: Dict[str, str]


def encoded_path(path: str) -> str:
    """`path` percent-encoded as S3 wants it in a request line. Raises UnicodeEncodeError where it isn't UTF-8."""
    return quote(path, safe="/")


def encoded_query(pairs: Iterable[Tuple[str, str]]) -> str:
    """The query string with its pairs in the order in which they are signed."""
    encoded = sorted((quote(name, safe=""), quote(value, safe="")) for name, value in pairs)
    return "&".join([f"{name}={value}" for name, value in encoded])


def signed_headers(
    request: Request, credentials: Credentials, region: str, at: float, payload_hash: str
) -> Dict[str, str]:
    """The request's headers with those of the signature, `host` first. `at` is seconds since the epoch; `payload_hash`
    is the body's SHA-256 in hexadecimal or UNSIGNED_PAYLOAD."""
    moment, day = _moment(int(at))
    headers = {"host": request.host, **request.headers, "x-amz-content-sha256": payload_hash, "x-amz-date": moment}
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    names = sorted([name for name in headers if name not in _NOT_SIGNED])
    listed = ";".join(names)
    lines = "".join([f"{name}:{' '.join(headers[name].split())}\n" for name in names])
    canonical = f"{request.method}\n{request.path}\n{request.query}\n{lines}\n{listed}\n{payload_hash}"
    scope = f"{day}/{region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(_signing_key(credentials.secret_key, day, region), text.encode(), "sha256").hex()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, SignedHeaders={listed}, Signature={signature}"
    )
    return headers


@lru_cache(maxsize=4)
def _moment(at: int) -> Tuple[str, str]:
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))
    return moment, moment[:8]


@lru_cache(maxsize=16)
def _signing_key(secret_key: str, day: str, region: str) -> bytes:
    key = ("AWS4" + secret_key).encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
