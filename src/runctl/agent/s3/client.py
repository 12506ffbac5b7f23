"""S3's actions, each retried until it is done or can't be: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html"""

from __future__ import annotations

from typing import Callable, Dict, Iterable, Iterator, Mapping, NamedTuple, Optional, Tuple, TypeVar

from runctl.agent.s3 import checksums, documents
from runctl.agent.s3.bodies import Body, LocalFailure, crc32_of
from runctl.agent.s3.calls import Call, Fetch, Read, Store
from runctl.agent.s3.credentials import Source
from runctl.agent.s3.deletion import delete
from runctl.agent.s3.documents import BadDocument, Object, Page, Part
from runctl.agent.s3.errors import NoSuchUpload, S3Error, Subject
from runctl.agent.s3.retrying import perform
from runctl.agent.s3.sending import Answer
from runctl.agent.s3.session import Session
from runctl.agent.s3.waiting import Patience, Waiting
from runctl.agent.s3.wire import Sink

_Read = TypeVar("_Read")


class Head(NamedTuple):
    """What is known of an object. `size` in bytes, `modified_at` in seconds since the epoch.

    `crc32` is that of the whole object, None where S3 has none. `parts` of a multipart upload are counted where S3 was
    asked about one of them.
    """

    key: str
    size: int
    etag: str
    modified_at: float
    metadata: Dict[str, str]
    crc32: Optional[int]
    etag_is_md5: bool
    parts: Optional[int]


class Got(NamedTuple):
    """What came with an object's bytes: its whole `size`, and its checksums as `Head` has them."""

    size: int
    etag: str
    crc32: Optional[int]
    etag_is_md5: bool


def _never() -> bool:
    return False


