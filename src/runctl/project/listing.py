"""Which paths a project has: asked of git, or looked up."""

# paths are bytes here, as git and the file system have them
# ruff: noqa: PTH114, PTH118, PTH123

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

from runctl.core import process
from runctl.core.errors import RunctlError
from runctl.core.text import printable
from runctl.project.ignoring import Rules

_LIST = ["-c", "core.fsmonitor=false", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
_GIT_FOLDER = b".git"
# what Python makes by itself; where there is no git to ask, hardly anybody has written down that it is to be ignored
_CACHES = (b"__pycache__", b".ipynb_checkpoints", b".mypy_cache", b".pytest_cache", b".ruff_cache")
_ENVIRONMENT = b"pyvenv.cfg"
_SPECIAL = (b"*", b"?", b"[", b"\\")


def paths(root: bytes) -> set[bytes]:
    """The paths of a project's files, relative to its root, as git tells them: some may not be there, and some may be
    folders, see `paths_within`."""
    if os.path.lexists(os.path.join(root, _GIT_FOLDER)) and shutil.which("git"):
        return _told_by_git(root)
    found: set[bytes] = set()
    _walk(root, b"", [], found)
    return found


def paths_within(root: bytes, folders: Sequence[bytes]) -> set[bytes]:
    """The paths of the files in those of the folders that are submodules or other repositories: git names the folder
    alone. Of one that is neither it has named the files."""
    found: set[bytes] = set()
    for folder in folders:
        inner = folder.rstrip(b"/")
        if os.path.lexists(os.path.join(root, inner, _GIT_FOLDER)):
            found.update(inner + b"/" + each for each in _told_by_git(os.path.join(root, inner)))
    return found


def matching(root: bytes, patterns: Sequence[bytes]) -> set[bytes]:
    """The paths of all files that match patterns in gitignore's language, in folders that git ignores too."""
    rules, found = Rules(patterns), set[bytes]()
    for start in _starts(patterns):
        folder = os.path.join(root, start) if start else root
        for parent, folders, names in os.walk(folder):
            inner = os.path.relpath(parent, root)
            prefix = b"" if inner == b"." else inner + b"/"
            folders[:] = [name for name in folders if name != _GIT_FOLDER]
            links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
            found.update(prefix + name for name in (*names, *links) if rules.covers(prefix + name))
    return found


def _told_by_git(root: bytes) -> set[bytes]:
    done = process.run(["git", "-C", os.fsdecode(root), *_LIST], environment=_environment())
    if done.code != 0:
        message = printable(" ".join(done.stderr.decode("utf-8", "replace").split()))
        raise RunctlError(
            f"git can't list the files of {printable(os.fsdecode(root))}: {message[-600:]}",
            hint="see what `git status` says there",
        )
    found = set(done.stdout.split(b"\0"))
    found.discard(b"")
    return found


def _environment() -> dict[str, str]:
    """Without what makes git look at another repository than the one asked about."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG_")
    }


def _walk(folder: bytes, inner: bytes, above: list[tuple[bytes, Rules]], found: set[bytes]) -> None:
    """Adds the files of a folder. `above` are the rules in force, each with the folder that they are of."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise RunctlError(f"cannot read the folder {printable(os.fsdecode(folder))}: {error.strerror}") from error
    rules = [*above, *((inner, own) for own in _rules_of(folder))]
    for entry in entries:
        path = inner + entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.name == _GIT_FOLDER or _is_ignored(path, is_folder, rules):
            continue
        if not is_folder:
            found.add(path)
        elif entry.name not in _CACHES and not os.path.exists(os.path.join(entry.path, _ENVIRONMENT)):
            _walk(entry.path, path + b"/", rules, found)


def _rules_of(folder: bytes) -> list[Rules]:
    try:
        with open(os.path.join(folder, b".gitignore"), "rb") as file:
            return [Rules.read(file.read())]
    except OSError:
        return []


def _is_ignored(path: bytes, is_folder: bool, rules: list[tuple[bytes, Rules]]) -> bool:
    for inner, own in reversed(rules):
        verdict = own.verdict(path[len(inner) :], is_folder)
        if verdict is not None:
            return verdict
    return False


def _starts(patterns: Sequence[bytes]) -> list[bytes]:
    """The folders in which anything can match at all: a folder of a million ignored files is not looked through."""
    starts = [_start(pattern) for pattern in patterns if not pattern.startswith(b"!")]
    return [b""] if b"" in starts else sorted(set(starts))


def _start(pattern: bytes) -> bytes:
    if b"/" not in pattern.rstrip(b"/"):
        return b""
    parts = []
    for part in pattern.strip(b"/").split(b"/")[:-1]:
        if any(special in part for special in _SPECIAL):
            break
        parts.append(part)
    return b"/".join(parts)
