"""The S3 that a run's data comes from and its results go to, as this machine reaches it."""

from __future__ import annotations

import os
from typing import Any, Callable

from runctl.agent.s3 import credentials
from runctl.agent.s3.client import S3
from runctl.agent.s3.errors import S3Error
from runctl.agent.s3.transfer_model import TransferError


def open_store(section: dict[str, Any], stopped: Callable[[], bool]) -> S3:
    """S3 for the `data` or `output` of a spec. This machine's own endpoint wins over the client's: it is the one that
    can be reached from here. Raises S3Error when this machine has no credentials."""
    own = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    region = section.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return S3(credentials.on_machine(), region, own or section.get("endpoint"), stopped)


def explained(error: Exception) -> str:
    """What went wrong, and what to do about it."""
    hint = error.hint if isinstance(error, (S3Error, TransferError)) else ""
    return "%s; %s" % (error, hint) if hint else str(error)
