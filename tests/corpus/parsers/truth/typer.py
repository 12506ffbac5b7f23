"""typer's own word for what a script's commands take."""

from __future__ import annotations

from typing import Any

import typer

from truth import Run
from truth.click import flags_of_first


def flags(run: Run) -> dict[str, dict[str, Any]]:
    """The options of the first command that parses a command line, and of those below it."""
    # click's own Context, or that of the copy of click that newer versions of typer have
    return flags_of_first(run, typer.Context.__mro__[1])
