"""The ETags that S3 gives to objects: the MD5 of the contents, or the MD5 of the MD5s of parts."""

from __future__ import annotations

import hashlib
import sys
from typing import Any, Dict, Iterable, List, Optional

_NO_SECRET: Dict[str, Any] = {"usedforsecurity": False} if sys.version_info >= (3, 9) else {}


def md5() -> Any:
    """A new MD5, also where the system forbids it for secrets."""
    return hashlib.new("md5", **_NO_SECRET)


def composite_etag(part_digests: Iterable[bytes]) -> str:
    """The ETag of an object that was uploaded in parts, from the parts' MD5s."""
    digests: List[bytes] = list(part_digests)
    whole = md5()
    whole.update(b"".join(digests))
    return "%s-%d" % (whole.hexdigest(), len(digests))


def part_count(etag: str) -> Optional[int]:
    """In how many parts an object was uploaded; None when it was in one piece."""
    _, dash, count = etag.partition("-")
    return int(count) if dash and count.isdigit() else None
