"""Signatures are compared with botocore's, over generated requests."""

from __future__ import annotations

import datetime
from typing import Any
from unittest import mock
from urllib.parse import quote

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import example, given, settings
from hypothesis import strategies as st

from runctl.agent.s3.credentials import Credentials
from runctl.agent.s3.endpoints import parse_endpoint, place_of
from runctl.agent.s3.signing import Request, encoded_path, encoded_query, signed_headers

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_ODD = st.sampled_from(
    ["~", "+", " ", "%", "%2F", "//", "..", "./a/../b", "a=b&c", "?x", "#", "é", "日本", "\x01", "\n", "*'()!;"]
)
_KEYS = st.lists(st.one_of(_TEXT, _ODD), min_size=1, max_size=4).map("/".join).filter(bool)
_PAIRS = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(["prefix", "uploads", "a", "A", "a-b", "a.b"]), _TEXT.filter(bool)),
        st.one_of(_TEXT, _ODD),
    ),
    max_size=5,
)
_VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
_HEADERS = st.dictionaries(
    st.one_of(
        st.sampled_from(["range", "if-match", "x-amz-checksum-mode", "content-type", "expect", "user-agent"]),
        st.text("abcdefz0-", min_size=1, max_size=8).map(lambda name: f"x-amz-meta-{name}"),
    ),
    _VALUES,
    max_size=4,
)
_ENDPOINTS = st.sampled_from([None, "http://localhost:8333", "https://s3.example.com", "https://[::1]:9000/prefix"])
_HASHES = st.sampled_from(
    ["UNSIGNED-PAYLOAD", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "ab" * 32]
)


_REQUESTS = given(
    method=st.sampled_from(["GET", "PUT", "HEAD", "POST", "DELETE"]),
    key=_KEYS,
    pairs=_PAIRS,
    headers=_HEADERS,
    token=st.one_of(st.none(), st.text("abc/+=", min_size=1)),
    bucket=st.sampled_from(["my-bucket", "with.dots", "UPPER_old"]),
    region=st.sampled_from(["us-east-1", "cn-north-1", "eu-west-3"]),
    endpoint=_ENDPOINTS,
    payload=_HASHES,
    at=st.integers(0, 4_000_000_000),
)


@settings(max_examples=100, deadline=None)
@_REQUESTS
@example(
    method="GET",
    key="a b+c~é",
    pairs=[("a", ""), ("a", ""), ("a", "b")],
    headers={},
    token=None,
    bucket="my-bucket",
    region="us-east-1",
    endpoint=None,
    payload="ab" * 32,
    at=0,
)
def test_botocore_would_sign_the_same_request_in_the_same_way(**request: Any) -> None:
    _compare(**request)


@pytest.mark.slow
@settings(max_examples=5000, deadline=None)
@_REQUESTS
def test_botocore_would_sign_thousands_of_requests_in_the_same_way(**request: Any) -> None:
    _compare(**request)


def _compare(
    method: str,
    key: str,
    pairs: list[tuple[str, str]],
    headers: dict[str, str],
    token: str | None,
    bucket: str,
    region: str,
    endpoint: str | None,
    payload: str,
    at: int,
) -> None:
    place = place_of(bucket, region, parse_endpoint(endpoint) if endpoint else None)
    path = f"{place.path}/{encoded_path(key)}"
    query = encoded_query(pairs)
    credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)

    ours = signed_headers(Request(method, place.host, path, query, headers), credentials, region, at, payload)

    url = f"{'https' if place.server.secure else 'http'}://{place.host}{path}?{query}".rstrip("?")
    assert ours["authorization"] == _botocores(method, url, headers, credentials, region, at, payload)


def test_a_key_is_encoded_as_botocore_encodes_it() -> None:
    for code in range(0x250):
        assert encoded_path(f"a/{chr(code)}") == quote(f"a/{chr(code)}", safe="/~")


def test_a_name_that_is_not_utf8_is_never_sent_as_another() -> None:
    with pytest.raises(UnicodeEncodeError):
        encoded_path("a\udcff")


def test_credentials_show_no_secret() -> None:
    shown = repr(Credentials("AKIDEXAMPLE", "secret-key", "secret-token"))

    assert "AKIDEXAMPLE" in shown
    assert "secret" not in shown


def _botocores(
    method: str, url: str, headers: dict[str, str], credentials: Credentials, region: str, at: int, payload: str
) -> str:
    request = AWSRequest(method, url, {**headers, "X-Amz-Content-SHA256": payload})
    signer = botocore.auth.S3SigV4Auth(
        BotocoreCredentials(credentials.access_key, credentials.secret_key, credentials.token), "s3", region
    )
    now = datetime.datetime.fromtimestamp(at, datetime.timezone.utc).replace(tzinfo=None)
    with (
        mock.patch.object(botocore.auth, "get_current_datetime", lambda *_args, **_named: now),
        mock.patch.object(signer, "payload", lambda _request: payload),
    ):
        signer.add_auth(request)
    return str(request.headers["Authorization"])
