"""Uploading what has changed: what would go, and doing it."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import NamedTuple

from runctl.agent.s3.client import S3
from runctl.agent.s3.documents import Object
from runctl.agent.s3.location import Location
from runctl.agent.s3.transfer import upload
from runctl.agent.s3.transfer_model import LocalFile, Report, Uploaded, UploadFailed, quiet
from runctl.agent.s3.transfer_plan import parent, stamp_ns
from runctl.core.errors import RefusedError
from runctl.core.text import printable
from runctl.storage.s3 import talking
from runctl.storage.s3_files import Found, files_of
from runctl.storage.s3_record import Record, Sent
from runctl.storage.s3_same import same_contents

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_LONGEST_KEY = 1024


class UploadPlan(NamedTuple):
    """`files` are to be uploaded below `prefix`, `unchanged` ones are there already, `superfluous` objects below it
    have no file. `sent` is what to note of the unchanged ones."""

    bucket: str
    prefix: str
    files: list[Found]
    unchanged: list[Found]
    superfluous: list[Object]
    record: Record
    sent: dict[str, Sent]

    @property
    def size(self) -> int:
        """Bytes to be uploaded."""
        return sum(each.size for each in self.files)


def plan_upload(s3: S3, place: str, target: Location, home: Path, report: Report = quiet) -> UploadPlan:
    """What uploading a folder to below `target`, or a file to `target`, means. Nothing is written.

    A file's object is `target` itself, or is below it when that ends in a slash or is the whole bucket. A file is
    unchanged when its object has its size and the record knows both, when it was downloaded from the object, or when
    the contents are the same. `report` tells of reading them. Raises NotFoundError, RefusedError, CloudError.
    """
    prefix, files = _named(place, target)
    record = Record(home, target.bucket, prefix, place)
    with talking():
        objects = _objects(s3, target.bucket, prefix, files, Path(place).is_dir())
        pairs = [(file, objects.pop(file.name)) for file in files if file.name in objects]
        pairs = [(file, found) for file, found in pairs if file.size == found.size]
        known = record.read()
        same = [file for file, found in pairs if _is_known(file, found, known)]
        names = {file.name for file in same}
        same += same_contents(s3, target.bucket, [pair for pair in pairs if pair[0].name not in names], report)
    etags = {file.name: found.etag for file, found in pairs}
    sent = {file.name: Sent(file.size, file.mtime_ns, etags[file.name]) for file in same}
    changed = [file for file in files if file.name not in sent]
    return UploadPlan(target.bucket, prefix, changed, same, list(objects.values()), record, sent)


def carry_out(s3: S3, plan: UploadPlan, report: Report = quiet) -> list[Uploaded]:
    """Uploads what the plan says. Raises RunctlError, with what could not be uploaded, and CloudError."""
    files = {plan.prefix + file.name: file for file in plan.files}
    local = [LocalFile(file.path, key) for key, file in files.items()]
    uploaded: list[Uploaded] = []
    with talking():
        try:
            uploaded = upload(s3, local, plan.bucket, report, str(plan.record.folder))
        except UploadFailed as error:
            uploaded = error.uploaded
            raise
        finally:
            sent = dict(plan.sent)
            for each in uploaded:
                file = files[each.key]
                sent[file.name] = Sent(each.size, file.mtime_ns, each.etag)
            if sent != plan.record.read():
                plan.record.write(sent)
    return uploaded


def _named(place: str, target: Location) -> tuple[str, list[Found]]:
    """The prefix that the files' keys have, and the files, each with the name that comes after it."""
    files = files_of(place)
    inside = not target.key or target.key.endswith("/")
    if Path(place).is_dir():
        prefix = target.key if inside else target.key + "/"
    elif inside:
        prefix = target.key
    else:
        prefix = parent(target.key)
        files = [files[0]._replace(name=target.key[len(prefix) :])]
    for file in files:
        if len((prefix + file.name).encode()) > _LONGEST_KEY:
            what = f"{printable(file.path)} can't be uploaded: its key would be longer than {_LONGEST_KEY} bytes"
            raise RefusedError(what, "take a shorter prefix")
    return prefix, files


def _objects(s3: S3, bucket: str, prefix: str, files: list[Found], is_folder: bool) -> dict[str, Object]:
    """What is there already, by the names of files."""
    if is_folder:
        return {found.key[len(prefix) :]: found for found in s3.list(bucket, prefix)}
    # of all keys that begin with another it is the first
    first = islice(s3.list(bucket, prefix + files[0].name), 1)
    return {found.key[len(prefix) :]: found for found in first if found.key == prefix + files[0].name}


def _is_known(file: Found, found: Object, known: dict[str, Sent]) -> bool:
    return known.get(file.name) == (file.size, file.mtime_ns, found.etag) or file.mtime_ns == stamp_ns(found)
