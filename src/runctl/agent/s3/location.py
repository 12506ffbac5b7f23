"""`s3://bucket/key`, taken apart."""

from __future__ import annotations

import re
from typing import NamedTuple

_SCHEME = "s3://"
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")


class Location(NamedTuple):
    """An object, or everything whose key begins with `key`. An empty key is the whole bucket."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"{_SCHEME}{self.bucket}/{self.key}"


def parse(uri: str) -> Location:
    """The place that `s3://bucket/key` names. The key is taken literally: nothing in it is decoded.

    Raises ValueError with what is wrong.
    """
    if uri[: len(_SCHEME)].lower() != _SCHEME:
        raise ValueError(f"{uri!r} doesn't begin with s3://")
    bucket, _, key = uri[len(_SCHEME) :].partition("/")
    if not bucket:
        raise ValueError(f"{uri!r} names no bucket: s3://BUCKET/PREFIX/")
    if bucket.startswith("arn:"):
        raise ValueError(f"{uri!r}: access points are not supported, only buckets by name")
    if not _BUCKET.fullmatch(bucket):
        raise ValueError(f"{bucket!r} can't be a bucket: 3 letters, digits, dots and hyphens or more")
    return Location(bucket, key)
