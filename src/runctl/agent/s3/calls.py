"""A request to S3 before it is signed, and what its answer goes into."""

from __future__ import annotations

import zlib
from typing import Dict, Iterable, Optional, Tuple

from runctl.agent.s3 import checksums
from runctl.agent.s3.bodies import Body, local, size_of
from runctl.agent.s3.errors import S3Error, Subject
from runctl.agent.s3.signing import encoded_path, encoded_query
from runctl.agent.s3.wire import Broken, Head, Sink

_ON_BUCKETS = ("ListObjectsV2", "DeleteObjects")
_LONGEST_DOCUMENT = 64 * 1024 * 1024


class Damaged(Broken):
    """What arrived has another checksum than what was sent."""


class Call:
    """One action, whose answer is kept in `document`. It may take several attempts."""

    def __init__(
        self,
        subject: Subject,
        method: str,
        query: Iterable[Tuple[str, str]] = (),
        headers: Optional[Dict[str, str]] = None,
        body: Body = b"",
    ) -> None:
        """Raises S3Error where the key is none: empty, or no Unicode."""
        self.subject = subject
        self.method = method
        if not subject.key and subject.action not in _ON_BUCKETS:
            # S3 would take it for a request about the bucket
            raise S3Error("InvalidKey", f"{subject}: the key is empty")
        try:
            # what comes after the bucket, encoded
            self.path = "" if subject.action in _ON_BUCKETS else "/" + encoded_path(subject.key)
            self.query = encoded_query(query)
        except UnicodeEncodeError:
            raise S3Error("InvalidKey", f"{subject}: the key can't be written in UTF-8") from None
        self.body = body
        self.size = size_of(body)
        # the body's, once it was needed
        self.sha256: Optional[str] = None
        self.document = bytearray()
        # those that S3 may have seen
        self.attempts = 0
        self._headers = headers or {}

    def headers(self) -> Dict[str, str]:
        """Those of the next attempt."""
        return self._headers

    def progress(self) -> int:
        """How much of it is done, in bytes: an attempt that ends before its time but brought it on is worth another."""
        return 0

    def answered(self, head: Head) -> Sink:
        """Where the body of an answer that says yes goes. Raises S3Error where it isn't an answer to this request."""
        self.document = bytearray()
        return self._extend

    def finished(self, head: Head) -> None:
        """Called when that body is complete. Raises Damaged."""

    def _extend(self, data: memoryview) -> None:
        if len(self.document) + len(data) > _LONGEST_DOCUMENT:
            raise S3Error("TooLong", f"{self.subject}: the answer doesn't end")
        self.document += data


class Fetch(Call):
    """A GET whose body goes to `sink`, each byte once: another attempt begins where the last one ended."""

    def __init__(self, subject: Subject, start: int, end: Optional[int], sink: Sink, etag: Optional[str]) -> None:
        """`end` is exclusive; None means the whole object, from `start` 0."""
        super().__init__(subject, "GET")
        self._sink = sink
        self._start = start
        self._end = end
        self._at = start
        self._etag = etag
        self.head: Optional[Head] = None

    def headers(self) -> Dict[str, str]:
        headers = {"x-amz-checksum-mode": "ENABLED"}
        if self._end is not None and self._end > 0:
            headers["range"] = f"bytes={self._at}-{self._end - 1}"
        elif self._at:
            headers["range"] = f"bytes={self._at}-"
        if self._etag:
            headers["if-match"] = f'"{self._etag}"'
        return headers

    def progress(self) -> int:
        return self._at

    def answered(self, head: Head) -> Sink:
        length = head.headers.get("content-length", "")
        if self._end is None and not self._at:
            self._begun(head)
            return self._received
        whole = head.status == 200 and self._at == 0 and length == str(self._end)
        if not whole and not self._is_range(head, length):
            raise S3Error("NoRange", f"{self.subject}: the answer is not the part that was asked for", head.status)
        self._begun(head)
        return self._received

    def _begun(self, head: Head) -> None:
        """From now on it must be the same object."""
        if self.head is None:
            self.head = head
        self._etag = self._etag or head.headers.get("etag", "").strip('"')
        if self._end is None and head.headers.get("content-length", "").isdigit():
            self._end = self._at + int(head.headers["content-length"])

    def _is_range(self, head: Head, length: str) -> bool:
        if head.status != 206 or not head.headers.get("content-range", "").startswith(f"bytes {self._at}-"):
            return False
        return self._end is None or length == str(self._end - self._at)

    def _received(self, data: memoryview) -> None:
        with local():
            self._sink(data)
        self._at += len(data)


class Read(Call):
    """A GET whose body is kept, and is what its CRC-32 says where S3 has one."""

    def __init__(self, subject: Subject) -> None:
        super().__init__(subject, "GET", headers={"x-amz-checksum-mode": "ENABLED"})

    def finished(self, head: Head) -> None:
        expected = checksums.of_whole(head.headers)
        if expected is not None and zlib.crc32(self.document) != expected:
            raise Damaged("the bytes that came are not those that S3 has")


class Store(Call):
    """A PUT of bytes whose CRC-32 is sent along; S3 refuses others."""

    def __init__(
        self, subject: Subject, query: Iterable[Tuple[str, str]], headers: Dict[str, str], body: Body, crc32: int
    ) -> None:
        self._crc32 = checksums.written(crc32)
        super().__init__(subject, "PUT", query, {**headers, "x-amz-checksum-crc32": self._crc32}, body)

    def finished(self, head: Head) -> None:
        if head.headers.get("x-amz-checksum-crc32", self._crc32) != self._crc32:
            raise Damaged("S3 has other bytes than those that were sent")
