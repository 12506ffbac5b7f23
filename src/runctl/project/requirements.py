"""A requirements.txt and the files that it draws in.

https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

from __future__ import annotations

import codecs
import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from runctl.core.errors import RefusedError
from runctl.core.text import printable

NESTED = re.compile(r"(?:-r|-c|--requirement|--constraint)[ =]*(?P<name>.+)")
EDITABLE = re.compile(r"(?:-e|--editable)[ =]*")
ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2")
PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")


class Requirements(NamedTuple):
    """`files`: the requirements file and those it includes; `local`: files of local projects it installs."""

    files: list[Path]
    local: list[Path]


def read_requirements(file: Path, root: Path) -> Requirements:
    """The files that decide what `file` installs. Raises RefusedError when one is missing."""
    found = Requirements([], [])
    _collect(file, root, os.path.relpath(file, root), file.parent, found)
    return found


def local_project_files(folder: Path) -> list[Path]:
    """The files of a local project whose change means installing it anew; uv's rule for its own cache."""
    return [file for file in (folder / name for name in PROJECT_FILES) if file.is_file()]


def _collect(file: Path, root: Path, asked_by: str, workdir: Path, found: Requirements) -> None:
    try:
        text = _decoded(file.read_bytes())
    except OSError as error:
        shown = printable(os.path.relpath(file, root))
        raise RefusedError(f"{printable(asked_by)}: {shown} can't be read: {error.strerror}") from error
    found.files.append(file)
    for number, line in _logical_lines(text):
        where = f"{os.path.relpath(file, root)}:{number}"
        nested = NESTED.fullmatch(line)
        name = nested["name"].strip("\"' ") if nested else ""
        if nested and "://" not in name:
            other = Path(os.path.normpath(file.parent / name))
            if other not in found.files:
                _collect(other, root, where, workdir, found)
        elif not nested and (path := _local_path(line, workdir)):
            found.local.extend(local_project_files(path) if path.is_dir() else [path])


def _decoded(content: bytes) -> str:
    # PowerShell's `pip freeze > requirements.txt` writes UTF-16, which pip accepts
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    return content.decode(encoding, errors="replace")


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """(number, line), comments stripped and continued lines joined, numbered by their first."""
    lines: list[tuple[int, str]] = []
    continued = ""
    for number, line in enumerate(text.split("\n"), 1):
        begun = number - continued.count("\n")
        continued += line.rstrip("\r")
        if continued.endswith("\\"):
            continued = continued[:-1] + "\n"
            continue
        whole = re.sub(r"(^|\s)#.*", "", continued.replace("\n", "")).strip()
        if whole:
            lines.append((begun, whole))
        continued = ""
    return lines


def _local_path(line: str, workdir: Path) -> Path | None:
    """The existing file or folder that a requirement names, relative to pip's working folder."""
    target = EDITABLE.sub("", line, count=1)
    target = re.split(r"\s+@\s+|@(?=file:)", target, maxsplit=1)[-1].split(" ")[0].strip("\"'")
    if target.startswith("file:"):
        target = unquote(target[5:].removeprefix("//").removeprefix("localhost"))
    target = re.sub(r"(#.*|\[[^\]]*\])$", "", target)
    if "://" in target or not (target.startswith(".") or "/" in target or target.endswith(ARCHIVES)):
        return None
    path = Path(os.path.normpath(workdir / target))
    return path if path.exists() else None
