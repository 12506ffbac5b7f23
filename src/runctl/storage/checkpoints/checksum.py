"""SHA-256 of files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from runctl.storage.checkpoints.content import MIB


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes in lower-case hex, read a mebibyte at a time."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(MIB):
            digest.update(chunk)
    return digest.hexdigest()
