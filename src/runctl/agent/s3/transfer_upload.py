"""Carries an upload out: files in parallel, large ones in parts, each body with the CRC32 that S3 compares it with."""

from __future__ import annotations

import zlib
from typing import Iterable, List, NamedTuple, Optional, Tuple, Union

from runctl.agent.s3.bodies import Slice
from runctl.agent.s3.client import S3
from runctl.agent.s3.errors import AccessDenied, NoCredentials, NoSuchBucket, Stopped
from runctl.agent.s3.transfer_model import FileChanged, LocalFile, Report, Uploaded, UploadFailed
from runctl.agent.s3.transfer_multipart import PART, Multipart
from runctl.agent.s3.transfer_reading import Reading
from runctl.agent.s3.transfer_workers import Tally, Workers

_THREADS = 16
# files up to this size are read at once
_IN_MEMORY = 1024 * 1024
# the same would happen to every other file
_FATAL = (AccessDenied, NoCredentials, NoSuchBucket, Stopped)


class _Part(NamedTuple):
    """One part of a large file, as a task."""

    upload: Multipart
    number: int


class _Small(NamedTuple):
    """A file that goes in one piece, as a task."""

    file: LocalFile
    reading: Reading


_Task = Union[_Small, _Part]
_Result = Union[None, Uploaded, Tuple[LocalFile, Exception]]


def carry_out(
    s3: S3, files: Iterable[LocalFile], bucket: str, report: Report, records: Optional[str]
) -> List[Uploaded]:
    """Uploads the files, whatever becomes of any one of them. Raises UploadFailed at the end; at once what would
    happen to every file: AccessDenied, NoSuchBucket, NoCredentials, Stopped."""
    failed: List[Tuple[LocalFile, Exception]] = []
    small: List[_Task] = []
    large: List[Multipart] = []
    for file in files:
        try:
            reading = Reading(file.path)
        except (OSError, FileChanged) as error:
            failed.append((file, error))
            continue
        if reading.size > 2 * PART:
            large.append(Multipart(bucket, file, reading, records))
        else:
            small.append(_Small(file, reading))
    size = sum(task.reading.size for task in small if isinstance(task, _Small)) + sum(
        each.reading.size for each in large
    )
    tally = Tally(len(small) + len(large), size, report)
    parts: List[_Task] = [_Part(upload, number) for upload in large for number in range(len(upload.spans))]
    try:
        results = Workers(s3, _Job(bucket, tally).send, _THREADS, tally).run(parts + small)
    except BaseException as error:
        if records is None or isinstance(error, _FATAL[:3]):
            for upload in large:
                upload.abandon(s3)
        raise
    uploaded = [result for _, result in results if isinstance(result, Uploaded)]
    failed += [result for _, result in results if result and not isinstance(result, Uploaded)]
    if failed:
        raise UploadFailed(failed, uploaded)
    return uploaded


class _Job:
    """What a worker does with a file, or with a part of one."""

    def __init__(self, bucket: str, tally: Tally) -> None:
        self._bucket, self._tally = bucket, tally

    def send(self, s3: S3, task: _Task) -> _Result:
        """The uploaded object, or the file and why it could not be; None while parts of it are missing."""
        if isinstance(task, _Part):
            return self._part(s3, task.upload, task.number)
        try:
            return self._whole(s3, task)
        except _FATAL:
            raise
        except Exception as error:
            return task.file, error

    def _whole(self, s3: S3, task: _Small) -> Uploaded:
        file, reading = task
        if reading.size <= _IN_MEMORY:
            data = reading.contents()
            crc32 = zlib.crc32(data)
            etag = s3.put(self._bucket, file.key, data, crc32)
        else:
            crc32 = reading.digests(0, reading.size, with_md5=False).crc32
            etag = s3.put(self._bucket, file.key, Slice(file.path, 0, reading.size), crc32)
            reading.check_unchanged()
        self._tally.add(reading.size)
        self._tally.file_done()
        return Uploaded(file.key, reading.size, crc32, etag, reading.mtime_ns / 1e9)

    def _part(self, s3: S3, upload: Multipart, number: int) -> _Result:
        if upload.error is None:
            try:
                upload.send(s3, number)
                start, end = upload.spans[number]
                self._tally.add(end - start)
            except _FATAL:
                raise
            except Exception as error:
                upload.error = error
        if not upload.settle():
            return None
        return self._completed(s3, upload)

    def _completed(self, s3: S3, upload: Multipart) -> _Result:
        if upload.error is None:
            try:
                uploaded = upload.complete(s3)
                self._tally.file_done()
                return uploaded
            except _FATAL:
                raise
            except Exception as error:
                upload.error = error
        upload.abandon(s3)
        return upload.file, upload.error
