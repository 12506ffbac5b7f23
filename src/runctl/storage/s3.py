"""S3 for the client: the agent's engine with this user's credentials; its errors become ours here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from runctl.agent.s3.client import S3
from runctl.agent.s3.errors import AccessDenied, NoCredentials, NoSuchBucket, NoSuchKey, S3Error
from runctl.agent.s3.location import Location, parse
from runctl.agent.s3.transfer_model import NoMatch, Refused, TransferError
from runctl.core.errors import CloudError, NotFoundError, RefusedError, RunctlError, UsageError

if TYPE_CHECKING:
    from runctl.core.aws import Account

_NOT_FOUND = (NoMatch, NoSuchBucket, NoSuchKey)


def open_s3(account: Account) -> S3:
    """S3 as the settings, AWS's variables and ~/.aws have it; nothing is asked of it yet. Raises CloudError,
    UsageError."""
    return S3(account.credentials(), account.region, account.endpoint("s3"))


def location(uri: str) -> Location:
    """What `s3://BUCKET/KEY` names. Raises UsageError."""
    try:
        return parse(uri)
    except ValueError as error:
        raise UsageError(str(error), hint="such as s3://my-bucket/data/") from None


def is_uri(text: str) -> bool:
    """Whether it names something in S3 rather than on this machine."""
    return text[:5].lower() == "s3://"


@contextmanager
def talking() -> Iterator[None]:
    """Turns the engine's errors within the block into NotFoundError, RefusedError, CloudError or RunctlError."""
    try:
        yield
    except S3Error as error:
        raise _translated(error) from error


def _translated(error: S3Error) -> RunctlError:
    hint = error.hint or None
    if isinstance(error, _NOT_FOUND):
        return NotFoundError(error.message, hint)
    if isinstance(error, Refused):
        return RefusedError(error.message, hint)
    if isinstance(error, NoCredentials | AccessDenied):
        return CloudError(error.message, hint or "see: runctl aws doctor", error.code)
    if isinstance(error, TransferError):
        return RunctlError(error.message, hint)
    return CloudError(error.message, hint, error.code)
