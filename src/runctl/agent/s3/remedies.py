"""Answers that say no, where S3 tells what would be right: region, clock, newer credentials. Each is learnt once, for
all requests of the client."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Set
from urllib.parse import urlsplit

from runctl.agent.s3.calls import Call
from runctl.agent.s3.documents import error_in
from runctl.agent.s3.sending import Answer
from runctl.agent.s3.session import Session

# a document with status 200 may be an error as well: the status was sent before S3 knew
_LATE_ERRORS = ("CompleteMultipartUpload", "DeleteObjects", "ListObjectsV2")
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired")
_REDIRECTS = (301, 302, 303, 307, 308)
_REGION = re.compile(r"[a-z0-9-]{1,40}")
_REGION_IN_HOST = re.compile(r"(?:^|\.)s3[.-]([a-z]{2}-[a-z-]+-\d)\.amazonaws\.com(?:\.cn)?")
# S3 allows 15 minutes; an answer may have been under way for some
_SKEW_S = 240.0


class Trouble(NamedTuple):
    """What S3 says is wrong. A HEAD request's answer has no `code`. `region` is where the bucket is, or ""."""

    status: int
    code: str
    message: str
    region: str


def trouble_in(call: Call, answer: Answer) -> Optional[Trouble]:
    """None where S3 did what was asked."""
    if answer.is_yes:
        found = error_in(bytes(call.document)) if call.subject.action in _LATE_ERRORS else None
        return Trouble(answer.head.status, found.code, found.message, "") if found else None
    found = error_in(answer.error)
    region = answer.head.headers.get("x-amz-bucket-region", "") or (found.region if found else "")
    if not region and answer.head.status in _REDIRECTS:
        region = _region_of(answer.head.headers.get("location", ""))
    if not _REGION.fullmatch(region):
        region = ""
    return Trouble(answer.head.status, found.code if found else "", found.message if found else "", region)


class Remedies:
    """What was tried for one request; nothing is tried twice."""

    def __init__(self, session: Session, bucket: str) -> None:
        self._session = session
        self._bucket = bucket
        self._tried: Set[str] = set()

    def help(self, answer: Answer, trouble: Trouble) -> bool:
        """Whether another attempt is signed otherwise than `answer`'s was. Raises NoCredentials, Stopped."""
        if trouble.region and trouble.region != answer.signed.region and trouble.status in (*_REDIRECTS, 400):
            self._session.learn_region(self._bucket, trouble.region)
            return self._is_new("region " + trouble.region)
        if trouble.status == 417 and self._is_new("expect"):
            self._session.expects = False
            return True
        if trouble.code == "RequestTimeTooSkewed" or (trouble.status == 403 and not trouble.code):
            return self._clock(answer)
        if trouble.code in _EXPIRED or (trouble.status == 400 and not trouble.code):
            return self._is_new("credentials") and self._session.renew_credentials(answer.signed.credentials)
        return False

    def _clock(self, answer: Answer) -> bool:
        from email.utils import parsedate_to_datetime

        try:
            date = parsedate_to_datetime(answer.head.headers.get("date", "")).timestamp()
        except (TypeError, ValueError, IndexError):
            return False
        if abs(date - answer.signed.at) < _SKEW_S or not self._is_new("clock"):
            return False
        self._session.set_clock(date)
        return True

    def _is_new(self, remedy: str) -> bool:
        is_new = remedy not in self._tried
        self._tried.add(remedy)
        return is_new


def _region_of(location: str) -> str:
    try:
        found = _REGION_IN_HOST.search(urlsplit(location).hostname or "")
    except ValueError:
        return ""
    return found.group(1) if found else ""
