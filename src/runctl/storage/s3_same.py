"""Whether files are what objects hold, by reading them: where nothing was noted of them."""

from __future__ import annotations

import os
from collections.abc import Sequence

from runctl.agent.s3.client import S3
from runctl.agent.s3.documents import Object
from runctl.agent.s3.transfer_digests import part_count
from runctl.agent.s3.transfer_model import Report
from runctl.agent.s3.transfer_proof import Proof, proof_of, verify_file
from runctl.agent.s3.transfer_workers import Tally, Workers
from runctl.agent.s3.transfer_writing import digests_of
from runctl.storage.s3_files import Found

_THREADS = 8


def same_contents(s3: S3, bucket: str, pairs: Sequence[tuple[Found, Object]], report: Report) -> list[Found]:
    """The files whose contents are those of their objects, as far as that can be proven. Raises S3Error, OSError."""
    tally = Tally(len(pairs), sum(file.size for file, _ in pairs), report)

    def compare(client: S3, pair: tuple[Found, Object]) -> bool:
        file, found = pair
        same = _same(client, bucket, file.path, found)
        tally.add(file.size)
        tally.file_done()
        return same

    compared = Workers(s3, compare, _THREADS, tally).run(pairs)
    return [file for (file, _), same in compared if same]


def _same(s3: S3, bucket: str, path: str, found: Object) -> bool:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if part_count(found.etag) is None:
            return verify_file(s3, bucket, Proof(found, None, found.etag, None), 0, descriptor) == "etag"
        head = s3.head(bucket, found.key)
        proof = proof_of(s3, bucket, found, head.crc32, head.etag_is_md5)
        crc32 = 0 if proof.crc32 is None else digests_of(descriptor, 0, found.size, False).crc32
        return verify_file(s3, bucket, proof, crc32, descriptor) in ("crc32", "etag")
    finally:
        os.close(descriptor)
