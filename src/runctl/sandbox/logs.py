"""Reads the daemon's log."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from runctl.core.errors import NotFoundError
from runctl.sandbox.layout import Folder

_LOOK_S = 0.2


def last_lines(home: Path, count: int) -> list[str]:
    """The last `count` lines. Raises NotFoundError when there is no sandbox."""
    log = Folder(home).log
    if not log.exists():
        raise NotFoundError("there is no sandbox, and no log", hint="start one: runctl sandbox up")
    with log.open(errors="replace") as file:
        return [line.rstrip("\n") for line in deque(file, maxlen=count)]


def follow(home: Path) -> Iterator[str]:
    """The lines that are written from now on, until the sandbox is down."""
    log = Folder(home).log
    with log.open(errors="replace") as file:
        file.seek(0, 2)
        rest = ""
        while log.exists():
            text = rest + file.read()
            *lines, rest = text.split("\n")
            yield from lines
            if not lines:
                time.sleep(_LOOK_S)
