"""The client's half of sending a project: what the machine has, and the stream of what it lacks.

The machine's half, which reads this stream, is `runctl.agent.receiving`.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from runctl.core.files import File, encoded
from runctl.transport.agent_client import AgentClient, Conversation, read_answer
from runctl.transport.pace import Pace

BLOCK = 1 << 18
_CHUNK = struct.Struct(">I")
_COMPRESSED = 1 << 31
_ATTEMPTS = 3
# so often the agent hears that the client is still there
_SIGN_OF_LIFE_S = 10.0


class There(NamedTuple):
    """A file as it is on the machine; `hash` is None where it is not known."""

    size: int
    executable: bool
    link: str | None
    hash: str | None


class State(NamedTuple):
    """What the machine has of a project. `files` is None when that is what the given stamp stands for; `changed` are
    those of them that somebody changed or removed there; `staged` arrived before, in a try that was cut short, with
    size and hash. `live` is a run that uses the folder."""

    stamp: str | None
    files: dict[str, There] | None
    changed: frozenset[str]
    staged: dict[str, tuple[int, str]]
    origin: str | None
    live: str | None
    free_bytes: int
    folder: str


class Went(NamedTuple):
    """A file that was sent: as it was then, and the hash of what went. No hash: it changed while it was read."""

    size: int
    version: tuple[int, int, int]
    hash: str | None


class Placed(NamedTuple):
    """What became of it: the new stamp; what somebody had changed there and was replaced, and where that is kept; what
    was to be removed, and was changed there, and so left."""

    stamp: str
    replaced: list[str]
    kept_in: str | None
    left: list[str]


class Sending:
    """One project on its way: first its `state` is asked for, then files are sent in any order. Nothing is changed
    there before `finish`."""

    def __init__(self, root: Path, conversation: Conversation) -> None:
        self._root = os.fsencode(root)
        self._conversation = conversation
        self._pace = Pace(lambda data: conversation.stream.send(data))
        self._buffer = bytearray()
        self._heard_at = time.monotonic()

    @cached_property
    def state(self) -> State:
        """What the machine has of it. Raises RefusedError when the project is just being sent by another;
        UnreachableError, RunctlError."""
        return _state(self._conversation.answer())

    def still_here(self) -> None:
        """To be called again and again while nothing is sent. Raises BrokenPipeError when the agent has ended."""
        if time.monotonic() - self._heard_at > _SIGN_OF_LIFE_S:
            self._line({"wait": True})
            self.flush()

    def send(self, file: File, sent: Callable[[int], None]) -> Went | None:
        """Sends a file; `sent` is told the bytes as they go. None when it has vanished. Raises OSError when it can't
        be read, BrokenPipeError when the agent has ended."""
        if file.link is not None:
            self._line({"link": file.path, "to": file.link})
            return Went(0, file.version, None)
        for attempt in range(_ATTEMPTS):
            try:
                went = self._send_content(file, attempt == _ATTEMPTS - 1, sent)
            except FileNotFoundError:
                return None
            if went is not None:
                return went
        raise AssertionError("the last attempt counts")

    def use_staged(self, file: File) -> None:
        """Names a file that arrived in an earlier try."""
        self._line({"staged": file.path, "executable": file.executable})

    def set_mode(self, path: str, executable: bool) -> None:
        """Makes a file that is there executable, or not."""
        self._line({"mode": path, "executable": executable})

    def finish(self, remove: list[str]) -> Placed:
        """Has everything put in its place. Raises RefusedError, RunctlError, UnreachableError."""
        self._line({"end": remove})
        self.flush()
        return Placed(**read_answer(self._conversation.stream))

    def flush(self) -> None:
        """Sends what is still held back."""
        if self._buffer:
            self._pace.write(self._buffer)
            self._buffer = bytearray()
        self._heard_at = time.monotonic()

    def failed(self) -> Any:
        """Raises what the agent failed with, after BrokenPipeError."""
        return read_answer(self._conversation.stream)

    def _send_content(self, file: File, last: bool, sent: Callable[[int], None]) -> Went | None:
        """Sends a file as it is now. None when it changed meanwhile, and this is not the last attempt."""
        with open(self._root + b"/" + encoded(file.path), "rb", buffering=0) as source:  # noqa: PTH123 - bytes
            before = os.fstat(source.fileno())
            self._line({"file": file.path, "executable": file.executable, "mtime_ns": before.st_mtime_ns})
            digest, size = hashlib.blake2b(digest_size=16), 0
            # what is appended meanwhile is left for the next time
            while size < before.st_size and (block := source.read(min(BLOCK, before.st_size - size))):
                digest.update(block)
                size += len(block)
                self._chunk(block)
                sent(len(block))
            after = os.fstat(source.fileno())
        whole = size == before.st_size and _version(before) == _version(after)
        self._buffer += _CHUNK.pack(0)
        if not whole and not last:
            self._line({"dropped": True})
            return None
        found = digest.hexdigest() if whole else None
        self._line({"hash": found})
        return Went(size, _version(before), found)

    def _chunk(self, block: bytes) -> None:
        if self._pace.is_slow and len(packed := zlib.compress(block, 1)) < 0.9 * len(block):
            self._buffer += _CHUNK.pack(len(packed) | _COMPRESSED) + packed
        else:
            self._buffer += _CHUNK.pack(len(block)) + block
        self._flush_when_full()

    def _line(self, item: dict[str, Any]) -> None:
        self._buffer += json.dumps(item).encode() + b"\n"
        self._flush_when_full()

    def _flush_when_full(self) -> None:
        if len(self._buffer) >= BLOCK:
            self.flush()


@contextmanager
def sending(client: AgentClient, root: Path, name: str, stamp: str | None, origin: str) -> Iterator[Sending]:
    """Begins to send the project in `root`, of which the client knows what `stamp` stands for; the machine looks at
    what it has from then on. Leaving the block without `finish` changes nothing there. Raises UnreachableError,
    RunctlError."""
    request = {"verb": "receive", "name": name, "folder": folder_of(name), "stamp": stamp, "origin": origin}
    with client.conversation(request) as conversation:
        yield Sending(root, conversation)


def folder_of(name: str) -> str:
    """Where a project lies on a machine."""
    return f"~/runctl/{name}"


def hash_of(root: Path, path: str, meanwhile: Callable[[], None]) -> str:
    """The hash of a file's content, as the agent makes it; `meanwhile` is called after each part of it. Raises
    OSError."""
    digest = hashlib.blake2b(digest_size=16)
    with open(os.fsencode(root) + b"/" + encoded(path), "rb", buffering=0) as file:  # noqa: PTH123 - bytes
        while block := file.read(BLOCK):
            digest.update(block)
            meanwhile()
    return digest.hexdigest()


def _state(answer: dict[str, Any]) -> State:
    files = answer["files"]
    return State(
        **{
            **answer,
            "files": None if files is None else {path: There(*fields) for path, fields in files.items()},
            "changed": frozenset(answer["changed"]),
            "staged": {path: (size, text) for path, (size, text) in answer["staged"].items()},
        }
    )


def _version(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_mtime_ns, found.st_ctime_ns, found.st_ino
