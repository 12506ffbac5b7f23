"""What a project is called on machines."""

from __future__ import annotations

import re
from pathlib import Path

from runctl.core.errors import UsageError
from runctl.core.text import printable

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def project_name(given: str | None, root: Path) -> str:
    """What a project is called on machines: `given`, else its folder's name made safe. Raises UsageError."""
    if given is None:
        return _UNSAFE.sub("-", root.name).strip("-.")[:64] or "project"
    if not _NAME.fullmatch(given):
        raise UsageError(
            f"--project-name {printable(given)}: not a folder's name", hint="letters, digits, and . _ - between them"
        )
    return given
