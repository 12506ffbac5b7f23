"""What this computer knows of the projects that it sent: a cache, so that nothing need be asked before a run starts.

What is believed is checked on the machine, by the stamp, before anything is done with it.
"""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from typing import NamedTuple

from runctl.core.files import File

# file systems tell times by up to two seconds (FAT); git takes the same care with files that changed just now
_GRANULARITY_NS = 2_000_000_000


class Known(NamedTuple):
    """A file as it was sent: itself as it was here then, and its content's hash (None where it changed meanwhile, or it
    is a link). `settled` tells that it can't have changed afterwards without its version telling."""

    file: File
    hash: str | None
    settled: bool


class Cache(NamedTuple):
    """A project as a machine has it, by the stamp that its machine gave; no stamp when nothing is known."""

    stamp: str | None
    files: dict[str, Known]


def is_settled(file: File, read_at_ns: int) -> bool:
    """Whether a file that was read at this time (Unix time in nanoseconds) or later must show when it changes again."""
    return file.version[1] < read_at_ns - _GRANULARITY_NS


def load(home: Path, machine: str, name: str) -> Cache:
    """What is known of a project on a machine."""
    try:
        document = json.loads(_path(home, machine, name).read_bytes())
        files = {
            path: Known(File(path, size, tuple(version), executable, link), hash, settled)
            for path, (size, version, executable, link, hash, settled) in document["files"].items()
        }
        return Cache(document["stamp"], files)
    except (OSError, ValueError, TypeError, LookupError):
        return Cache(None, {})


def save(home: Path, machine: str, name: str, cache: Cache) -> None:
    """Keeps what is known. A disk that is full is no reason to fail: it would be asked again."""
    path = _path(home, machine, name)
    files = {known.file.path: (*known.file[1:], known.hash, known.settled) for known in cache.files.values()}
    temporary = path.with_suffix(f".{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary.write_text(json.dumps({"stamp": cache.stamp, "files": files}, separators=(",", ":")))
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)


def _path(home: Path, machine: str, name: str) -> Path:
    return home / "cache" / "code" / f"{machine}-{zlib.crc32(name.encode()):08x}.json"
