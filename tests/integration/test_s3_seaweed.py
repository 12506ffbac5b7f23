"""The engine against a real server of S3, SeaweedFS, which checks signatures and checksums where moto believes."""

from __future__ import annotations

import hashlib
import json
import random
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from runctl.agent.s3 import transfer
from runctl.agent.s3.client import S3
from runctl.agent.s3.credentials import Credentials
from runctl.agent.s3.errors import AccessDenied, NoSuchKey, S3Error, WrongChecksum
from runctl.agent.s3.location import Location
from runctl.agent.s3.transfer_model import LocalFile
from runctl.agent.s3.waiting import Patience

pytestmark = pytest.mark.slow

WEED = Path(sys.executable).parent / "weed"
KEY, SECRET, BUCKET = "AKIATEST", "the-secret", "bucket"
HASTY = Patience(attempts=3, refusals=3, first_pause_s=0.01)
LONGEST_START_S = 90
PORTS = ("s3", "s3.grpc", "master", "master.grpc", "volume", "volume.grpc", "filer", "filer.grpc")


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with one bucket."""
    import boto3

    folder = tmp_path_factory.mktemp("seaweed")
    identity = {
        "name": "test",
        "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
        "actions": ["Admin", "Read", "Write", "List"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (folder / "data").mkdir()
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    options = [
        f"-{name.replace('.grpc', '')}.port{'.grpc' * name.endswith('.grpc')}={port}" for name, port in ports.items()
    ]
    here = ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={folder / 'data'}", "-volume.max=400"]
    command = [str(WEED), "server", "-s3", f"-s3.config={folder / 's3.json'}", *here, *options]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([*command, "-master.telemetry=false"], stdout=log, stderr=log)
    address = f"http://127.0.0.1:{ports['s3']}"
    client = boto3.client("s3", "us-east-1", endpoint_url=address, aws_access_key_id=KEY, aws_secret_access_key=SECRET)
    deadline = time.monotonic() + LONGEST_START_S
    try:
        while True:
            try:
                if not client.list_buckets()["Buckets"]:
                    client.create_bucket(Bucket=BUCKET)
                client.put_object(Bucket=BUCKET, Key="first", Body=b"x")
                client.delete_object(Bucket=BUCKET, Key="first")
                break
            except Exception:
                assert server.poll() is None and time.monotonic() < deadline, (folder / "log").read_text()[-3000:]
                time.sleep(0.2)
        yield address
    finally:
        client.close()
        server.kill()
        server.wait()


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@pytest.fixture
def s3(endpoint: str) -> Iterator[S3]:
    client = S3(lambda: Credentials(KEY, SECRET), "us-east-1", endpoint, patience=HASTY)
    yield client
    client.delete(BUCKET, [found.key for found in client.list(BUCKET, "")])
    assert list(client.list(BUCKET, "")) == []
    client.close()


def test_files_of_all_sizes_and_names_go_up_and_come_back(s3: S3, tmp_path: Path) -> None:
    draw = random.Random(1)
    names = ["a b", 'it\'s "odd"', "日本/é", "x+y%20&=?#;", "(paren)*!,:@$", "tilde~", "deep/er/and/deeper"]
    contents = {name: draw.randbytes(draw.randrange(200_000)) for name in names}
    contents.update({"empty": b"", "in-memory": draw.randbytes(1 << 20), "streamed": draw.randbytes(9 << 20)})
    contents["in-parts"] = draw.randbytes((40 << 20) + 12345)
    files = []
    for name, content in contents.items():
        path = tmp_path / "up" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        files.append(LocalFile(str(path), f"data/{name}"))

    uploaded = transfer.upload(s3, files, BUCKET, records=str(tmp_path / "records"))
    assert {each.key: each.crc32 for each in uploaded} == {
        f"data/{name}": zlib.crc32(content) for name, content in contents.items()
    }
    assert {found.key: found.size for found in s3.list(BUCKET, "data/")} == {
        f"data/{name}": len(content) for name, content in contents.items()
    }

    done = transfer.download(s3, Location(BUCKET, "data/"), str(tmp_path / "down"))
    # only what is empty is known by its size
    assert (done.files, done.verified["size"]) == (len(contents), 1)
    found = {
        str(path.relative_to(tmp_path / "down")): path for path in (tmp_path / "down").rglob("*") if path.is_file()
    }
    assert {name: digest(path.read_bytes()) for name, path in found.items()} == {
        name: digest(content) for name, content in contents.items()
    }
    assert transfer.download(s3, Location(BUCKET, "data/"), str(tmp_path / "down")).skipped == len(contents)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_more_than_a_thousand_objects_are_listed_in_order_and_deleted(s3: S3, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    keys = sorted(f"many/{number:04d}" for number in range(1200))
    transfer.upload(s3, [LocalFile(str(path), key) for key in keys], BUCKET)
    assert [found.key for found in s3.list(BUCKET, "many/")] == keys
    s3.delete(BUCKET, keys[:1100])
    assert [found.key for found in s3.list(BUCKET, "many/")] == keys[1100:]


def test_an_upload_in_parts_is_begun_gone_on_with_and_given_up(s3: S3) -> None:
    part = random.Random(2).randbytes(5 << 20)
    upload = s3.create_multipart(BUCKET, "parts")
    etag = s3.put_part(BUCKET, "parts", upload, 1, part)
    assert [(each.number, each.size, each.etag) for each in s3.list_parts(BUCKET, "parts", upload)] == [
        (1, len(part), etag)
    ]
    s3.abort(BUCKET, "parts", upload)
    s3.abort(BUCKET, "parts", upload)
    with pytest.raises(NoSuchKey):
        s3.head(BUCKET, "parts")


def test_bytes_that_are_not_what_was_announced_are_not_stored(s3: S3) -> None:
    with pytest.raises((WrongChecksum, S3Error)) as refused:
        s3.put(BUCKET, "damaged", b"these bytes", crc32=zlib.crc32(b"other bytes"))
    assert refused.value.status == 400
    with pytest.raises(NoSuchKey):
        s3.head(BUCKET, "damaged")


@pytest.mark.parametrize(("key", "secret"), [(KEY, "wrong"), ("AKIAOTHER", SECRET)])
def test_wrong_keys_are_refused(endpoint: str, s3: S3, key: str, secret: str) -> None:
    stranger = S3(lambda: Credentials(key, secret), "us-east-1", endpoint, patience=HASTY)
    for action in (lambda: list(stranger.list(BUCKET, "")), lambda: stranger.put(BUCKET, "key", b"x")):
        with pytest.raises(AccessDenied):
            action()
    stranger.close()
    assert list(s3.list(BUCKET, "")) == []
