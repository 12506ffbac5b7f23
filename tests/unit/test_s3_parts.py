"""The small parts of the S3 engine: places, checksums, XML."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runctl.agent.s3 import checksums, documents
from runctl.agent.s3.endpoints import parse_endpoint, place_of
from runctl.agent.s3.location import Location, parse


@pytest.mark.parametrize(
    ("uri", "bucket", "key"),
    [
        ("s3://bucket", "bucket", ""),
        ("s3://bucket/", "bucket", ""),
        ("S3://bucket/a/b/", "bucket", "a/b/"),
        ("s3://bucket//a?b#c%20", "bucket", "/a?b#c%20"),
    ],
)
def test_a_uri_is_taken_literally(uri: str, bucket: str, key: str) -> None:
    assert parse(uri) == Location(bucket, key)


@pytest.mark.parametrize(
    "uri", ["", "bucket/key", "s3:/bucket", "s3://", "s3:///key", "s3://arn:aws:s3:x", "s3://a b/c"]
)
def test_what_is_no_place_in_s3_is_said(uri: str) -> None:
    with pytest.raises(ValueError, match=r"s3://|bucket"):
        parse(uri)


@pytest.mark.parametrize(
    ("bucket", "region", "endpoint", "host", "path"),
    [
        ("data", "eu-west-1", None, "data.s3.eu-west-1.amazonaws.com", ""),
        ("my.data", "us-east-1", None, "s3.us-east-1.amazonaws.com", "/my.data"),
        ("OLD_style", "us-east-1", None, "s3.us-east-1.amazonaws.com", "/OLD_style"),
        ("data", "cn-north-1", None, "data.s3.cn-north-1.amazonaws.com.cn", ""),
        ("data", "x", "http://localhost:9000", "localhost:9000", "/data"),
        ("data", "x", "https://host:443/s3/", "host", "/s3/data"),
        ("data", "x", "http://[::1]:80", "[::1]", "/data"),
    ],
)
def test_a_bucket_has_its_own_host_where_a_certificate_can_be_for_it(
    bucket: str, region: str, endpoint: str | None, host: str, path: str
) -> None:
    place = place_of(bucket, region, parse_endpoint(endpoint) if endpoint else None)

    assert (place.host, place.path) == (host, path)


@pytest.mark.parametrize("url", ["localhost:9000", "ftp://x", "http://", "https://user:word@host"])
def test_an_endpoint_must_be_an_address(url: str) -> None:
    with pytest.raises(ValueError, match="endpoint"):
        parse_endpoint(url)


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_the_crc_of_a_whole_follows_from_its_parts(parts: list[bytes]) -> None:
    assert checksums.combined((zlib.crc32(part), len(part)) for part in parts) == zlib.crc32(b"".join(parts))


def test_even_of_parts_of_gigabytes() -> None:
    zeros = zlib.crc32(bytes(1 << 20))
    assert checksums.combined([(zeros, 1 << 20)] * 5000) == checksums.combined(
        [(checksums.combined([(zeros, 1 << 20)] * 2500), 2500 << 20)] * 2
    )


@given(st.integers(0, 2**32 - 1))
def test_a_checksum_is_read_as_it_was_written(crc32: int) -> None:
    assert checksums.read(checksums.written(crc32)) == crc32


@pytest.mark.parametrize("text", [None, "", "AAAAAA==-3", "AAAA", "not base64", "AAAAAAAAAAA="])
def test_what_is_no_checksum_of_a_whole_object_is_none(text: str | None) -> None:
    assert checksums.read(text) is None


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_keys_survive_the_deletion_document(key: str) -> None:
    if documents.is_writable(key):
        root = documents.parsed(documents.deletion([key]))
        assert [element.text or "" for element in root.iterfind("{*}Object/{*}Key")] == [key]


def test_a_listing_is_decoded() -> None:
    page = documents.page(
        b'<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        b"<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>t+/=</NextContinuationToken>"
        b"<Contents><Key>a+b%2Bc%0A%C3%A9</Key><LastModified>2009-10-12T17:50:30.250Z</LastModified>"
        b"<ETag>&quot;abc&quot;</ETag><Size>434234</Size></Contents>"
        b"<CommonPrefixes><Prefix>x%2F/</Prefix></CommonPrefixes></ListBucketResult>"
    )

    assert page.objects == [documents.Object("a b+c\né", 434234, "abc", 1255369830.25)]
    assert (page.prefixes, page.next_token) == (["x//"], "t+/=")


def test_a_header_with_a_date_is_read_whatever_the_locale() -> None:
    assert documents.http_date("Mon, 12 Oct 2009 17:50:30 GMT") == 1255369830
    assert documents.http_date("yesterday") == 0