class S3:
    """Thread-safe. Every method raises S3Error, or OSError where a file here can't be read or written."""

    def __init__(
        self,
        credentials: Source,
        region: Optional[str],
        endpoint: Optional[str],
        stopped: Callable[[], bool] = _never,
        patience: Patience = Patience(),  # noqa: B008
    ) -> None:
        """Nothing is sent yet. Without a region that of the environment is used; a bucket's own is learnt. Without an
        endpoint it is AWS. `stopped` is asked four times a second at least while a request is under way. Raises
        ValueError where `endpoint` is no address."""
        self._session = Session(credentials, region, endpoint)
        self._waiting = Waiting(patience, stopped)

    def until(self, stopped: Callable[[], bool]) -> S3:
        """The same client, with its connections, for requests that end when either `stopped` says so."""
        other = S3.__new__(S3)
        other._session = self._session
        mine = self._waiting.stopped
        other._waiting = Waiting(self._waiting.patience, lambda: mine() or stopped())
        return other

    def close(self) -> None:
        """Closes the connections that no request is using."""
        self._session.pool.close()

    def list(self, bucket: str, prefix: str) -> Iterator[Object]:
        """Every object whose key begins with `prefix`, by key."""
        for page in self.pages(bucket, prefix):
            yield from page.objects

    def pages(self, bucket: str, prefix: str, delimiter: str = "") -> Iterator[Page]:
        """The listing in pages of 1,000; what lies deeper than the next `delimiter` is grouped."""
        token: Optional[str] = None
        while True:
            query = [("list-type", "2"), ("encoding-type", "url"), ("prefix", prefix)]
            if delimiter:
                query.append(("delimiter", delimiter))
            if token is not None:
                query.append(("continuation-token", token))
            call = Call(Subject("ListObjectsV2", bucket, prefix), "GET", query)
            page = self._document(call, documents.page)
            yield page
            if page.next_token is None:
                return
            token = page.next_token

    def head(self, bucket: str, key: str, part_number: Optional[int] = None) -> Head:
        """What S3 knows of an object; with a `part_number`, `size` is that part's. Raises NoSuchKey."""
        query = [] if part_number is None else [("partNumber", str(part_number))]
        call = Call(Subject("HeadObject", bucket, key), "HEAD", query, {"x-amz-checksum-mode": "ENABLED"})
        headers = self._perform(call).head.headers
        parts = headers.get("x-amz-mp-parts-count", "")
        return Head(
            key,
            int(headers.get("content-length", "0")),
            headers.get("etag", "").strip('"'),
            documents.http_date(headers.get("last-modified", "")),
            {name[11:]: value for name, value in headers.items() if name.startswith("x-amz-meta-")},
            checksums.of_whole(headers),
            _etag_is_md5(headers),
            int(parts) if parts.isdigit() else None,
        )

    def get(self, bucket: str, key: str, start: int, end: Optional[int], sink: Sink, etag: Optional[str] = None) -> Got:
        """Hands the bytes from `start` up to `end` (exclusive; None with `start` 0 is the whole object) to `sink`, in
        order and each once, in pieces that are valid until the next. Fewer than were announced are never taken for all.

        What `sink` raises comes out. Raises Changed where the object's ETag is, or becomes, another than `etag`. The
        bytes' checksum is the caller's to compare: S3 tells one only for whole objects.
        """
        call = Fetch(Subject("GetObject", bucket, key), start, end, sink, etag)
        self._perform(call)
        assert call.head is not None
        headers = call.head.headers
        _, _, size = headers.get("content-range", "").partition("/")
        return Got(
            int(size or headers.get("content-length", "0")),
            headers.get("etag", "").strip('"'),
            checksums.of_whole(headers) if call.head.status == 200 else None,
            _etag_is_md5(headers),
        )

    def read(self, bucket: str, key: str) -> bytes:
        """A small object's bytes, verified where S3 has their checksum. Raises NoSuchKey, WrongChecksum."""
        call = Read(Subject("GetObject", bucket, key))
        self._perform(call)
        return bytes(call.document)

    def put(
        self,
        bucket: str,
        key: str,
        body: Body,
        crc32: Optional[int] = None,
        metadata: Optional[Dict[str, str]] = None,
    ) -> str:
        """Stores up to 5 GiB in one request. Returns the ETag. `crc32` is the body's, if it is known. Raises ValueError
        where `metadata` isn't printable ASCII."""
        return self._store(Subject("PutObject", bucket, key), (), _metadata(metadata), body, crc32)

    def create_multipart(self, bucket: str, key: str, metadata: Optional[Dict[str, str]] = None) -> str:
        """Begins an upload in parts. Returns its id."""
        headers = {"x-amz-checksum-algorithm": "CRC32", "x-amz-checksum-type": "FULL_OBJECT", **_metadata(metadata)}
        call = Call(Subject("CreateMultipartUpload", bucket, key), "POST", [("uploads", "")], headers)
        return self._document(call, documents.upload_id)

    def put_part(
        self, bucket: str, key: str, upload_id: str, number: int, body: Body, crc32: Optional[int] = None
    ) -> str:
        """Sends part `number` (1 to 10,000). Returns its ETag. Raises NoSuchUpload."""
        query = [("partNumber", str(number)), ("uploadId", upload_id)]
        return self._store(Subject("UploadPart", bucket, key), query, {}, body, crc32)

    def complete(
        self, bucket: str, key: str, upload_id: str, parts: Iterable[Tuple[int, str, Optional[int]]], crc32: int
    ) -> str:
        """Makes an object of the parts (number, ETag, CRC-32), whose CRC-32 as a whole S3 compares. Returns the ETag.

        Raises NoSuchUpload where it was completed or aborted before this call, by somebody else.
        """
        headers = {"x-amz-checksum-crc32": checksums.written(crc32), "x-amz-checksum-type": "FULL_OBJECT"}
        subject = Subject("CompleteMultipartUpload", bucket, key)
        call = Call(subject, "POST", [("uploadId", upload_id)], headers, documents.completion(parts))
        try:
            return self._document(call, documents.etag)
        except NoSuchUpload:
            there = self.head(bucket, key) if call.attempts > 1 else None
            if there is None or there.crc32 != crc32:
                raise
            # an attempt that seemed to fail had been successful
            return there.etag

    def abort(self, bucket: str, key: str, upload_id: str) -> None:
        """Gives an upload and its parts up; one that is gone already is fine."""
        call = Call(Subject("AbortMultipartUpload", bucket, key), "DELETE", [("uploadId", upload_id)])
        try:
            self._perform(call)
        except NoSuchUpload:
            pass

    def list_parts(self, bucket: str, key: str, upload_id: str) -> Iterator[Part]:
        """The parts that S3 has. Raises NoSuchUpload."""
        marker: Optional[str] = None
        while True:
            query = [("uploadId", upload_id)]
            if marker is not None:
                query.append(("part-number-marker", marker))
            parts, marker = self._document(Call(Subject("ListParts", bucket, key), "GET", query), documents.parts)
            yield from parts
            if marker is None:
                return

    def delete(self, bucket: str, keys: Iterable[str]) -> None:
        """Deletes the objects, 1,000 a request; those that aren't there are fine. Goes on after a key that can't be
        deleted, and then raises its S3Error."""
        delete(self._session, self._waiting, bucket, keys)

    def _store(
        self,
        subject: Subject,
        query: Iterable[Tuple[str, str]],
        headers: Dict[str, str],
        body: Body,
        crc32: Optional[int],
    ) -> str:
        try:
            known = crc32_of(body) if crc32 is None else crc32
        except LocalFailure as exc:
            raise exc.error from exc
        return self._perform(Store(subject, query, headers, body, known)).etag

    def _perform(self, call: Call) -> Answer:
        return perform(self._session, self._waiting, call)

    def _document(self, call: Call, read: Callable[[bytes], _Read]) -> _Read:
        answer = self._perform(call)
        try:
            return read(bytes(call.document))
        except BadDocument as exc:
            message = f"{call.subject}: the answer is not one of S3: {exc}"
            raise S3Error("BadDocument", message, answer.head.status, "is the endpoint one of S3?") from exc


def _metadata(metadata: Optional[Dict[str, str]]) -> Dict[str, str]:
    for name, value in (metadata or {}).items():
        if not (f"{name}{value}".isascii() and f"{name}{value}".isprintable()):
            raise ValueError(f"metadata that is not printable ASCII: {name!r}")
    return {f"x-amz-meta-{name.lower()}": value for name, value in (metadata or {}).items()}


def _etag_is_md5(headers: Mapping[str, str]) -> bool:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html: not with keys of KMS or of the customer."""
    encryption = headers.get("x-amz-server-side-encryption", "")
    return not encryption.startswith("aws:kms") and "x-amz-server-side-encryption-customer-algorithm" not in headers
