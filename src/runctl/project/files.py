"""The files of a project: what git would commit of it as it lies there, and what its user adds or leaves out."""

# paths are bytes here, as git and the file system have them
# ruff: noqa: PTH115

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from runctl.core.errors import RunctlError, UsageError
from runctl.core.files import File, decoded, encoded
from runctl.core.text import printable
from runctl.project import listing
from runctl.project.ignoring import Rules

IGNORE_FILE = ".runctlignore"


def project_files(
    root: Path, include: Sequence[str] = (), without: Path | None = None, leave_out: Collection[str] = ()
) -> list[File]:
    """The files of the project that lies in `root`, ordered by path.

    Where git is, those that it tracks or would track (`git ls-files --cached --others --exclude-standard`), submodules
    and repositories within included, as they are on the disk. Elsewhere all that no .gitignore excludes, less caches
    and virtual environments of Python. `.runctlignore` in the root leaves out more; files that match a pattern of
    `include` (in gitignore's language) are added, whatever ignores them. Nothing in the folder `without` counts, and
    nothing whose path is in `leave_out`.

    Raises RunctlError when git can't say or a folder can't be read, UsageError for a pattern that is none.
    """
    start = os.fsencode(root)
    files, inner = _described(start, _chosen(root, listing.paths(start)))
    while inner:
        files_within, inner = _described(start, _chosen(root, listing.paths_within(start, inner)))
        files += files_within
    if include:
        known = {file.path for file in files}
        added, _ = _described(start, listing.matching(start, _patterns(include)))
        files += [file for file in added if file.path not in known]
    hidden = _prefix(start, without)
    files = [file for file in files if file.path not in leave_out and not (hidden and file.path.startswith(hidden))]
    return sorted(files)


def _described(root: bytes, paths: Iterable[bytes]) -> tuple[list[File], list[bytes]]:
    """Those of the paths that are there: files, and folders."""
    files, folders, start = [], [], root + b"/"
    for path in paths:
        try:
            found = os.lstat(start + path)
            target = os.readlink(start + path) if stat.S_ISLNK(found.st_mode) else None
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise RunctlError(f"cannot look at {printable(os.fsdecode(start + path))}: {error.strerror}") from error
        version = (found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
        if target is not None:
            files.append(File(decoded(path), 0, version, False, decoded(target)))
        elif stat.S_ISREG(found.st_mode):
            files.append(File(decoded(path), found.st_size, version, bool(found.st_mode & stat.S_IXUSR), None))
        elif stat.S_ISDIR(found.st_mode):
            folders.append(path)
    return files, folders


def _chosen(root: Path, paths: set[bytes]) -> set[bytes]:
    """Those of the paths that .runctlignore leaves in."""
    rules = _ignored(root)
    if not rules:
        return paths
    known: dict[bytes, bool] = {}
    return {path for path in paths if not rules.covers(path.rstrip(b"/"), path.endswith(b"/"), known)}


def _ignored(root: Path) -> Rules | None:
    file = root / IGNORE_FILE
    try:
        return Rules.read(file.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RunctlError(f"cannot read {printable(str(file))}: {error.strerror}") from error


def _patterns(include: Sequence[str]) -> list[bytes]:
    patterns = [encoded(pattern) for pattern in include]
    for text, pattern in zip(include, patterns, strict=True):
        if not Rules([pattern]) or ".." in text.split("/"):
            raise UsageError(
                f"--include-pattern {printable(text)!r} is no pattern for files of the project",
                hint="such as 'weights/*.pt', '*.json' or 'assets/', relative to the project's root",
            )
    return patterns


def _prefix(root: bytes, folder: Path | None) -> str | None:
    if folder is None:
        return None
    inner = os.path.relpath(os.path.realpath(os.fsencode(folder)), root)
    return None if inner.startswith(b"..") else decoded(inner) + "/"
