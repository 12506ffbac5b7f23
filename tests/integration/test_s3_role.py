"""Credentials of an instance's role, from a metadata service that is small but speaks IMDSv2."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hostile_s3 import Handler, HostileS3, hang, hostile_s3

from runctl.agent.s3.credentials import on_machine
from runctl.agent.s3.errors import NoCredentials, Stopped
from runctl.agent.s3.role import RoleCredentials

_ROLE = "/latest/meta-data/iam/security-credentials/"


class Service:
    """Hands out credentials that are valid for `valid_s` by `now`, each with another number."""

    def __init__(self, server: HostileS3) -> None:
        self.server = server
        self.now = 1_800_000_000.0
        self.valid_s = 6 * 3600.0
        self.given = 0
        self.role = "runctl-role"
        self.works = True
        server.misdeeds.append(self.answer)

    def answer(self, handler: Handler) -> bool:
        if not self.works:
            handler.answer(500)
        elif handler.command == "PUT" and handler.path == "/latest/api/token":
            handler.answer(200 if handler.headers["x-aws-ec2-metadata-token-ttl-seconds"] else 400, b"the-token")
        elif handler.headers["x-aws-ec2-metadata-token"] != "the-token":
            handler.answer(401)
        elif handler.path == _ROLE:
            handler.answer(200 if self.role else 404, self.role.encode())
        elif handler.path == _ROLE + self.role:
            self.given += 1
            handler.answer(200, json.dumps(self.document()).encode())
        else:
            handler.answer(404)
        return True

    def document(self) -> dict[str, str]:
        expiry = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now + self.valid_s))
        keys = {"AccessKeyId": f"ASIA{self.given}", "SecretAccessKey": "secret-key", "Token": "secret-token"}
        return {"Code": "Success", **keys, "Expiration": expiry}

    def source(self) -> RoleCredentials:
        return RoleCredentials(lambda: False, lambda: self.now)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_EC2_METADATA_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    with hostile_s3() as server:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url + "/")
        yield Service(server)


def test_keys_of_the_environment_come_first(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")

    assert tuple(on_machine()()) == ("AKID", "key", "token", None)
    assert not service.server.requests


def test_otherwise_the_role_gives_them(service: Service) -> None:
    service.now = time.time()

    credentials = on_machine()()

    assert (credentials.access_key, credentials.secret_key, credentials.token) == (
        "ASIA1",
        "secret-key",
        "secret-token",
    )
    assert credentials.expires_at == int(service.now + service.valid_s)


def test_they_are_kept_and_renewed_well_before_they_expire(service: Service) -> None:
    source = service.source()

    assert source() is source()
    service.now += service.valid_s - 1200
    assert source().access_key == "ASIA1"
    service.now += 600
    assert source().access_key == "ASIA2"
    assert service.given == 2


def test_many_threads_ask_once(service: Service) -> None:
    source = service.source()
    with ThreadPoolExecutor(16) as pool:
        keys = {credentials.access_key for credentials in pool.map(lambda _: source(), range(200))}

    assert keys == {"ASIA1"}
    assert service.given == 1


def test_others_go_on_with_the_old_ones_while_one_thread_renews(service: Service) -> None:
    source = service.source()
    source()
    service.now += service.valid_s - 600
    asked, go_on = threading.Event(), threading.Event()

    def wait(handler: Handler) -> bool:
        asked.set()
        go_on.wait(10)
        return False

    service.server.misdeeds.insert(0, wait)
    with ThreadPoolExecutor(1) as pool:
        renewing = pool.submit(source)
        assert asked.wait(10)
        assert source().access_key == "ASIA1"
        go_on.set()
        assert renewing.result().access_key == "ASIA2"


def test_valid_ones_are_good_enough_while_the_service_is_ill(service: Service) -> None:
    source = service.source()
    source()
    service.now += service.valid_s - 600
    service.works = False
    asked = len(service.server.requests)

    assert source().access_key == source().access_key == "ASIA1"
    assert len(service.server.requests) == asked + 3
    service.works = True
    service.now += 120
    assert source().access_key == "ASIA2"


def test_expired_ones_are_not_used(service: Service) -> None:
    source = service.source()
    source()
    service.now += service.valid_s + 1
    service.works = False

    with pytest.raises(NoCredentials, match="500"):
        source()


def test_those_that_s3_refuses_are_replaced_once(service: Service) -> None:
    source = service.source()
    refused = source()
    with ThreadPoolExecutor(8) as pool:
        keys = {credentials.access_key for credentials in pool.map(lambda _: source.renewed(refused), range(20))}

    assert keys == {"ASIA2"}


def test_an_instance_without_a_role_is_told_what_it_lacks(service: Service) -> None:
    service.role = ""

    with pytest.raises(NoCredentials, match="no role") as raised:
        service.source()()

    assert "runctl aws setup" in raised.value.hint


@pytest.mark.parametrize("change", [{"Code": "AssumeRoleUnauthorizedAccess"}, {"Expiration": "soon"}, {"Token": None}])
def test_what_the_role_gives_must_be_usable(service: Service, change: dict[str, str | None]) -> None:
    document = {name: value for name, value in {**service.document(), **change}.items() if value}
    service.document = lambda: document  # type: ignore[assignment, method-assign]

    with pytest.raises(NoCredentials) as raised:
        service.source()()
    assert "secret" not in f"{raised.value}{raised.value.hint}"


def test_a_machine_without_the_service_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")

    with pytest.raises(NoCredentials, match="no instance metadata service"):
        RoleCredentials(lambda: False)()


def test_a_disabled_service_is_not_asked(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    with pytest.raises(NoCredentials, match="AWS_EC2_METADATA_DISABLED"):
        service.source()()
    assert not service.server.requests


def test_a_stop_ends_the_question(service: Service) -> None:
    service.server.misdeeds.insert(0, hang)
    until = time.monotonic() + 0.1

    with pytest.raises(Stopped):
        RoleCredentials(lambda: time.monotonic() > until)()
