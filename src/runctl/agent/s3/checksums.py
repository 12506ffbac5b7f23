"""CRC-32 as S3 writes it, and the CRC-32 of a whole from those of its parts."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from typing import Iterable, List, Mapping, Optional, Tuple

_POLYNOMIAL = 0xEDB88320
_ONE = 1 << 31  # the polynomial 1, in the reflected order that CRC-32 uses


def written(crc32: int) -> str:
    """`crc32` as the header x-amz-checksum-crc32 has it."""
    return base64.b64encode(crc32.to_bytes(4, "big")).decode()


def read(text: Optional[str]) -> Optional[int]:
    """The CRC-32 of the whole object, or None: not given, or that of a multipart upload's checksums ("…-7")."""
    if text is None or "-" in text:
        return None
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return int.from_bytes(raw, "big") if len(raw) == 4 else None


def of_whole(headers: Mapping[str, str]) -> Optional[int]:
    """The CRC-32 of the whole object from an answer's headers, or None."""
    if headers.get("x-amz-checksum-type") == "COMPOSITE":
        return None
    return read(headers.get("x-amz-checksum-crc32"))


def combined(parts: Iterable[Tuple[int, int]]) -> int:
    """The CRC-32 of the parts' bytes one after the other, from (CRC-32, size) of each."""
    whole = 0
    for crc32, size in parts:
        whole = _product(_shift(size), whole) ^ crc32
    return whole


@lru_cache(maxsize=64)
def _shift(size: int) -> int:
    """x to the power of 8 * size, modulo the polynomial: what `size` bytes of zeros do to a CRC-32."""
    shift = _ONE
    bit = 3
    while size:
        if size & 1:
            shift = _product(_POWERS[bit % 32], shift)
        size >>= 1
        bit += 1
    return shift


def _product(a: int, b: int) -> int:
    """a * b modulo the polynomial."""
    product = 0
    for bit in range(31, -1, -1):
        if a >> bit & 1:
            product ^= b
        b = b >> 1 ^ (_POLYNOMIAL if b & 1 else 0)
    return product


def _powers() -> List[int]:
    """x to the powers 1, 2, 4, 8, …: 32 of them, after which they come again."""
    powers = [_ONE >> 1]
    for _ in range(31):
        powers.append(_product(powers[-1], powers[-1]))
    return powers


_POWERS = _powers()
