"""runctl as a process, and what processes there are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

RUNCTL = [sys.executable, "-m", "runctl"]


def processes_of(home: Path) -> list[int]:
    """Ids of the live processes whose environment or command line names `home`, this one and its parents apart."""
    needle = str(home).encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*") if Path("/proc/self").exists() else ():
        pid = int(entry.name)
        try:
            if entry.joinpath("stat").read_text().rpartition(")")[2].split()[0] == "Z":
                continue
            text = entry.joinpath("cmdline").read_bytes() + entry.joinpath("environ").read_bytes()
        except OSError:
            continue
        if needle in text and pid != os.getpid():
            found.append(pid)
    return found
