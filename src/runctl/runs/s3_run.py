"""What a run has left in S3, for when its machine can't tell any more: state, events, and all that it printed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from runctl.agent import protocol
from runctl.core.errors import CloudError, RunctlError, UsageError
from runctl.core.text import printable
from runctl.runs.mirror import Mirror
from runctl.runs.places import Place
from runctl.runs.sound import sound_state

if TYPE_CHECKING:
    from runctl.agent.s3.client import S3
    from runctl.agent.s3.location import Location

_BLOCK = 8 << 20
_MOST_RECORDS = 256 << 20


def uri_of(spec: Mapping[str, Any]) -> str | None:
    """The prefix in S3 that a run's records and results go to; None when nothing is saved."""
    output = spec.get("output")
    uri = output.get("uri") if isinstance(output, dict) else None
    return uri if isinstance(uri, str) else None


class SavedRun:
    """The records of a run that were saved in S3, under `uri`."""

    def __init__(self, place: Place, uri: str) -> None:
        self._place = place
        self._uri = uri

    def copy_to(self, mirror: Mirror) -> None:
        """Takes over state and events. Raises RunctlError when they are not there, can't be read, or are not final."""
        with _reading(self._uri):
            s3, where = self._open()
            records, events = _read(s3, where, "state.json"), _read(s3, where, "events.jsonl")
        try:
            state = json.loads(records)
        except (ValueError, RecursionError) as error:
            raise RunctlError(f"the state.json in {printable(self._uri)} is damaged") from error
        if not sound_state(state, mirror.run_id, "done").finished:
            raise RunctlError(f"the records in {printable(self._uri)} are not those of a finished run")
        mirror.take_all(self._place, state, events, time.time())

    def output(self, tail: int | None = None, start: int = 0) -> Iterator[protocol.Frame]:
        """What the script printed, from the byte `start` on, or the last `tail` lines, as following the run yields it.
        Raises RunctlError."""
        with _reading(self._uri):
            s3, where = self._open()
            key = f"{where.key}output.log"
            size = s3.head(where.bucket, key).size
            read = partial(_get, s3, where.bucket, key)
            position = start if tail is None else _offset_of_last_lines(read, size, tail)
            while position < size:
                payload = read(position, min(size, position + _BLOCK))
                yield protocol.Frame("output", {"offset": position, "size": len(payload)}, payload)
                position += len(payload)

    def _open(self) -> tuple[S3, Location]:
        from runctl.agent.s3.location import parse
        from runctl.core.aws import Account
        from runctl.core.config import load
        from runctl.core.folder import current_folder
        from runctl.storage.s3 import open_s3

        try:
            where = parse(self._uri)
        except ValueError as error:
            raise UsageError(f"the run's own output prefix is none: {error}") from error
        config = load(current_folder()).override(region=self._place.region, profile=self._place.profile)
        return open_s3(Account(config)), where


@contextmanager
def _reading(uri: str) -> Iterator[None]:
    from runctl.agent.s3.errors import S3Error

    try:
        yield
    except S3Error as error:
        raise CloudError(f"what was saved in {printable(uri)} can't be read: {error}", error.hint) from error


def _read(s3: S3, where: Location, name: str) -> bytes:
    key = where.key + name
    size = s3.head(where.bucket, key).size
    if size > _MOST_RECORDS:
        raise RunctlError(f"s3://{where.bucket}/{key} is too large to be a run's record: {size} bytes")
    return _get(s3, where.bucket, key, 0, size)


def _get(s3: S3, bucket: str, key: str, start: int, end: int) -> bytes:
    data = bytearray()
    if start < end:
        s3.get(bucket, key, start, end, data.extend)
    return bytes(data)


def _offset_of_last_lines(read: Callable[[int, int], bytes], size: int, count: int) -> int:
    """Where the last `count` lines of `size` bytes begin; `read(start, end)` from the end, as far as needed."""
    if count <= 0:
        return size
    position, missing = size, count
    while position:
        start = max(0, position - _BLOCK)
        block = read(start, position)
        # the newline that ends the output ends its last line, it does not begin another
        stop = len(block) - 1 if position == size and block.endswith(b"\n") else len(block)
        while (stop := block.rfind(b"\n", 0, stop)) >= 0:
            missing -= 1
            if not missing:
                return start + stop + 1
        position = start
    return 0
