"""How a command that failed tells the user."""

from __future__ import annotations

import json
import os
import sys
import traceback

from runctl.core.errors import RunctlError
from runctl.core.text import printable
from runctl.ui.console import Console

INTERRUPTED = 130


def report(error: BaseException, words: list[str]) -> int:
    """Prints `error` to stderr (as JSON with --json) and returns the exit code it stands for."""
    own_words = words[: words.index("--")] if "--" in words else words
    if "--debug" in own_words:
        traceback.print_exception(error)
    message, hint, exit_code = _described(error)
    if "--json" in own_words:
        document = {"error": {"message": message, "hint": hint, "exit_code": exit_code}}
        sys.stderr.write(json.dumps(document) + "\n")
    else:
        if isinstance(error, KeyboardInterrupt):
            sys.stderr.write("\n")  # below the ^C that the terminal shows
        Console().error("\n  ".join(printable(line) for line in message.splitlines()), hint)
    return exit_code


def _described(error: BaseException) -> tuple[str, str | None, int]:
    if isinstance(error, RunctlError):
        return error.message, error.hint, error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return "interrupted", None, INTERRUPTED
    if isinstance(error, OSError):
        reason = os.strerror(error.errno) if error.errno else str(error)
        return (f"{error.filename}: {reason}" if error.filename else reason), None, 1
    bug = f"internal error: {type(error).__name__}: {error}"
    return bug, "this is a bug in runctl; --debug shows where", 1
