"""By what a file is known to hold what is stored: CRC32, else the ETag where it can be recomputed, else its size."""

from __future__ import annotations

from typing import Iterable, List, NamedTuple, Optional

from runctl.agent.s3.client import S3
from runctl.agent.s3.documents import Object
from runctl.agent.s3.transfer_digests import composite_etag, part_count
from runctl.agent.s3.transfer_writing import digests_of


class Proof(NamedTuple):
    """What there is to compare an object's contents with: `crc32` of the whole, else its `etag`, else nothing.

    `part_size`: how large the parts were that it was uploaded in, in bytes; None when it was in one piece.
    """

    object: Object
    crc32: Optional[int]
    etag: Optional[str]
    part_size: Optional[int]

    @property
    def by_parts(self) -> bool:
        """Whether the MD5s of parts are what the ETag is made of, and nothing better is known."""
        return self.crc32 is None and self.etag is not None and self.part_size is not None


def proof_of(s3: S3, bucket: str, found: Object, crc32: Optional[int], etag_is_md5: bool) -> Proof:
    """What a large or multipart object can be compared with; asks for the size of its first part where that matters."""
    if crc32 is not None or not etag_is_md5:
        return Proof(found, crc32, None, None)
    if part_count(found.etag) is None:
        return Proof(found, None, found.etag, None)
    return Proof(found, None, found.etag, s3.head(bucket, found.key, part_number=1).size)


def verify_file(s3: S3, bucket: str, proof: Proof, crc32: int, descriptor: int) -> Optional[str]:
    """By what the contents of an open file, whose CRC32 is known, were verified: `crc32`, `etag` or `size`; None when
    they are wrong."""
    if proof.crc32 is not None:
        return "crc32" if proof.crc32 == crc32 else None
    if proof.etag is None:
        return "size"
    size = proof.object.size
    if proof.part_size is None:
        return "etag" if digests_of(descriptor, 0, size, True).md5 == proof.etag else None
    ends = [*range(proof.part_size, size, proof.part_size), size]
    return "etag" if _composite(descriptor, ends) == proof.etag else verify_exactly(s3, bucket, proof, descriptor)


def verify_exactly(s3: S3, bucket: str, proof: Proof, descriptor: int) -> Optional[str]:
    """Like `verify_file`, for an object whose parts may have been of different sizes: asks for that of each."""
    ends: List[int] = []
    for number in range(1, (part_count(proof.object.etag) or 0) + 1):
        ends.append((ends[-1] if ends else 0) + s3.head(bucket, proof.object.key, part_number=number).size)
    if ends[-1] != proof.object.size:
        return "size"
    return "etag" if _composite(descriptor, ends) == proof.etag else None


def _composite(descriptor: int, ends: Iterable[int]) -> str:
    digests, start = [], 0
    for end in ends:
        digests.append(bytes.fromhex(digests_of(descriptor, start, end, True).md5))
        start = end
    return composite_etag(digests)
