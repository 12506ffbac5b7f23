"""Two commands at once do no harm: one works on a volume, or looks for a free mount point, at a time."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import Callable, Iterator

# a folder that a restart empties, as it ends whoever held a lock
FOLDER = "/run/runctl/locks"


@contextmanager
def held(name: str, waiting: Callable[[], None] = lambda: None) -> Iterator[int]:
    """Holds the lock `name` in the block, which gets its descriptor; `waiting` is called once if another has it."""
    os.makedirs(FOLDER, mode=0o700, exist_ok=True)
    descriptor = os.open(os.path.join(FOLDER, name), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
