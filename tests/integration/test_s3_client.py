"""The engine against moto's S3, with boto3 as the witness."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto.server import ThreadedMotoServer

from runctl.agent.s3.client import S3
from runctl.agent.s3.credentials import Credentials
from runctl.agent.s3.errors import NoSuchBucket, NoSuchKey, NoSuchUpload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.slow

_ODD_KEYS = [
    "a b/c+d~e",
    "é/日本",
    "x&y<z>'\"",
    "per%20cent%2F",
    "tab\there",
    "q?a=b#c",
    "(paren)*!,;:@$",
    " lead and trail ",
]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def boto(endpoint: str) -> S3Client:
    client = boto3.client(
        "s3", "us-east-1", endpoint_url=endpoint, aws_access_key_id="AKID", aws_secret_access_key="secret"
    )
    client.create_bucket(Bucket="bucket")
    for found in client.list_objects_v2(Bucket="bucket").get("Contents", []):
        client.delete_object(Bucket="bucket", Key=found["Key"])
    return client


@pytest.fixture
def s3(endpoint: str, boto: S3Client) -> Iterator[S3]:
    client = S3(lambda: Credentials("AKID", "secret"), "us-east-1", endpoint)
    yield client
    client.close()


def test_odd_keys_arrive_are_listed_fetched_and_deleted(s3: S3, boto: S3Client) -> None:
    for key in _ODD_KEYS:
        s3.put("bucket", key, key.encode())

    assert {found.key for found in s3.list("bucket", "")} == set(_ODD_KEYS)
    for key in _ODD_KEYS:
        assert boto.get_object(Bucket="bucket", Key=key)["Body"].read() == key.encode()
        assert s3.read("bucket", key) == key.encode()
    s3.delete("bucket", [*_ODD_KEYS, "was never there"])
    assert not boto.list_objects_v2(Bucket="bucket")["KeyCount"]


def test_a_listing_has_all_pages(s3: S3, boto: S3Client) -> None:
    for number in range(1050):
        s3.put("bucket", f"many/{number:05}", b"")
    boto.put_object(Bucket="bucket", Key="another", Body=b"xyz")

    listed = list(s3.list("bucket", "many/"))

    assert [found.key for found in listed] == [f"many/{number:05}" for number in range(1050)]
    s3.delete("bucket", (found.key for found in listed))
    assert [(found.key, found.size) for found in s3.list("bucket", "")] == [("another", 3)]


def test_what_lies_deeper_is_grouped(s3: S3) -> None:
    for key in ("a/1", "a/2", "b c/1", "top"):
        s3.put("bucket", key, b"")
    (page,) = s3.pages("bucket", "", "/")

    assert (page.prefixes, [found.key for found in page.objects]) == (["a/", "b c/"], ["top"])


def test_what_is_known_of_an_object(s3: S3, boto: S3Client) -> None:
    etag = s3.put("bucket", "key", b"contents", metadata={"Made-By": "me"})
    known = s3.head("bucket", "key")

    assert (known.size, known.etag, known.metadata) == (8, etag, {"made-by": "me"})
    assert known.modified_at == boto.head_object(Bucket="bucket", Key="key")["LastModified"].timestamp()


def test_bytes_and_ranges_come_as_they_are(s3: S3, boto: S3Client) -> None:
    data = random.Random(3).randbytes(2_000_000)
    boto.put_object(Bucket="bucket", Key="key", Body=data)
    whole, part = bytearray(), bytearray()

    got = s3.get("bucket", "key", 0, None, whole.extend)
    s3.get("bucket", "key", 1_000, 1_999_999, part.extend, etag=got.etag)

    assert whole == data
    assert part == data[1_000:1_999_999]
    assert got.size == len(data)


def test_an_empty_object(s3: S3) -> None:
    s3.put("bucket", "empty", b"")
    data = bytearray()

    assert s3.get("bucket", "empty", 0, None, data.extend).size == 0
    assert s3.read("bucket", "empty") == data == b""


def test_parts_become_an_object(s3: S3, boto: S3Client) -> None:
    parts = [random.Random(number).randbytes(size) for number, size in ((1, 5 << 20), (2, 5 << 20), (3, 10))]
    upload = s3.create_multipart("bucket", "key")
    sent = [
        (number, s3.put_part("bucket", "key", upload, number, part), zlib.crc32(part))
        for number, part in enumerate(parts, 1)
    ]
    there = list(s3.list_parts("bucket", "key", upload))

    etag = s3.complete("bucket", "key", upload, sent, zlib.crc32(b"".join(parts)))

    assert [(part.number, part.etag, part.size) for part in there] == [
        (number, etag, len(part)) for (number, etag, _), part in zip(sent, parts, strict=True)
    ]
    assert boto.get_object(Bucket="bucket", Key="key")["Body"].read() == b"".join(parts)
    assert s3.head("bucket", "key").etag == etag


def test_an_upload_that_is_given_up_leaves_nothing(s3: S3, boto: S3Client) -> None:
    upload = s3.create_multipart("bucket", "key")
    s3.put_part("bucket", "key", upload, 1, b"part")
    s3.abort("bucket", "key", upload)
    s3.abort("bucket", "key", upload)

    assert "Uploads" not in boto.list_multipart_uploads(Bucket="bucket")
    with pytest.raises(NoSuchUpload):
        list(s3.list_parts("bucket", "key", upload))


def test_what_is_missing_is_named(s3: S3) -> None:
    with pytest.raises(NoSuchKey, match="s3://bucket/nothing"):
        s3.read("bucket", "nothing")
    with pytest.raises(NoSuchKey):
        s3.head("bucket", "nothing")
    with pytest.raises(NoSuchBucket, match="s3://no-such-bucket/"):
        list(s3.list("no-such-bucket", ""))


@pytest.mark.parametrize("metadata", [{"a": "b\r\nx-evil: 1"}, {"é": "b"}])
def test_metadata_cant_smuggle_headers(s3: S3, metadata: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="metadata"):
        s3.put("bucket", "key", b"", metadata=metadata)
