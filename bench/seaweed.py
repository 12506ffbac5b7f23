"""A real S3 server: SeaweedFS, over TLS, with keys of its own; it checks signatures and checksums."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import boto3

from bench.place import Place
from bench.timing import MeasureFailed

_LONGEST_START_S = 60
# volumes are grown a few at a time, by the first objects of a bucket
_FIRST_OBJECTS = 8
_KEY, _SECRET = "AKIABENCH", "secret-of-the-benchmark"


class Seaweed(NamedTuple):
    """The server: `variables` lead tools to it. A bucket is a folder of its own there, gone at once with it."""

    variables: dict[str, str]
    client: Any

    @contextmanager
    def bucket(self, name: str) -> Iterator[str]:
        """A bucket whose room is there already."""
        self.client.create_bucket(Bucket=name)
        for number in range(_FIRST_OBJECTS):
            self.client.put_object(Bucket=name, Key=f"first/{number}", Body=b"x")
        try:
            yield name
        finally:
            self._empty(name)
            self.client.delete_bucket(Bucket=name)

    def _empty(self, name: str) -> None:
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=name):
            keys = [found["Key"] for found in page.get("Contents", [])]
            if keys:
                self.client.delete_objects(Bucket=name, Delete={"Objects": [{"Key": key} for key in keys]})


@contextmanager
def seaweed(place: Place) -> Iterator[Seaweed]:
    """The server while the block lasts. Raises MeasureFailed when it doesn't start."""
    folder = place.new_folder()
    _make_certificate(folder)
    identity = {
        "name": "bench",
        "credentials": [{"accessKey": _KEY, "secretKey": _SECRET}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    port, *others = _free_ports(8)
    variables = {
        "AWS_ACCESS_KEY_ID": _KEY,
        "AWS_SECRET_ACCESS_KEY": _SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"https://127.0.0.1:{port}",
        "AWS_CA_BUNDLE": str(folder / "cert.pem"),
        # s5cmd's own names for the last two
        "S3_ENDPOINT_URL": f"https://127.0.0.1:{port}",
        "SSL_CERT_FILE": str(folder / "cert.pem"),
    }
    server = subprocess.Popen(
        _command(str(place.peers_bin / "weed"), folder, port, others),
        env=place.environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=(folder / "log").open("wb"),
    )
    client = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id=_KEY,
        aws_secret_access_key=_SECRET,
        verify=variables["AWS_CA_BUNDLE"],
    )
    try:
        found = Seaweed(variables, client)
        _wait_until_it_takes_objects(found, server, folder / "log")
        yield found
    finally:
        client.close()
        server.kill()
        server.wait()


def _command(weed: str, folder: Path, port: int, others: list[int]) -> list[str]:
    (folder / "data").mkdir()
    places = ("s3.port.grpc", "master.port", "master.port.grpc", "volume.port", "volume.port.grpc")
    names = (*places, "filer.port", "filer.port.grpc")
    return [
        weed,
        "server",
        f"-dir={folder / 'data'}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-volume.max=400",
        "-master.telemetry=false",
        "-s3",
        f"-s3.config={folder / 's3.json'}",
        f"-s3.cert.file={folder / 'cert.pem'}",
        f"-s3.key.file={folder / 'key.pem'}",
        f"-s3.port={port}",
        *(f"-{name}={number}" for name, number in zip(names, others, strict=True)),
    ]


def _make_certificate(folder: Path) -> None:
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(["openssl", "req", "-x509", *kind, *names, *files], check=True, capture_output=True)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _wait_until_it_takes_objects(server: Seaweed, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _LONGEST_START_S
    while True:
        try:
            with server.bucket("first"):
                return
        except Exception as error:
            if process.poll() is not None or time.monotonic() > deadline:
                tail = log.read_text(errors="replace")[-2000:]
                raise MeasureFailed(f"SeaweedFS does not start: {error}\n{tail}") from error
            time.sleep(0.2)
