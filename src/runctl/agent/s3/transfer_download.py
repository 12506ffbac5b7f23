"""Carries a download out: objects in parallel, large ones in parts, each verified before it gets its name."""

from __future__ import annotations

import fcntl
import os
from collections import Counter
from contextlib import contextmanager
from typing import Dict, Iterator, List, NamedTuple, Optional, Union

from runctl.agent.s3.client import S3
from runctl.agent.s3.errors import shown
from runctl.agent.s3.transfer_model import Busy, Damaged, Downloaded, Report, quiet
from runctl.agent.s3.transfer_names import Place, part_path
from runctl.agent.s3.transfer_parts import PartFile
from runctl.agent.s3.transfer_plan import DownloadPlan, stamp_ns
from runctl.agent.s3.transfer_proof import Proof, proof_of, verify_file
from runctl.agent.s3.transfer_room import check_room
from runctl.agent.s3.transfer_workers import Tally, Workers
from runctl.agent.s3.transfer_writing import Writer, writing

# objects above this size are fetched in parts
_LARGE = 16 * 1024 * 1024
_THREADS = 24
_OPEN = os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


class _Part(NamedTuple):
    """One part of a large object, as a task."""

    file: PartFile
    number: int


_Task = Union[Place, _Part]


def carry_out(s3: S3, plan: DownloadPlan, report: Report) -> Downloaded:
    """Fetches what the plan says. Raises Refused before anything is written, S3Error (WriteFailed: the disk); what is
    whole has then its name, what is not has none, and the next call goes on from there."""
    files = _part_files(s3, plan)
    allocated = sum(file.allocated for file in files)
    sizes = [each.object.size for each in plan.files]
    check_room(plan.folder, sizes, len(plan.files) + len(plan.folders), allocated)
    for path in ["", *plan.folders]:
        with writing(os.path.join(plan.folder, path)):
            os.makedirs(os.path.join(plan.folder, path), exist_ok=True)
    parts: List[_Task] = [_Part(file, number) for file in files for number in range(len(file.spans))]
    small: List[_Task] = [each for each in plan.files if each.object.size <= _LARGE]
    tally = Tally(len(plan.files), plan.size, report)
    verified: Dict[str, int] = Counter()
    with _alone_in(plan.folder):
        try:
            for _, how in Workers(s3, _Job(plan, tally).fetch, _THREADS, tally).run(parts + small):
                if how:
                    verified[how] += 1
        finally:
            for file in files:
                file.close()
    return Downloaded(len(plan.files), plan.size, len(plan.unchanged), dict(verified))


def _part_files(s3: S3, plan: DownloadPlan) -> List[PartFile]:
    """The large objects of a plan, with what each can be verified by."""
    large = [each for each in plan.files if each.object.size > _LARGE]

    def look(client: S3, place: Place) -> Proof:
        head = client.head(plan.bucket, place.object.key)
        return proof_of(client, plan.bucket, place.object, head.crc32, head.etag_is_md5)

    found = Workers(s3, look, _THREADS, Tally(0, 0, quiet)).run(large)
    return [PartFile(os.path.join(plan.folder, place.path), proof) for place, proof in found]


@contextmanager
def _alone_in(folder: str) -> Iterator[None]:
    """Holds a lock on the folder itself, which leaves no trace."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Busy("another download into %s is under way" % shown(folder), "wait for its end") from None
    try:
        yield
    finally:
        os.close(descriptor)


class _Job:
    """What a worker does with an object, or with a part of one."""

    def __init__(self, plan: DownloadPlan, tally: Tally) -> None:
        self._bucket, self._tally = plan.bucket, tally
        self._base = os.path.join(plan.folder, "")

    def fetch(self, s3: S3, task: _Task) -> Optional[str]:
        """By what a file was verified that has become whole; None when parts of it are missing."""
        how = self._part(s3, task.file, task.number) if isinstance(task, _Part) else self._whole(s3, task)
        if how:
            self._tally.file_done()
        return how

    def _part(self, s3: S3, file: PartFile, number: int) -> Optional[str]:
        start, end = file.spans[number]
        with writing(file.path):
            descriptor = file.descriptor()
            digests = file.kept(number)
        if digests:
            self._tally.add(end - start)
        else:
            writer = Writer(descriptor, start, file.path, self._tally, file.proof.by_parts)
            s3.get(self._bucket, file.object.key, start, end, writer, file.object.etag)
            digests = writer.digests

        def verify(proof: Proof, crc32: int, descriptor: int) -> Optional[str]:
            return verify_file(s3, self._bucket, proof, crc32, descriptor)

        with writing(file.path):
            return file.add(number, digests, verify)

    def _whole(self, s3: S3, place: Place) -> str:
        path = self._base + place.path
        unfinished = part_path(path)
        with writing(path):
            descriptor = os.open(unfinished, _OPEN, 0o666)
        try:
            how = self._contents(s3, place, descriptor, path)
            with writing(path):
                os.utime(descriptor, ns=(stamp_ns(place.object), stamp_ns(place.object)))
                os.replace(unfinished, path)
        except BaseException:
            os.unlink(unfinished)
            raise
        finally:
            os.close(descriptor)
        return how

    def _contents(self, s3: S3, place: Place, descriptor: int, path: str) -> str:
        """Writes what an object holds, once more when it is not what it should be. Returns how it was verified."""
        found = place.object
        if not found.size:
            return "size"
        for _ in range(2):
            writer = Writer(descriptor, 0, path, self._tally)
            # not as a range, with which S3 sends no checksum
            got = s3.get(self._bucket, found.key, 0, None, writer, found.etag)
            if got.size != found.size:
                raise Damaged("%s has %d bytes, and %d are stored" % (shown(path), got.size, found.size), "start again")
            proof = proof_of(s3, self._bucket, found, got.crc32, got.etag_is_md5)
            how = verify_file(s3, self._bucket, proof, writer.digests.crc32, descriptor)
            if how:
                return how
            self._tally.add(-found.size)
        raise Damaged("%s did not arrive as it is stored, twice" % shown(path), "start again")
