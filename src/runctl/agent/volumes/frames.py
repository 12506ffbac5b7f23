"""What a long request tells its client while it goes on: frames of progress, then one result."""

from __future__ import annotations

import select
import time
from typing import Any, BinaryIO

from runctl.agent import protocol

_EVERY_S = 0.5


class Reporter:
    """Writes frames to the client. Every method raises BrokenPipeError when nobody reads any more."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._next = 0.0

    def stage(self, volume: str, stage: str) -> None:
        """Says what is done next with a volume: `waiting`, `reading`, `formatting`…"""
        self._send("progress", volume=volume, stage=stage, done=None, total=None)

    def progress(self, volume: str, stage: str, done: int, total: int) -> None:
        """Says how many bytes of how many are done; not more often than somebody can read."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _EVERY_S
            self._send("progress", volume=volume, stage=stage, done=done, total=total)

    def result(self, answer: Any) -> None:
        """Gives the answer; nothing comes after it."""
        self._send("result", answer=answer)
        self._send("end")

    def wait_for_reader_to_leave(self, most_s: float) -> None:
        """Returns when the client has closed its end, or after `most_s` seconds."""
        poll = select.poll()
        poll.register(self._stream.fileno(), 0)  # errors and hang-up are always told
        poll.poll(most_s * 1000)

    def _send(self, kind: str, **fields: Any) -> None:
        self._stream.write(protocol.header(kind, **fields))
        self._stream.flush()
