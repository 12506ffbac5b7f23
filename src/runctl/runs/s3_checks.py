"""What must be right in S3 before anything is sent: data is there, results can be written. Nothing is left there."""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

from runctl.agent.s3.transfer_plan import find
from runctl.core.aws import Account
from runctl.storage.s3 import location, open_s3, talking

# listing more takes longer than it is worth: ten seconds or so
_MOST_COUNTED = 50_000


class DataFound(NamedTuple):
    """What a URI of data matches; `more` when there are more objects than were counted."""

    objects: int
    bytes: int
    more: bool


def find_data(account: Account, uri: str) -> DataFound:
    """Counts the objects that are meant. Raises NotFoundError naming what is near, CloudError naming the permission
    that lacks, UsageError."""
    source = location(uri)
    prefix = source.key if source.key.endswith("/") or not source.key else f"{source.key}/"
    with talking():
        s3 = open_s3(account)
        objects = list(islice(s3.list(source.bucket, prefix), _MOST_COUNTED + 1))
        if not objects:
            objects, _ = find(s3, source)
    counted = objects[:_MOST_COUNTED]
    return DataFound(len(counted), sum(each.size for each in counted), more=len(objects) > len(counted))


def check_writable(account: Account, uri: str) -> None:
    """Whether objects can be written below a prefix: an upload is begun and given up, which leaves nothing.

    Raises NotFoundError, CloudError naming the permission that lacks. These are the permissions of whoever calls; the
    machine finds out about its own before the script starts.
    """
    target = location(uri)
    key = f"{target.key}spec.json"
    with talking():
        s3 = open_s3(account)
        upload = s3.create_multipart(target.bucket, key)
        s3.abort(target.bucket, key, upload)
