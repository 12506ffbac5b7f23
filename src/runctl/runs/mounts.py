"""Folders of a machine that a container is to see, as given on the command line."""

from __future__ import annotations

from typing import NamedTuple

from runctl.core.errors import UsageError
from runctl.core.text import printable


class Mount(NamedTuple):
    """A folder of the machine, and where a container sees it; both absolute."""

    source: str
    target: str
    read_only: bool


def parse(text: str) -> Mount:
    """`SRC[:DST][:ro|:rw]`; without DST it is seen where it is. Raises UsageError."""
    parts = text.split(":")
    mode = parts.pop() if len(parts) > 1 and parts[-1] in ("ro", "rw") else "rw"
    if len(parts) > 2 or not all(part.startswith("/") for part in parts):
        raise UsageError(
            f"--mount {printable(text)}: not SRC[:DST][:ro] with absolute paths",
            hint="SRC is a folder of the machine: --mount /mnt/data:/data:ro",
        )
    return Mount(parts[0], parts[-1], mode == "ro")
