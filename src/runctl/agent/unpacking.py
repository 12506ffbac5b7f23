"""The agent unpacked beside its archive, where Python keeps what it compiles: it then starts in half the time."""

from __future__ import annotations

import os
import shutil
import zipfile


def unpack(archive: str, folder: str) -> None:
    """Unpacks `archive` into `folder`, which appears whole or not at all; without it the archive does as well."""
    new = "%s.%d.tmp" % (folder, os.getpid())
    try:
        with zipfile.ZipFile(archive) as files:
            files.extractall(new)
        os.rename(new, folder)
    except OSError:
        shutil.rmtree(new, ignore_errors=True)  # no room, or another agent was faster
