"""The agent unpacked beside its archive, where Python keeps what it compiles: it then starts in half the time."""

from __future__ import annotations

import compileall
import os
import shutil
import zipfile


def unpack(archive: str, folder: str) -> None:
    """Unpacks `archive` into `folder`, which appears whole or not at all; without it the archive does as well.

    It is compiled at once: Python would do that while runs go on, and use up the room that is left for their records.
    """
    new = "%s.%d.tmp" % (folder, os.getpid())
    try:
        with zipfile.ZipFile(archive) as files:
            files.extractall(new)
        compileall.compile_dir(new, ddir=folder, quiet=2)
        os.rename(new, folder)
    except OSError:
        shutil.rmtree(new, ignore_errors=True)  # no room, or another agent was faster
