"""Where a project begins."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from runctl.project.root import MARKERS, find_root


@pytest.fixture(autouse=True)
def user_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "user"
    path.mkdir()
    monkeypatch.setenv("HOME", str(path))
    return path


def script_in(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    script = folder / "train.py"
    script.write_text("")
    return script


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always"]
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def test_a_clone_is_the_root_however_deep_the_script_and_whatever_markers_lie_between(user_home: Path) -> None:
    script = script_in(user_home / "clone" / "a" / "b")
    git(user_home / "clone", "init")
    script.with_name("requirements.txt").write_text("")
    assert find_root(script) == user_home / "clone"


def test_worktrees_and_submodules_are_roots_of_their_own(user_home: Path) -> None:
    main, tree = user_home / "main", user_home / "tree"
    script_in(main)
    git(main, "init")
    git(main, "add", ".")
    git(main, "commit", "-m", "one")
    git(main, "worktree", "add", str(tree))
    other = user_home / "other"
    other.mkdir()
    git(other, "init")
    git(other, "submodule", "add", str(main), "inner")
    assert find_root(tree / "train.py") == tree
    assert find_root(other / "inner" / "train.py") == other / "inner"
    assert find_root(script_in(other / "x")) == other


def test_a_folder_or_file_that_is_only_named_dot_git_is_no_repository(user_home: Path) -> None:
    script = script_in(user_home / "p" / "a" / "b")
    (user_home / "p" / ".git").mkdir()
    (user_home / "p" / "a" / ".git").write_text("notes")
    assert find_root(script) == script.parent


@pytest.mark.parametrize("marker", MARKERS)
def test_without_git_the_nearest_marker_is_the_root(user_home: Path, marker: str) -> None:
    script = script_in(user_home / "p" / "a" / "b")
    (user_home / "p" / marker).write_text("")
    (user_home / "p" / "a" / marker).write_text("")
    assert find_root(script) == user_home / "p" / "a"


def test_a_script_alone_has_its_own_folder_as_root(user_home: Path) -> None:
    script = script_in(user_home / "p")
    assert find_root(script) == user_home / "p"


def test_dotfiles_kept_in_the_home_folder_do_not_make_it_a_project(user_home: Path) -> None:
    git(user_home, "init")
    (user_home / "requirements.txt").write_text("")
    (user_home.parent / "pyproject.toml").write_text("")
    assert find_root(script_in(user_home / "a" / "b")) == user_home / "a" / "b"
    assert find_root(script_in(user_home)) == user_home


def test_a_project_reached_through_a_link_has_its_real_root(user_home: Path) -> None:
    script_in(user_home / "real" / "src")
    git(user_home / "real", "init")
    (user_home / "link").symlink_to(user_home / "real" / "src")
    assert find_root(user_home / "link" / "train.py") == user_home / "real"
