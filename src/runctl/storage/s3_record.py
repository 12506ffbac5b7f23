"""A note of what was uploaded from where: so that unchanged files are known without reading them.

It is only a note: without it files are compared by their contents.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class Sent(NamedTuple):
    """A file as it was when it was uploaded, and the ETag that its object got."""

    size: int
    mtime_ns: int
    etag: str


class Record:
    """The files of one folder that have gone to one prefix. Lies in `<home>/s3`."""

    def __init__(self, home: Path, bucket: str, prefix: str, place: str) -> None:
        about = json.dumps([bucket, prefix, os.path.realpath(place)])
        self.folder = home / "s3"
        self._path = self.folder / (hashlib.sha256(about.encode()).hexdigest()[:32] + ".json")

    def read(self) -> dict[str, Sent]:
        """By name; empty when there is no record that can be read."""
        try:
            found = json.loads(self._path.read_bytes())
            return {name: Sent(*values) for name, values in found.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def write(self, sent: Mapping[str, Sent]) -> None:
        """Replaces it. A record that can't be written is done without."""
        new = self._path.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            new.write_text(json.dumps(sent))
            new.replace(self._path)
