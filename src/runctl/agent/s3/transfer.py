"""Folders and S3: everything below a prefix into a folder, and files into a bucket."""

from __future__ import annotations

from typing import Iterable, List, Optional

from runctl.agent.s3 import transfer_download, transfer_upload
from runctl.agent.s3.client import S3
from runctl.agent.s3.location import Location
from runctl.agent.s3.transfer_model import Downloaded, LocalFile, Report, Uploaded, quiet
from runctl.agent.s3.transfer_plan import plan_download


def download(s3: S3, source: Location, folder: str, report: Report = quiet) -> Downloaded:
    """Everything below `source`, or the one object that it names, into `folder`, which is made.

    In parallel; unchanged files are left alone; a download that was cut off is gone on with. `report` is called in
    the caller's thread, ten times a second at most. Raises NoMatch when nothing has that name, Refused when a check
    fails (names, room) and nothing was done, any S3Error; WriteFailed when the disk is full.
    """
    return transfer_download.carry_out(s3, plan_download(s3, source, folder), report)


def upload(
    s3: S3, files: Iterable[LocalFile], bucket: str, report: Report = quiet, records: Optional[str] = None
) -> List[Uploaded]:
    """Uploads files, in parallel, in the order in which they were done.

    `records` is a folder for notes about uploads that are under way: with it an upload of a large file that was cut
    off is gone on with, without it its parts are removed from S3. Raises UploadFailed when files could not be
    uploaded and the others were; AccessDenied, NoSuchBucket, NoCredentials, Stopped at once.
    """
    return transfer_upload.carry_out(s3, files, bucket, report, records)
