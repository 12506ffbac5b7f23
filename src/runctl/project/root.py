"""Where a project begins."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

MARKERS = ("pyproject.toml", "uv.lock", "requirements.txt", "setup.py", "setup.cfg", ".runctl.toml")


def find_root(script: Path) -> Path:
    """The root folder of the project that `script` belongs to, absolute and free of symbolic links.

    The nearest parent that is a git working tree (a clone, a worktree or a submodule; variables such as
    GIT_DIR are not looked at); otherwise the nearest parent holding one of MARKERS; otherwise the script's
    folder.
    The user's home folder, what lies above it and `/` are nobody's project: a `.git` of dotfiles or a stray
    requirements.txt there does not count. They are the root only of a script that lies directly in them.
    """
    return root_of_folder(script.parent)


def root_of_folder(folder: Path) -> Path:
    """The root of the project that a folder belongs to, as `find_root` finds that of a script in it."""
    start = folder.resolve()
    folders = list(_folders_of_projects(start))
    for candidate in folders:
        if _is_working_tree(candidate):
            return candidate
    for candidate in folders:
        if any((candidate / marker).is_file() for marker in MARKERS):
            return candidate
    return start


def _folders_of_projects(start: Path) -> Iterator[Path]:
    try:
        home = Path.home().resolve()
    except RuntimeError:
        # a user without an account entry, as in many containers
        home = Path("/")
    for folder in (start, *start.parents):
        if folder in (home, Path("/")):
            return
        yield folder


def _is_working_tree(folder: Path) -> bool:
    git = folder / ".git"
    if git.is_dir():
        # as git itself: a folder of that name without a HEAD is no repository
        return os.path.lexists(git / "HEAD")
    try:
        return git.is_file() and git.read_bytes()[:8] == b"gitdir: "
    except OSError:
        return False
