"""The agent as it travels: a zipapp made of runctl.agent's sources, the same bytes for the same sources."""

from __future__ import annotations

import hashlib
import io
from functools import cache
from pathlib import Path

from runctl import agent

_MAIN = b"""\
import os, sys
folder = sys.argv[0][: -len(".pyz")]
if not os.path.isdir(folder):
    from runctl.agent.unpacking import unpack
    unpack(sys.argv[0], folder)
sys.path.insert(0, folder)
from runctl.agent.__main__ import main
sys.exit(main())
"""
_SHEBANG = b"#!/usr/bin/env python3\n"
_OLDEST = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold


@cache
def content_hash() -> str:
    """Names the agent by its contents: 16 hexadecimal digits of a SHA-256."""
    digest = hashlib.sha256()
    for name, data in _files():
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()[:16]


def build() -> bytes:
    """The zipapp. Uncompressed: it is small, and Python reads it sooner."""
    import zipfile

    buffer = io.BytesIO()
    buffer.write(_SHEBANG)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in _files():
            entry = zipfile.ZipInfo(name, _OLDEST)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # Unix, wherever it is built
            archive.writestr(entry, data)
    return buffer.getvalue()


@cache
def _files() -> list[tuple[str, bytes]]:
    folder = Path(agent.__path__[0])
    sources = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.py"))
    return [
        ("__main__.py", _MAIN),
        ("runctl/__init__.py", b""),
        *((f"runctl/agent/{name}", (folder / name).read_bytes()) for name in sources),
    ]
