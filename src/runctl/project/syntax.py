"""Whether a Python script can be compiled, asked of the interpreter that will run it."""

from __future__ import annotations

import json
import os
import re
import sys
import warnings
from pathlib import Path
from typing import Any

from runctl.core.errors import RefusedError
from runctl.core.text import printable

# Prints [line, message, source line] or null; in the words of the oldest Python that a script may need.
COMPILE = """
import json, sys, warnings
warnings.simplefilter("ignore")
try:
    compile(open(sys.argv[1], "rb").read(), "script", "exec", 0, True)
    found = None
except SyntaxError as error:
    found = [error.lineno, error.msg, error.text]
except (RuntimeError, MemoryError):
    found = [None, "nested too deeply", None]
except (ValueError, TypeError) as error:
    found = [None, str(error), None]
print(json.dumps(found))
"""
ANSWER_SECONDS = 60
LONGEST_LINE_SHOWN = 80


def check_syntax(path: Path, python: str | None = None) -> None:
    """Raises RefusedError with file and line when `path` is no valid Python for the interpreter `python`.

    None stands for the Python that runctl runs under. Another minor version is asked itself; one whose name
    does not tell its version (a pyenv shim, slow to start) only when this Python finds an error. Nothing is
    executed.
    """
    version = _minor_version(python) if python else sys.version_info[:2]
    if python and version not in (None, sys.version_info[:2]):
        found = _compile_there(path, python)
    else:
        found = _compile_here(path)
        if found and python and version is None:
            found = _compile_there(path, python)
    if found:
        raise RefusedError(_message(path, *found))


def _compile_here(path: Path) -> list[Any] | None:
    try:
        source = path.read_bytes()
    except OSError as error:
        raise RefusedError(f"{printable(str(path))} can't be read: {error.strerror}") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "script", "exec", dont_inherit=True)
    except SyntaxError as error:
        return [error.lineno, error.msg, error.text]
    except (RecursionError, MemoryError):
        # how deep is too deep depends on the stack, and ours is in use: ask one that starts afresh
        return _compile_there(path, sys.executable)
    except ValueError as error:
        return [None, str(error), None]
    return None


def _compile_there(path: Path, python: str) -> list[Any] | None:
    import subprocess

    shown = printable(python)
    try:
        done = subprocess.run(
            [python, "-I", "-c", COMPILE, str(path)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ANSWER_SECONDS,
        )
        if done.returncode < 0:
            return [None, f"{shown} crashes when it compiles it", None]
        found: list[Any] | None = json.loads(done.stdout)
    except OSError as error:
        raise RefusedError(f"{shown} can't be run: {error.strerror}") from error
    except (ValueError, subprocess.TimeoutExpired) as error:
        raise RefusedError(f"{shown} does not answer as Python does", hint="name an interpreter") from error
    return found


def _minor_version(python: str) -> tuple[int, int] | None:
    """The version of an interpreter as far as its real name tells it."""
    real = Path(os.path.realpath(python))
    if real == Path(os.path.realpath(sys.executable)):
        return sys.version_info[:2]
    found = re.fullmatch(r"python(\d)\.(\d+)", real.name)
    return (int(found[1]), int(found[2])) if found else None


def _message(path: Path, line: int | None, what: str, text: str | None) -> str:
    where = printable(path.name) + (f":{line}" if line else "")
    source = printable((text or "").strip())
    if len(source) > LONGEST_LINE_SHOWN:
        source = source[:LONGEST_LINE_SHOWN] + "…"
    what = what if what.startswith("invalid syntax") else f"invalid syntax: {what}"
    return f"{where}: {printable(what)}" + (f": {source}" if source else "")
