"""What the file is that a user asks to run; it is read, never executed."""

from __future__ import annotations

import os
import re
import stat
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, Literal, NamedTuple, NoReturn

from runctl.core.errors import NotFoundError, RefusedError, UsageError
from runctl.core.text import printable
from runctl.project.inline import read_metadata
from runctl.project.syntax import check_syntax

__all__ = ["Script", "check_syntax", "inspect_script"]

HEAD = 4096
PYTHON_SUFFIXES = (".py", ".pyw")
MOST_NAMES_READ = 5000


class Script(NamedTuple):
    """A script that can be run.

    `path` is absolute, its folder without symbolic links, its own name as the user typed it. `kind` says
    whether an interpreter is to be chosen for it. `pep723` is the table of its inline metadata, None where it
    has none.
    """

    path: Path
    kind: Literal["python", "executable"]
    pep723: dict[str, Any] | None = None


def inspect_script(path_as_typed: str) -> Script:
    """What `path_as_typed`, relative to the working folder, is.

    Python is what ends in .py or .pyw or has a #! line naming Python or `uv run`; anything else must be
    executable. Whether Python's syntax is right depends on the interpreter, and is asked when that is known:
    see `runctl.project.environment.check_script`.
    Raises NotFoundError when there is no such file, RefusedError when it can't be run or its inline metadata
    is wrong, UsageError when nothing was typed.
    """
    if not path_as_typed:
        raise UsageError("the script's name is empty", hint="name a script: train.py")
    path = _existing_file(path_as_typed)
    head = _read(path, path_as_typed, HEAD)
    if path.suffix.lower() in PYTHON_SUFFIXES or _names_python(_shebang(head)):
        source = _read(path, path_as_typed)
        return Script(path, "python", read_metadata(source, printable(path_as_typed)))
    _refuse_unless_executable(path, path_as_typed, head)
    return Script(path, "executable")


def _existing_file(typed: str) -> Path:
    try:
        path = Path(typed).parent.resolve() / Path(typed).name
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):
        _raise_missing(typed)
    except OSError as error:
        raise RefusedError(f"{printable(typed)} can't be read: {error.strerror}") from error
    if stat.S_ISDIR(mode):
        raise RefusedError(f"{printable(typed)} is a folder, not a script", hint=_scripts_in(path, typed))
    if not stat.S_ISREG(mode):
        # reading a pipe or a terminal would wait for ever
        raise RefusedError(f"{printable(typed)} is not a file", hint="save the script to a file and name that")
    if typed.endswith("/"):
        _raise_missing(typed)
    return path


def _raise_missing(typed: str) -> NoReturn:
    asked = Path(typed)
    if asked.is_symlink():
        target = printable(str(asked.readlink()))
        raise NotFoundError(f"{printable(typed)} is a link to {target}, which does not exist")
    if not asked.parent.is_dir():
        raise NotFoundError(f"there is no folder {printable(str(asked.parent))}")
    near = _near_names(asked)
    hint = "did you mean " + " or ".join(printable(str(asked.with_name(name))) for name in near) + "?"
    raise NotFoundError(f"there is no script {printable(typed)}", hint=hint if near else None)


def _near_names(asked: Path) -> list[str]:
    import difflib

    # without following links: one that leads in circles raises
    known = [entry.name for entry in _entries(asked.parent) if not entry.is_dir(follow_symlinks=False)]
    return difflib.get_close_matches(asked.name, known, n=3)


def _scripts_in(folder: Path, typed: str) -> str:
    names = sorted(entry.name for entry in _entries(folder) if entry.name.endswith(PYTHON_SUFFIXES))
    if "__main__.py" in names:
        names = ["__main__.py"]
    if not names:
        return "name a script, such as train.py"
    return "name a script in it: " + ", ".join(printable(str(Path(typed) / name)) for name in names[:5])


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(islice(entries, MOST_NAMES_READ))
    except OSError:
        return []


def _read(path: Path, typed: str, count: int = -1) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(count)
    except OSError as error:
        raise RefusedError(f"{printable(typed)} can't be read: {error.strerror}") from error


def _shebang(head: bytes) -> list[str]:
    """The words of the #! line; none when there is no such line."""
    if not head.startswith(b"#!"):
        return []
    return head[2:].partition(b"\n")[0].decode(errors="replace").split(" ")


def _names_python(shebang: list[str]) -> bool:
    words = [word for word in shebang if word.strip()]
    if words and PurePosixPath(words[0]).name == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    if not words:
        return False
    program = PurePosixPath(words[0].strip()).name
    return bool(re.fullmatch(r"(python|pypy)[\d.]*w?", program)) or (program == "uv" and "run" in words)


def _refuse_unless_executable(path: Path, typed: str, head: bytes) -> None:
    shown = printable(typed)
    if path.suffix.lower() == ".ipynb":
        raise RefusedError(
            f"{shown} is a notebook, which is not a script", hint=f"jupyter nbconvert --to script {shown}"
        )
    if not os.access(path, os.X_OK):
        if head.startswith(b"#!") or path.suffix == ".sh":
            raise RefusedError(f"{shown} is not executable", hint=f"chmod +x {shown}")
        raise RefusedError(
            f"{shown} is neither a Python script nor executable",
            hint="a Python script's name ends in .py; a program needs: chmod +x",
        )
    shebang = _shebang(head)
    if shebang and shebang[-1].endswith("\r"):
        raise RefusedError(
            f"{shown}:1: the #! line ends in a carriage return, so that its program is not found",
            hint=f"sed -i 's/\\r$//' {shown}",
        )
    if not shebang and b"\0" not in head:
        # a shell would guess that it is a shell script; the system refuses to start it
        raise RefusedError(f"{shown} is a text without a #! line", hint="begin it with a line such as #!/bin/sh")
