"""What S3 says would be right is done, and remembered: region, clock, credentials, no `Expect`."""

from __future__ import annotations

import calendar
import time
from collections.abc import Iterator
from email.utils import formatdate

import pytest
from hostile_s3 import Handler, HostileS3, error, hostile_s3

from runctl.agent.s3.client import S3
from runctl.agent.s3.credentials import Credentials
from runctl.agent.s3.errors import AccessDenied, S3Error
from runctl.agent.s3.waiting import Patience

_HASTY = Patience(first_pause_s=0.002, longest_pause_s=0.01, silence_s=0.6, continue_s=0.2)


@pytest.fixture
def server() -> Iterator[HostileS3]:
    with hostile_s3() as server:
        server.objects["key"] = b"contents"
        yield server


@pytest.fixture
def s3(server: HostileS3) -> S3:
    return S3(lambda: Credentials("AKIDEXAMPLE", "secret"), "us-east-1", server.url, patience=_HASTY)


def _regions(server: HostileS3) -> list[str]:
    return [request.headers["authorization"].split("/")[2] for request in server.requests]


@pytest.mark.parametrize(
    "redirect",
    [
        error(301, "PermanentRedirect", x_amz_bucket_region="eu-west-3"),
        error(301, "", x_amz_bucket_region="eu-west-3"),
        error(400, "AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>"),
        error(307, "TemporaryRedirect", Location="https://bucket.s3.eu-west-3.amazonaws.com/key"),
    ],
)
@pytest.mark.parametrize("method", ["read", "head"])
def test_a_buckets_region_is_learnt_once(server: HostileS3, s3: S3, redirect: object, method: str) -> None:
    if method == "head" and redirect is not None:
        redirect = error(400, "", x_amz_bucket_region="eu-west-3")
    server.next(redirect)  # type: ignore[arg-type]

    getattr(s3, method)("bucket", "key")
    getattr(s3, method)("bucket", "key")

    assert _regions(server) == ["us-east-1", "eu-west-3", "eu-west-3"]


def test_another_bucket_is_still_asked_in_the_first_region(server: HostileS3, s3: S3) -> None:
    server.next(error(301, "PermanentRedirect", x_amz_bucket_region="eu-west-3"))
    s3.read("bucket", "key")
    s3.read("other", "key")

    assert _regions(server)[-1] == "us-east-1"


def test_an_endpoint_that_goes_on_redirecting_is_an_error_that_names_the_region(server: HostileS3, s3: S3) -> None:
    server.misdeeds.append(error(301, "PermanentRedirect", x_amz_bucket_region="eu-west-3"))

    with pytest.raises(S3Error, match="PermanentRedirect") as raised:
        s3.read("bucket", "key")

    assert "eu-west-3" in raised.value.hint
    assert len(server.requests) == 2


def test_nobody_is_sent_to_another_host(server: HostileS3, s3: S3) -> None:
    with hostile_s3() as other:
        server.misdeeds.append(error(307, "TemporaryRedirect", Location=f"{other.url}/bucket/key"))

        with pytest.raises(S3Error, match="TemporaryRedirect"):
            s3.read("bucket", "key")
        assert not other.requests


@pytest.mark.parametrize("method", ["read", "head"])
def test_a_wrong_clock_is_set_by_the_servers(server: HostileS3, s3: S3, method: str) -> None:
    ahead = time.time() + 7200

    def skewed(handler: Handler) -> bool:
        if abs(_signed_at(handler.headers["x-amz-date"]) - ahead) < 900:
            return False
        handler.refuse(403, "RequestTimeTooSkewed", Date=formatdate(ahead, usegmt=True))
        return True

    server.misdeeds.append(skewed)

    getattr(s3, method)("bucket", "key")
    getattr(s3, method)("bucket", "key")

    assert len(server.requests) == 3


def test_a_server_with_a_clock_of_its_own_mind_is_not_followed_forever(server: HostileS3, s3: S3) -> None:
    server.misdeeds.append(error(403, "RequestTimeTooSkewed", Date=formatdate(1e9, usegmt=True)))

    with pytest.raises(AccessDenied, match="RequestTimeTooSkewed"):
        s3.read("bucket", "key")
    assert len(server.requests) == 2


@pytest.mark.parametrize(("method", "refusal"), [("read", error(400, "ExpiredToken")), ("head", error(400, ""))])
def test_expired_credentials_are_replaced(server: HostileS3, method: str, refusal: object) -> None:
    offered = [Credentials("AKIDNEW", "secret"), Credentials("AKIDOLD", "secret")]
    s3 = S3(lambda: offered[-1], "us-east-1", server.url, patience=_HASTY)

    def expired(handler: Handler) -> bool:
        if "AKIDOLD" not in handler.headers["authorization"]:
            return False
        offered[:] = offered[:1]
        refusal(handler)  # type: ignore[operator]
        return True

    server.misdeeds.append(expired)

    getattr(s3, method)("bucket", "key")

    assert len(server.requests) == 2


def test_credentials_that_stay_expired_are_an_error(server: HostileS3, s3: S3) -> None:
    server.misdeeds.append(error(400, "ExpiredToken"))

    with pytest.raises(AccessDenied, match="ExpiredToken"):
        s3.read("bucket", "key")
    assert len(server.requests) == 1


def test_a_server_that_knows_no_expect_is_not_asked_again(server: HostileS3, s3: S3) -> None:
    def unexpecting(handler: Handler) -> bool:
        return bool(handler.headers["expect"]) and error(417, "", Connection="close")(handler)

    server.misdeeds.append(unexpecting)
    body = bytes(2_000_000)

    s3.put("bucket", "one", body)
    s3.put("bucket", "two", body)

    assert server.objects["one"] == server.objects["two"] == body
    assert len(server.requests) == 3


def _signed_at(text: str) -> float:
    return calendar.timegm(time.strptime(text, "%Y%m%dT%H%M%SZ"))
