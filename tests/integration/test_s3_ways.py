"""The ways to a server: TLS that is verified, and proxies."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hostile_s3 import HostileS3, error, hostile_s3, reset, short

from runctl.agent.s3.client import S3
from runctl.agent.s3.credentials import Credentials
from runctl.agent.s3.errors import S3Error
from runctl.agent.s3.proxies import proxy_for
from runctl.agent.s3.waiting import Patience

pytestmark = pytest.mark.slow

_HASTY = Patience(first_pause_s=0.002, longest_pause_s=0.01, silence_s=2)


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "runctl test")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[HostileS3]:
    """A server that speaks TLS only."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with hostile_s3() as server:
        plain = server.get_request

        def get_request() -> tuple[socket.socket, object]:
            sock, address = plain()
            return context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), address

        server.get_request = get_request  # type: ignore[method-assign, assignment]
        yield server


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy() as proxy:
        yield proxy


class Proxy:
    """Answers CONNECT, and leads on."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://user:pass%20word@127.0.0.1:{self._listening.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._serve)]

    def __enter__(self) -> Proxy:
        self._threads[0].start()
        return self

    def __exit__(self, *_args: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join(10)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._lead, args=(client,))
            self._threads.append(thread)
            thread.start()

    def _lead(self, client: socket.socket) -> None:
        with client:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += client.recv(1)
            self.asked.append(head.decode())
            client.sendall(f"HTTP/1.1 {self.status} words\r\n\r\n".encode())
            if self.status != 200:
                return
            name, _, port = head.split()[1].decode().rpartition(":")
            with socket.create_connection((name, int(port))) as server:
                back = threading.Thread(target=_pump, args=(server, client))
                back.start()
                _pump(client, server)
                back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def _client(server: HostileS3, secure: bool) -> S3:
    url = server.url.replace("http:", "https:") if secure else server.url
    return S3(lambda: Credentials("AKIDEXAMPLE", "secret-key"), "us-east-1", url, patience=_HASTY)


def test_a_trusted_authority_can_be_named(
    secure: HostileS3, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    s3 = _client(secure, True)
    body = bytes(range(256)) * 8000
    secure.next(error(503, "SlowDown"), reset)
    s3.put("bucket", "key", body)
    secure.next(short)
    came = bytearray()
    s3.get("bucket", "key", 0, None, came.extend)

    assert came == body
    put = next(request for request in secure.requests if request.method == "PUT")
    assert put.headers["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"
    assert put.headers["x-amz-checksum-crc32"]


def test_without_tls_the_bodys_hash_is_signed(secure: HostileS3) -> None:
    with hostile_s3() as server:
        _client(server, False).put("bucket", "key", b"")
        _client(server, False).put("bucket", "key", b"contents")

    signed = [request.headers["x-amz-content-sha256"][:8] for request in server.requests]
    assert signed == ["e3b0c442", "d1b2a59f"]


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(
    secure: HostileS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)

    with pytest.raises(S3Error, match=r"certificate of 127\.0\.0\.1 is not trusted") as raised:
        _client(secure, True).read("bucket", "key")

    assert "AWS_CA_BUNDLE" in raised.value.hint
    assert secure.connections == 1


def test_a_bundle_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere.pem")
    s3 = S3(lambda: Credentials("a", "b"), None, "https://127.0.0.1:1")

    with pytest.raises(S3Error, match=r"AWS_CA_BUNDLE /nowhere\.pem"):
        s3.read("bucket", "key")


def test_tls_goes_through_a_proxys_tunnel(
    secure: HostileS3, certificate: Path, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv("https_proxy", proxy.url)
    secure.objects["key"] = b"contents"
    s3 = _client(secure, True)

    assert s3.read("bucket", "key") == s3.read("bucket", "key") == b"contents"
    s3.close()
    assert len(proxy.asked) == 1
    assert f"CONNECT 127.0.0.1:{secure.server_address[1]} HTTP/1.1" in proxy.asked[0]
    assert "Proxy-Authorization: Basic dXNlcjpwYXNzIHdvcmQ=" in proxy.asked[0]
    assert "secret" not in proxy.asked[0]


def test_a_proxy_that_refuses_is_told_apart_from_s3(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    proxy.status = 407
    s3 = S3(lambda: Credentials("a", "b"), "us-east-1", None, patience=_HASTY)

    with pytest.raises(S3Error, match=r"the proxy 127\.0\.0\.1:\d+ refuses \(407\)") as raised:
        s3.read("bucket", "key")
    assert "word" not in f"{raised.value}{raised.value.hint}"
    assert proxy.asked[0].startswith("CONNECT bucket.s3.us-east-1.amazonaws.com:443 ")


def test_plain_http_is_asked_of_the_proxy_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    with hostile_s3() as server:
        monkeypatch.setenv("http_proxy", server.url)
        s3 = S3(lambda: Credentials("a", "b"), "us-east-1", "http://storage.example:9000", patience=_HASTY)
        s3.put("bucket", "key", b"contents")

    assert server.requests[0].path == "http://storage.example:9000/bucket/key"
    assert server.requests[0].headers["host"] == "storage.example:9000"


@pytest.mark.parametrize(
    ("exceptions", "name", "is_direct"),
    [
        ("example.com", "example.com", True),
        ("example.com", "s3.example.com", True),
        (".example.com", "s3.Example.com", True),
        ("example.com", "badexample.com", False),
        ("*", "anything", True),
        ("a, 10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("", "example.com", False),
    ],
)
def test_no_proxy_names_what_is_reached_directly(
    monkeypatch: pytest.MonkeyPatch, exceptions: str, name: str, is_direct: bool
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", exceptions)

    assert (proxy_for(True, name) is None) == is_direct


def test_a_proxy_that_cant_be_used_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy:1080")

    with pytest.raises(S3Error, match="https_proxy names a proxy"):
        S3(lambda: Credentials("a", "b"), None, None).read("bucket", "key")
