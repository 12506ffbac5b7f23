"""A large file while it is uploaded in parts.

Where a folder for records is given, an upload that was cut off is gone on with: S3 keeps the parts, and the record says
under which id.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from typing import Dict, Optional, Tuple

from runctl.agent.s3 import checksums
from runctl.agent.s3.bodies import Slice
from runctl.agent.s3.client import S3
from runctl.agent.s3.errors import NoSuchUpload, S3Error
from runctl.agent.s3.transfer_model import LocalFile, Uploaded
from runctl.agent.s3.transfer_reading import Reading

PART = 8 * 1024 * 1024
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
_MOST_PARTS = 10_000


class Multipart:
    """The upload of one large file. Methods may be called by several threads."""

    def __init__(self, bucket: str, file: LocalFile, reading: Reading, records: Optional[str]) -> None:
        self.file = file
        self.reading = reading
        self._bucket = bucket
        self._records = records
        part = PART * max(1, -(-reading.size // (PART * _MOST_PARTS)))
        self.spans = [(start, min(reading.size, start + part)) for start in range(0, reading.size, part)]
        self._about = [bucket, file.key, os.path.abspath(file.path), reading.size, reading.mtime_ns, part]
        self._id: Optional[str] = None
        self._sent: Dict[int, Tuple[str, int]] = {}
        self._there: Dict[int, Tuple[str, int]] = {}
        self._left = len(self.spans)
        self._lock = threading.Lock()
        self.error: Optional[Exception] = None

    def send(self, s3: S3, number: int) -> None:
        """Uploads a part, unless it is there already. Raises S3Error, OSError."""
        start, end = self.spans[number]
        upload_id = self._begun(s3)
        there = self._there.get(number + 1)
        digests = self.reading.digests(start, end, with_md5=there is not None)
        if there == (digests.md5, end - start):
            etag = digests.md5
        else:
            body = Slice(self.file.path, start, end - start)
            etag = s3.put_part(self._bucket, self.file.key, upload_id, number + 1, body, digests.crc32)
        with self._lock:
            self._sent[number] = (etag, digests.crc32)

    def settle(self) -> bool:
        """Counts a part that was sent or has failed. Returns whether it was the last one."""
        with self._lock:
            self._left -= 1
            return not self._left

    def complete(self, s3: S3) -> Uploaded:
        """Makes an object of the parts. Raises FileChanged, S3Error."""
        self.reading.check_unchanged()
        sent = [self._sent[number] for number in range(len(self.spans))]
        whole = checksums.combined(
            (crc32, end - start)
            for (_, crc32), (start, end) in zip(sent, self.spans)  # noqa: B905 - Python 3.8
        )
        parts = [(number, etag, crc32) for number, (etag, crc32) in enumerate(sent, 1)]
        etag = s3.complete(self._bucket, self.file.key, self._begun(s3), parts, whole)
        self._forget()
        return Uploaded(self.file.key, self.reading.size, whole, etag, self.reading.mtime_ns / 1e9)

    def abandon(self, s3: S3) -> None:
        """Has S3 throw away the parts, which cost money as long as they are there."""
        if self._id is None:
            return
        try:
            s3.abort(self._bucket, self.file.key, self._id)
        except S3Error:
            return  # the record stays, so that the next upload of the file takes them up
        self._forget()

    def _begun(self, s3: S3) -> str:
        """The upload's id: that of the record, else a new one."""
        with self._lock:
            if self._id is None:
                self._id = self._resumed(s3) or self._created(s3)
            return self._id

    def _resumed(self, s3: S3) -> Optional[str]:
        path = self._record()
        if path is None:
            return None
        try:
            with open(path, encoding="utf-8") as record:
                about, upload_id = json.load(record)
        except (OSError, ValueError):
            return None
        try:
            if about != self._about:
                s3.abort(self._bucket, self.file.key, upload_id)
                return None
            listed = s3.list_parts(self._bucket, self.file.key, upload_id)
        except NoSuchUpload:
            return None
        self._there = {part.number: (part.etag, part.size) for part in listed}
        return str(upload_id)

    def _created(self, s3: S3) -> str:
        upload_id: str = s3.create_multipart(self._bucket, self.file.key)
        path = self._record()
        if path is not None:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path + ".new", "w", encoding="utf-8") as record:
                json.dump([self._about, upload_id], record)
            os.replace(path + ".new", path)
        return upload_id

    def _record(self) -> Optional[str]:
        if self._records is None:
            return None
        name = hashlib.sha256(json.dumps(self._about[:3]).encode()).hexdigest()[:32]
        return os.path.join(self._records, name + ".upload.json")

    def _forget(self) -> None:
        path = self._record()
        if path is not None:
            try:
                os.unlink(path)
            except FileNotFoundError:
                pass
