"""The metadata service answers as IMDSv2 does."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

import pytest

from runctl.sandbox.metadata import Credentials, Host, Metadata, Notice, Profile
from runctl.sandbox.metadata.tokens import Tokens

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=timezone.utc)
TOKEN = "X-aws-ec2-metadata-token"
TTL = "X-aws-ec2-metadata-token-ttl-seconds"
PLAIN = Host(
    instance_id="i-0123456789abcdef0",
    instance_type="g5.xlarge",
    zone="us-east-1a",
    region="us-east-1",
    ami="ami-1",
    private_address="172.31.16.4",
    hostname="ip-172-31-16-4.ec2.internal",
    mac="02:42:ac:1f:10:04",
    account="123456789012",
    launched=NOW,
)


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    text: str


class Service:
    """A running service, which tells callers from 127.0.0.1 what `host` says."""

    def __init__(self) -> None:
        self.host: Host | None = PLAIN
        self.server = Metadata(lambda address: self.host if address == "127.0.0.1" else None)
        self.port = self.server.serve("127.0.0.1", 0)

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        try:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read().decode())
        finally:
            connection.close()

    def token(self, ttl: str = "60") -> str:
        return self.ask("PUT", "/latest/api/token", {TTL: ttl}).text

    def get(self, path: str) -> Answer:
        return self.ask("GET", f"/latest/{path}", {TOKEN: self.token()})

    def tells(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status == 200, answer
        return answer.text


@pytest.fixture(scope="module")
def running() -> Iterator[Service]:
    made = Service()
    yield made
    made.server.close()


@pytest.fixture
def service(running: Service) -> Service:
    running.host = PLAIN
    return running


def profile(expires: datetime = NOW + timedelta(days=9000)) -> Profile:
    credentials = Credentials("AKIAEXAMPLE", "secret", "token", NOW, expires)
    return Profile("arn:aws:iam::123456789012:instance-profile/runctl", "AIPAEXAMPLE", "runctl", lambda: credentials)


def test_without_a_token_or_with_a_wrong_one_nothing_is_told(service: Service) -> None:
    for headers in ({}, {TOKEN: ""}, {TOKEN: "no"}):
        for path in ("/latest/meta-data/instance-id", "/latest/user-data", "/", "/latest/nothing"):
            assert service.ask("GET", path, headers).status == 401


@pytest.mark.parametrize("ttl", ["", "0", "21601", "-1", "1.5", "ten", "٣", "9" * 5000])
def test_a_token_for_no_time_or_too_long_is_refused(service: Service, ttl: str) -> None:
    assert service.ask("PUT", "/latest/api/token", {TTL: ttl.encode("utf-8").decode("latin-1")}).status == 400
    assert service.ask("PUT", "/latest/api/token").status == 400


@pytest.mark.parametrize("ttl", ["1", "21600"])
def test_a_token_says_how_long_it_is_good(service: Service, ttl: str) -> None:
    answer = service.ask("PUT", "/latest/api/token", {TTL: ttl})
    assert (answer.status, answer.headers[TTL]) == (200, ttl)
    assert len(answer.text) == 56


def test_a_token_runs_out() -> None:
    tokens = Tokens()
    token = tokens.issue("i-1", 0)
    assert not tokens.left_s(token, "i-1")
    assert 59 < tokens.left_s(tokens.issue("i-1", 60), "i-1") <= 60


def test_a_token_is_no_good_for_another_instance(service: Service) -> None:
    token = service.token()
    service.host = PLAIN._replace(instance_id="i-other")
    assert service.ask("GET", "/latest/meta-data/instance-id", {TOKEN: token}).status == 401


def test_a_request_through_a_proxy_gets_no_token(service: Service) -> None:
    assert service.ask("PUT", "/latest/api/token", {TTL: "60", "X-Forwarded-For": "1.2.3.4"}).status == 403


def test_who_is_no_instance_is_told_nothing(service: Service) -> None:
    service.host = None
    assert service.ask("PUT", "/latest/api/token", {TTL: "60"}).status == 403
    assert service.ask("GET", "/latest/meta-data/", {TOKEN: "x"}).status == 403


def test_other_methods_are_refused(service: Service) -> None:
    assert service.ask("POST", "/latest/api/token", {TTL: "60"}).status == 501
    assert service.ask("PUT", "/latest/meta-data/instance-id", {TTL: "60"}).status == 404
    assert service.ask("HEAD", "/latest/meta-data/instance-id", {TOKEN: service.token()}).text == ""


def test_a_host_is_told_what_it_is(service: Service) -> None:
    assert service.tells("meta-data/instance-id") == "i-0123456789abcdef0"
    assert service.tells("meta-data/placement/availability-zone") == "us-east-1a"
    assert service.tells("meta-data/placement/region") == "us-east-1"
    assert service.tells("meta-data/instance-life-cycle") == "on-demand"
    assert service.ask("GET", "/2021-07-15/meta-data/ami-id", {TOKEN: service.token()}).text == "ami-1"
    document = json.loads(service.tells("dynamic/instance-identity/document"))
    assert (document["instanceId"], document["region"], document["privateIp"], document["pendingTime"]) == (
        "i-0123456789abcdef0",
        "us-east-1",
        "172.31.16.4",
        "2026-11-24T02:00:00Z",
    )


def test_categories_are_listed_with_a_slash_behind_those_that_go_on(service: Service) -> None:
    service.host = PLAIN._replace(profile=profile(), public_keys=(("mine", "ssh-ed25519 AAAA mine"),))
    entries = service.tells("meta-data/").split("\n")
    assert {"instance-id", "placement/", "iam/", "public-keys/"} <= set(entries)
    assert service.tells("meta-data") == service.tells("meta-data/")
    assert service.tells("meta-data/iam/security-credentials/") == "runctl"
    assert service.tells("meta-data/public-keys/") == "0=mine"
    assert service.tells("meta-data/public-keys/0/") == "openssh-key"
    assert service.tells("meta-data/public-keys/0/openssh-key") == "ssh-ed25519 AAAA mine"
    assert service.ask("GET", "/", {TOKEN: service.token()}).text.endswith("latest")
    assert service.tells("") == "dynamic/\nmeta-data/"


@pytest.mark.parametrize(
    "path",
    [
        "meta-data/iam/info",
        "meta-data/iam/security-credentials/",
        "meta-data/public-ipv4",
        "meta-data/spot/instance-action",
        "meta-data/spot/termination-time",
        "meta-data/events/recommendations/rebalance",
        "meta-data/tags/instance/",
        "meta-data/public-keys/",
        "meta-data/instance-id/deeper",
        "user-data",
        "nothing",
    ],
)
def test_what_a_host_has_none_of_is_not_found(service: Service, path: str) -> None:
    assert service.get(path).status == 404


def test_spot_notices(service: Service) -> None:
    notice = Notice("terminate", NOW + timedelta(minutes=2))
    service.host = PLAIN._replace(spot=True, notice=notice, rebalance=NOW)
    assert service.tells("meta-data/instance-life-cycle") == "spot"
    action = json.loads(service.tells("meta-data/spot/instance-action"))
    assert action == {"action": "terminate", "time": "2026-11-24T02:02:00Z"}
    assert service.tells("meta-data/spot/termination-time") == "2026-11-24T02:02:00Z"
    rebalance = json.loads(service.tells("meta-data/events/recommendations/rebalance"))
    assert rebalance == {"noticeTime": "2026-11-24T02:00:00Z"}
    service.host = PLAIN._replace(spot=True, notice=Notice("stop", NOW))
    assert service.get("meta-data/spot/termination-time").status == 404


def test_tags_and_user_data_are_told_as_they_are(service: Service) -> None:
    tags = {"Name": "ein Gerät", "runctl:mount": "/mnt/data", "a=b": "c"}
    service.host = PLAIN._replace(tags=tags, user_data=b"#!/bin/sh\necho hi\n", block_devices={"ami": "sda1"})
    assert service.tells("meta-data/tags/instance/").split("\n") == sorted(tags)
    assert [service.tells(f"meta-data/tags/instance/{key.replace('=', '%3D')}") for key in tags] == list(tags.values())
    assert service.tells("user-data") == "#!/bin/sh\necho hi\n"
    assert service.tells("meta-data/block-device-mapping/") == "ami"


def test_boto_gets_the_credentials_of_the_role(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.session import Session

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"http://127.0.0.1:{service.port}")
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED", raising=False)
    service.host = PLAIN._replace(profile=profile())
    credentials = Session().get_credentials()
    assert credentials is not None and credentials.method == "iam-role"
    assert credentials.get_frozen_credentials()[:3] == ("AKIAEXAMPLE", "secret", "token")


def test_boto_learns_the_region(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.session import Session
    from botocore.utils import IMDSRegionProvider

    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"http://127.0.0.1:{service.port}")
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED", raising=False)
    assert IMDSRegionProvider(Session()).provide() == "us-east-1"


def test_several_requests_share_a_connection(service: Service) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", service.port)
    token = service.token()
    connection.request("GET", "/latest/meta-data/instance-id", headers={TOKEN: token})
    connection.getresponse().read()
    socket = connection.sock
    connection.request("GET", "/latest/meta-data/ami-id", headers={TOKEN: token})
    assert connection.getresponse().read() == b"ami-1"
    assert connection.sock is socket
    connection.close()
