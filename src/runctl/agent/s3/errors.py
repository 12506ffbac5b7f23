"""What S3 refuses and what goes wrong on the way to it, in words: action, place, permission and what to do.

Nothing of a request's headers gets into a message, so no secret can.
"""

from __future__ import annotations

from typing import Dict, NamedTuple, Optional, Type

_LONGEST = 400

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
_PERMISSIONS = {
    "ListObjectsV2": "s3:ListBucket",
    "HeadObject": "s3:GetObject",
    "GetObject": "s3:GetObject",
    "PutObject": "s3:PutObject",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
    "AbortMultipartUpload": "s3:AbortMultipartUpload",
    "ListParts": "s3:ListMultipartUploadParts",
    "DeleteObject": "s3:DeleteObject",
    "DeleteObjects": "s3:DeleteObject",
}


class S3Error(Exception):
    """A request that S3 refused, or that didn't come through after all attempts.

    `code` is S3's own or one of ours, `status` the HTTP status (0: there was no answer), `hint` what to do or "".
    """

    def __init__(self, code: str, message: str, status: int = 0, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.hint = hint


class NoSuchKey(S3Error):
    """There is no such object."""


class NoSuchBucket(S3Error):
    """There is no such bucket."""


class NoSuchUpload(S3Error):
    """The multipart upload was completed or aborted."""


class AccessDenied(S3Error):
    """The credentials may not do this, or are not valid."""


class Changed(S3Error):
    """The object is not the one that was expected: its ETag differs (If-Match)."""


class WrongChecksum(S3Error):
    """What arrived is not what was sent, again and again."""


class Unreachable(S3Error):
    """No answer, or none that could be used, after all attempts."""


class NoCredentials(S3Error):
    """There is nothing to sign with."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__("NoCredentials", message, hint=hint)


class Stopped(S3Error):
    """`stopped` said so while the request was under way."""

    def __init__(self) -> None:
        super().__init__("Stopped", "stopped")


_KINDS: Dict[str, Type[S3Error]] = {
    "NoSuchKey": NoSuchKey,
    "NoSuchBucket": NoSuchBucket,
    "NoSuchUpload": NoSuchUpload,
    "AccessDenied": AccessDenied,
    "AllAccessDisabled": AccessDenied,
    "AccountProblem": AccessDenied,
    "ExpiredToken": AccessDenied,
    "InvalidToken": AccessDenied,
    "InvalidAccessKeyId": AccessDenied,
    "SignatureDoesNotMatch": AccessDenied,
    "PreconditionFailed": Changed,
    "BadDigest": WrongChecksum,
}
_HINTS = {
    "NoSuchBucket": "`aws s3 ls` lists the buckets; names are the same in all regions",
    "NoSuchKey": "",
    "ExpiredToken": "get new credentials",
    "InvalidToken": "AWS_SESSION_TOKEN doesn't belong to AWS_ACCESS_KEY_ID",
    "InvalidAccessKeyId": "the access key was deleted, or belongs to another endpoint",
    "SignatureDoesNotMatch": "the secret key doesn't belong to the access key",
    "RequestTimeTooSkewed": "set the machine's clock",
    "PreconditionFailed": "it was overwritten meanwhile; start again",
}
# a HEAD request's answer has no body, so no code
_BY_STATUS = {400: "BadRequest", 403: "AccessDenied", 404: "NoSuchKey", 412: "PreconditionFailed"}


class Subject(NamedTuple):
    """What a request is about: action, bucket and key, or the keys' common beginning."""

    action: str
    bucket: str
    key: str = ""

    def __str__(self) -> str:
        return f"{self.action} s3://{shown(self.bucket)}/{shown(self.key)}"


def refusal(subject: Subject, status: int, code: str, message: str, region: str = "") -> S3Error:
    """The error for an answer that says no. `region` is where S3 says that the bucket is."""
    if not code:
        code = _BY_STATUS.get(status, "")
    if code == "NoSuchKey" and not subject.key:
        code = "NoSuchBucket"
    code = shown(code)
    kind = _KINDS.get(code, AccessDenied if status in (401, 403) else S3Error)
    hint = _HINTS.get(code, "")
    if code == "AccessDenied":
        hint = f"it takes the permission {_permission(subject)}"
    answer = f"{code or 'status'} ({status})"
    if region and 300 <= status < 400:
        hint = f"the bucket is in {region}, and the endpoint is another region's"
    words = shown(message)
    return kind(code, f"{subject}: {answer}{': ' + words if words else ''}", status, hint)


def shown(text: str, longest: int = _LONGEST) -> str:
    """`text` in one line, with nothing that a terminal would act on, cut to `longest` characters."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in cut)


def _permission(subject: Subject) -> str:
    permission = _PERMISSIONS[subject.action]
    resource = shown(subject.bucket)
    if permission != "s3:ListBucket":
        resource += f"/{shown(subject.key) or '*'}"
    needed = f"{permission} on arn:aws:s3:::{resource}"
    if subject.action == "HeadObject":
        needed += f" (or, if there is no such object, s3:ListBucket on arn:aws:s3:::{shown(subject.bucket)})"
    return needed


def first(*values: Optional[str]) -> str:
    """The first of `values` that is not empty, or ""."""
    return next((value for value in values if value), "")
