"""Deleting many objects, and knowing which are still there."""

from __future__ import annotations

from itertools import islice
from typing import Iterable, List, Optional, Tuple

from runctl.agent.s3 import checksums, documents
from runctl.agent.s3.bodies import crc32_of
from runctl.agent.s3.calls import Call
from runctl.agent.s3.documents import BadDocument, ErrorDocument
from runctl.agent.s3.errors import S3Error, Subject, refusal
from runctl.agent.s3.retrying import CODES, perform
from runctl.agent.s3.session import Session
from runctl.agent.s3.waiting import Waiting

_AT_ONCE = 1000
_Failure = Tuple[str, ErrorDocument]


def delete(session: Session, waiting: Waiting, bucket: str, keys: Iterable[str]) -> None:
    """Deletes what is there of `keys`. Raises the S3Error of the first that can't be deleted, after all others are."""
    problem: Optional[S3Error] = None
    remaining = iter(keys)
    while True:
        batch = list(islice(remaining, _AT_ONCE))
        if not batch:
            break
        for key in batch:
            if not documents.is_writable(key):
                perform(session, waiting, Call(Subject("DeleteObject", bucket, key), "DELETE"))
        writable = [key for key in batch if documents.is_writable(key)]
        problem = problem or (_deleted(session, waiting, bucket, writable) if writable else None)
    if problem is not None:
        raise problem


def _deleted(session: Session, waiting: Waiting, bucket: str, keys: List[str]) -> Optional[S3Error]:
    for attempt in range(waiting.patience.attempts):
        waiting.pause(attempt * waiting.patience.first_pause_s)
        failures = _asked(session, waiting, bucket, keys)
        if not failures:
            return None
        keys = [key for key, error in failures if error.code in CODES]
        if not keys:
            break
    key, error = failures[0]
    return refusal(Subject("DeleteObjects", bucket, key), 200, error.code, error.message)


def _asked(session: Session, waiting: Waiting, bucket: str, keys: List[str]) -> List[_Failure]:
    body = documents.deletion(keys)
    headers = {"x-amz-checksum-crc32": checksums.written(crc32_of(body)), "content-type": "application/xml"}
    call = Call(Subject("DeleteObjects", bucket), "POST", [("delete", "")], headers, body)
    perform(session, waiting, call)
    try:
        return documents.not_deleted(bytes(call.document))
    except BadDocument as exc:
        raise S3Error("BadDocument", f"{call.subject}: the answer is not one of S3: {exc}", 200) from exc
