"""The folder that a command is called in."""

from __future__ import annotations

from pathlib import Path

from runctl.core.errors import RunctlError


def current_folder() -> Path:
    """The absolute path of the current folder. Raises RunctlError when it was removed."""
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise RunctlError("the current folder was removed", hint="go to one that exists: cd ~") from error
