"""What a client sends of a project, read from its stream into a folder beside the project's own files.

Every item is a line of JSON. After `{"file": …}` come chunks, each with its length before it, and a line about the
whole; nothing is named in the project before all of it has arrived.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import struct
import zlib
from typing import Any, BinaryIO, Dict, List, NamedTuple, Optional

from runctl.agent.project import encoded
from runctl.agent.rundir import read_json

# within the project, so that it is on the same file system
STAGING = ".runctl-incoming"
_JOURNAL = "journal.json"
CHUNK = struct.Struct(">I")
COMPRESSED = 1 << 31
# a client from which nothing comes for so long has left; it may look through its files first
SILENCE_S = 120


class Incoming(NamedTuple):
    """A file that has arrived whole: `staged` is where it lies, None for a link and for a change of mode alone."""

    staged: Optional[str]
    size: int
    mtime_ns: int
    executable: bool
    link: Optional[str]
    hash: Optional[str]


class Ended(Exception):
    """The stream ended before all had arrived."""


class Received(NamedTuple):
    """All of a stream: what arrived, by path, what is to be removed, and whether there was anything at all."""

    files: Dict[str, Incoming]
    modes: Dict[str, bool]
    remove: List[str]


class Staging:
    """Where files lie until all have arrived. What arrived whole before a connection was cut is kept for the next."""

    def __init__(self, folder: str) -> None:
        self.path = os.path.join(folder, STAGING)
        self.files = self._kept()
        self._number = len(self.files)
        if not self.files:
            self.clear()

    def open_next(self) -> str:
        """The path of the next file."""
        if not os.path.isdir(self.path):
            os.makedirs(self.path, mode=0o700)
        while True:
            self._number += 1
            path = os.path.join(self.path, str(self._number))
            if not os.path.exists(path):
                return path

    def keep(self, files: Dict[str, Incoming]) -> None:
        """Writes down what has arrived."""
        if any(each.staged for each in files.values()):
            with open(os.path.join(self.path, _JOURNAL), "w", encoding="ascii") as file:
                json.dump(files, file)

    def clear(self) -> None:
        """Deletes what lies there."""
        shutil.rmtree(encoded(self.path), ignore_errors=True)

    def _kept(self) -> Dict[str, Incoming]:
        try:
            document = read_json(os.path.join(self.path, _JOURNAL))
            kept = {path: Incoming(*fields) for path, fields in document.items()}
            return {path: each for path, each in kept.items() if _is_whole(each)}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}


def _is_whole(incoming: Incoming) -> bool:
    return bool(incoming.staged and incoming.hash and os.path.getsize(incoming.staged) == incoming.size)


def read_line(source: BinaryIO) -> Any:
    """The next line of a client. Raises Ended when none comes."""
    signal.alarm(SILENCE_S)
    line = source.readline()
    signal.alarm(0)
    if not line.endswith(b"\n"):
        raise Ended
    return json.loads(line)


def read_all(source: BinaryIO, staging: Staging) -> Received:
    """Reads a stream to its end. Raises Ended when it is cut short, OSError when the disk is full."""
    received = Received({}, {}, [])
    try:
        while True:
            item = read_line(source)
            if "end" in item:
                received.remove.extend(item["end"])
                return received
            _take(item, source, staging, received)
    except Ended:
        staging.keep({**staging.files, **received.files})
        raise


def _take(item: Dict[str, Any], source: BinaryIO, staging: Staging, received: Received) -> None:
    if "file" in item:
        arrived = _read_file(item, source, staging.open_next())
        if arrived:
            received.files[item["file"]] = arrived
    elif "link" in item:
        received.files[item["link"]] = Incoming(None, 0, 0, False, item["to"], None)
    elif "staged" in item:
        kept = staging.files[item["staged"]]
        assert kept.staged is not None
        os.chmod(kept.staged, 0o755 if item["executable"] else 0o644)
        received.files[item["staged"]] = kept._replace(executable=item["executable"])
    elif "wait" in item:
        return  # it reads its files, and is still there
    else:
        received.modes[item["mode"]] = item["executable"]


def _read_file(item: Dict[str, Any], source: BinaryIO, path: str) -> Optional[Incoming]:
    mode = 0o755 if item["executable"] else 0o644
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        while True:
            data = _read_chunk(source)
            if not data:
                break
            _write(descriptor, data)
        about = read_line(source)
        os.utime(descriptor, ns=(item["mtime_ns"], item["mtime_ns"]))
        found = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if about.get("dropped"):
        os.unlink(path)
        return None
    return Incoming(path, found.st_size, found.st_mtime_ns, item["executable"], None, about["hash"])


def _read_chunk(source: BinaryIO) -> bytes:
    signal.alarm(SILENCE_S)
    (length,) = CHUNK.unpack(_exactly(source, CHUNK.size))
    data = _exactly(source, length & ~COMPRESSED)
    signal.alarm(0)
    return zlib.decompress(data) if length & COMPRESSED else data


def _exactly(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise Ended
    return data


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
