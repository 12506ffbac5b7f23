"""Ids of runs: short, sorted by time, safe in file names, tags, S3 keys and container names."""

from __future__ import annotations

import os
import re
import time

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_EPOCH = 1_577_836_800  # 2020-01-01; seven digits count its seconds until the year 3108
_SECONDS_DIGITS, _FRACTION_DIGITS, _RANDOM_DIGITS = 7, 2, 3
_RUN_ID = re.compile(f"[{_DIGITS}]{{{_SECONDS_DIGITS}}}-[{_DIGITS}]{{{_FRACTION_DIGITS + _RANDOM_DIGITS}}}")


def new_run_id() -> str:
    """A new id such as `0gydk2w-7hx3m`: the second it was made in, 1024ths of it, then 15 random bits."""
    seconds, fraction = divmod(max(0.0, time.time() - _EPOCH), 1)
    # not `secrets`: importing it costs more than listing the runs
    random = int.from_bytes(os.urandom(2), "big") % 32**_RANDOM_DIGITS
    tail = _encode(int(fraction * 1024), _FRACTION_DIGITS) + _encode(random, _RANDOM_DIGITS)
    return f"{_encode(int(seconds), _SECONDS_DIGITS)}-{tail}"


def is_run_id(text: str) -> bool:
    """Whether `text` has the form of a run id."""
    return _RUN_ID.fullmatch(text) is not None


def _encode(number: int, size: int) -> str:
    digits = ""
    for _ in range(size):
        number, digit = divmod(number, 32)
        digits = _DIGITS[digit] + digits
    return digits
