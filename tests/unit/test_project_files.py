"""Which files a project has: what git says of it, what .runctlignore leaves out, what patterns add."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from runctl.core.errors import RunctlError, UsageError
from runctl.project import listing
from runctl.project.files import project_files
from runctl.project.ignoring import Rules

pytestmark = pytest.mark.slow

QUIET = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
AWKWARD = [
    "with space",
    'quo"te',
    "it's",
    "new\nline",
    "tab\t",
    "é漢",
    "-dash",
    "#hash",
    "!bang",
    "back\\slash",
    "*[?]",
    "~",
]


def git(folder: Path | str, *words: str) -> bytes:
    own = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "-c",
        "protocol.file.allow=always",
        "-c",
        "init.defaultBranch=m",
    ]
    return subprocess.run(
        ["git", *own, "-C", str(folder), *words], check=True, capture_output=True, env={**os.environ, **QUIET}
    ).stdout


def write(root: Path, *names: str, text: str = "x") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def names(root: Path, *include: str) -> list[str]:
    return [file.path for file in project_files(root, include)]


@pytest.fixture(autouse=True)
def own_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in QUIET.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def repository(folder: Path) -> Path:
    git(folder, "init", "-q")
    return folder


@pytest.fixture
def without_git(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", "/nowhere")
    return folder


# --- as git has it


def test_tracked_and_untracked_files_count_and_ignored_ones_do_not(repository: Path) -> None:
    write(repository, "tracked.py", "new.py", "sub/deep/x.py", "out.log", "build/a.o", ".hidden")
    (repository / ".gitignore").write_text("*.log\nbuild/\n")
    git(repository, "add", "tracked.py")
    assert names(repository) == [".gitignore", ".hidden", "new.py", "sub/deep/x.py", "tracked.py"]


def test_a_tracked_file_counts_though_it_is_ignored_now(repository: Path) -> None:
    write(repository, "model.bin")
    git(repository, "add", "model.bin")
    (repository / ".gitignore").write_text("*.bin\n")
    assert "model.bin" in names(repository)


def test_a_tracked_file_that_was_deleted_does_not_count(repository: Path) -> None:
    write(repository, "a", "b", "folder/c")
    git(repository, "add", ".")
    (repository / "a").unlink()
    shutil.rmtree(repository / "folder")
    (repository / "folder").write_text("a file now")
    assert names(repository) == ["b", "folder"]


def test_a_tracked_file_that_became_a_folder_counts_with_what_is_in_it(repository: Path) -> None:
    write(repository, "thing")
    git(repository, "add", ".")
    (repository / "thing").unlink()
    write(repository, "thing/inside")
    assert names(repository) == ["thing/inside"]


def test_a_file_in_conflict_counts_once(repository: Path) -> None:
    write(repository, "a", text="base")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "base")
    git(repository, "checkout", "-qb", "other")
    write(repository, "a", text="theirs")
    git(repository, "commit", "-qam", "theirs")
    git(repository, "checkout", "-q", "m")
    write(repository, "a", text="ours")
    git(repository, "commit", "-qam", "ours")
    with pytest.raises(subprocess.CalledProcessError):
        git(repository, "merge", "-q", "other")
    assert names(repository) == ["a"]


def test_names_of_any_kind_arrive_as_they_are(repository: Path) -> None:
    write(repository, *AWKWARD)
    with open(os.fsencode(repository) + b"/latin-\xe9", "wb"):
        pass
    git(repository, "add", AWKWARD[0], f"./{AWKWARD[3]}")
    assert set(names(repository)) == {*AWKWARD, "latin-\udce9"}


def test_names_that_differ_in_case_alone_are_two_files(repository: Path) -> None:
    write(repository, "Readme", "readme")
    (repository / ".gitignore").write_text("READ*\n")
    assert names(repository) == [".gitignore", "Readme", "readme"]


def test_links_are_links_and_executables_executable(repository: Path) -> None:
    write(repository, "run.sh", "plain", "package/module.py")
    (repository / "run.sh").chmod(0o755)
    (repository / "to-file").symlink_to("plain")
    (repository / "to-folder").symlink_to("package")
    (repository / "dangling").symlink_to("/nowhere/at/all")
    files = {file.path: file for file in project_files(repository)}
    assert files["run.sh"].executable
    assert not files["plain"].executable
    links = {path: file.link for path, file in files.items() if file.link is not None}
    assert links == {"to-file": "plain", "to-folder": "package", "dangling": "/nowhere/at/all"}


def test_sockets_and_pipes_are_no_files(repository: Path) -> None:
    write(repository, "a", "b")
    git(repository, "add", "b")
    (repository / "b").unlink()
    os.mkfifo(repository / "b")
    os.mkfifo(repository / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        assert names(repository) == ["a"]


def test_files_of_submodules_count_tracked_or_not(repository: Path, tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    git(library, "init", "-q")
    write(library, "lib.py", ".gitignore", text="*.tmp\n")
    git(library, "add", ".")
    git(library, "commit", "-qm", "x")
    git(repository, "submodule", "add", "-q", str(library), "third party/library")
    write(repository / "third party/library", "new.py", "x.tmp")
    inner = "third party/library/"
    assert names(repository) == [".gitmodules", f"{inner}.gitignore", f"{inner}lib.py", f"{inner}new.py"]
    assert names(repository / inner) == [".gitignore", "lib.py", "new.py"]
    git(repository, "submodule", "deinit", "-f", "third party/library")
    assert names(repository) == [".gitmodules"]


def test_files_of_a_repository_within_that_nobody_added_count_too(repository: Path) -> None:
    write(repository, "train.py", "cloned/model.py", "cloned/x.log")
    (repository / "cloned/.gitignore").write_text("*.log\n")
    git(repository / "cloned", "init", "-q")
    git(repository / "cloned", "add", ".")
    git(repository / "cloned", "commit", "-qm", "x")
    assert names(repository) == ["cloned/.gitignore", "cloned/model.py", "train.py"]


def test_a_worktree_is_a_project(repository: Path, tmp_path: Path) -> None:
    write(repository, "a")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "x")
    git(repository, "worktree", "add", "-q", str(tmp_path / "second"))
    write(tmp_path / "second", "b")
    assert names(tmp_path / "second") == ["a", "b"]


def test_what_other_repositories_the_environment_names_does_not_matter(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository, "a")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    assert names(repository) == ["a"]


def test_a_folder_in_somebody_elses_repository_is_not_that_repository(repository: Path) -> None:
    write(repository, ".gitignore", text="*\n")
    write(repository, "inner/a")
    assert names(repository / "inner") == ["a"]


def test_a_repository_that_git_cannot_read_is_an_error_that_says_what_git_says(repository: Path) -> None:
    (repository / ".git/index").write_bytes(b"nonsense")
    with pytest.raises(RunctlError, match="index"):
        project_files(repository)


# --- without git


def test_without_git_what_gitignore_says_counts_and_pythons_own_caches_do_not(without_git: Path) -> None:
    write(without_git, "a.py", "x.log", "sub/keep.log", "sub/y.log", "__pycache__/a.pyc", "env/pyvenv.cfg", "env/lib")
    (without_git / ".gitignore").write_text("*.log\n")
    (without_git / "sub/.gitignore").write_text("!keep.log\n")
    assert names(without_git) == [".gitignore", "a.py", "sub/.gitignore", "sub/keep.log"]


# --- what is left out and what is added


def test_runctlignore_leaves_out_more_tracked_or_not(repository: Path) -> None:
    write(repository, "train.py", "paper/figure.pdf", "paper/text.tex", "notes.md", "sub/notes.md")
    git(repository, "add", ".")
    (repository / ".runctlignore").write_text("/paper/\nnotes.md\n!sub/notes.md\n")
    assert names(repository) == [".runctlignore", "sub/notes.md", "train.py"]


def test_runctlignore_reaches_into_submodules(repository: Path) -> None:
    write(repository, "cloned/model.py", "cloned/docs/x.md")
    git(repository / "cloned", "init", "-q")
    git(repository / "cloned", "add", ".")
    git(repository / "cloned", "commit", "-qm", "x")
    (repository / ".runctlignore").write_text("cloned/docs\n")
    assert names(repository) == [".runctlignore", "cloned/model.py"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("weights/*.pt", ["weights/a.pt"]),
        ("weights/", ["weights/a.pt", "weights/b.bin", "weights/deep/c.pt"]),
        ("/weights", ["weights/a.pt", "weights/b.bin", "weights/deep/c.pt"]),
        ("*.pt", ["weights/a.pt", "weights/deep/c.pt"]),
        ("weights/**/c.pt", ["weights/deep/c.pt"]),
        ("nothing/*.pt", []),
    ],
)
def test_patterns_add_files_that_git_ignores(repository: Path, pattern: str, expected: list[str]) -> None:
    write(repository, "train.py", "weights/a.pt", "weights/b.bin", "weights/deep/c.pt")
    (repository / ".gitignore").write_text("weights/\n")
    assert names(repository, pattern) == sorted([".gitignore", "train.py", *expected])


def test_what_is_asked_for_comes_though_runctlignore_leaves_it_out(repository: Path) -> None:
    write(repository, "a.bin", "b.bin")
    (repository / ".runctlignore").write_text("*.bin\n.runctlignore\n")
    assert names(repository, "a.bin") == ["a.bin"]


def test_patterns_never_add_gits_own_files(repository: Path) -> None:
    write(repository, "a")
    assert names(repository, "*", ".git/") == ["a"]


@pytest.mark.parametrize("pattern", ["", "#", "../up/*.pt", "a/../../b"])
def test_a_pattern_that_is_none_is_refused(repository: Path, pattern: str) -> None:
    with pytest.raises(UsageError, match="--include-pattern"):
        names(repository, pattern)


def test_runctls_own_folder_within_a_project_does_not_count(repository: Path) -> None:
    write(repository, "a", ".runctl/runs/x/output.log")
    assert [file.path for file in project_files(repository, (), repository / ".runctl")] == ["a"]


# --- patterns, against git itself

_ALPHABET = "ab/*?[]!-^.\\# "
PATTERNS = st.text(_ALPHABET, min_size=1, max_size=9) | st.sampled_from(
    [
        *("**/a", "a/**", "a/**/b", "**", "a**", "**b", "***", "*/", "[[:alpha:]]", "[!a]", "[^a-b]", "[]a]", "[]-a]"),
        *("[a-", "a[[:digit:]b]", "[[:nope:]]", "[[:a]", "\\!a", "\\#a", "a\\ ", "a  ", "/a", "/*", "a/", "/a/"),
        *("!a/", "[a/b]"),
    ]
)
PATHS = st.lists(st.text("ab.-]!#[ ^", min_size=1, max_size=3), min_size=1, max_size=4).map("/".join)


def _possible(path: str) -> bool:
    return not any(part in (".", "..") for part in path.split("/"))


@pytest.fixture(scope="module")
def judge() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    git(folder, "init", "-q")
    yield folder
    shutil.rmtree(folder)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    patterns=st.lists(PATTERNS | PATTERNS.map(lambda text: f"!{text}"), min_size=1, max_size=4),
    paths=st.lists(PATHS.filter(_possible), min_size=1, max_size=25, unique=True),
)
@example(patterns=["a/**", "!a/b"], paths=["a/b", "a/a/b", "a"])
def test_patterns_match_what_they_match_for_git(judge: Path, patterns: list[str], paths: list[str]) -> None:
    text = "\n".join(patterns) + "\n"
    assume(not any("\r" in pattern for pattern in patterns))
    (judge / ".git/info/exclude").write_text(text)
    done = subprocess.run(
        ["git", "-C", judge, "check-ignore", "--no-index", "-z", "-v", "-n", "--stdin"],
        input="\0".join(paths).encode(),
        capture_output=True,
        env={**os.environ, **QUIET},
    )
    fields = done.stdout.split(b"\0")
    told = {fields[at + 3]: fields[at + 2] for at in range(0, len(fields) - 3, 4)}
    rules = Rules.read(text.encode())
    for path in paths:
        pattern = told[path.encode()]
        assert rules.covers(path.encode()) == (bool(pattern) and not pattern.startswith(b"!")), (text, path)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    files=st.lists(PATHS.filter(_possible), min_size=1, max_size=12, unique=True),
    rules=st.dictionaries(PATHS.filter(_possible), st.lists(PATTERNS, max_size=3), max_size=3),
    top=st.lists(PATTERNS, max_size=3),
)
def test_a_folder_without_git_has_the_files_that_git_would_see(
    files: list[str], rules: dict[str, list[str]], top: list[str]
) -> None:
    root = Path(tempfile.mkdtemp())
    try:
        for name in files:
            _write_where_possible(root / name)
        for inner, patterns in {**rules, ".": top}.items():
            if (root / inner).is_dir():
                (root / inner / ".gitignore").write_text("".join(f"{pattern}\n" for pattern in patterns))
        git(root, "init", "-q")
        told = {path for path in git(root, "ls-files", "-coz", "--exclude-standard").split(b"\0") if path}
        shutil.rmtree(root / ".git")
        assert listing.paths(os.fsencode(root)) == told
    finally:
        shutil.rmtree(root)


def _write_where_possible(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    except OSError:
        return  # a file is where a folder would be
