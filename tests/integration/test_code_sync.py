"""A project's code sent to a machine over a real sshd, with the commands that a user types."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from code_support import Runctl, begin, client_at, content, git, names, sent, sync, write
from support import until

import sshd as real
from runctl.transport.agent_client import AgentClient
from runctl.transport.ssh import SshTransport
from running import RUNCTL
from sshd import INSTANCE, Sshd

pytestmark = pytest.mark.slow


@pytest.fixture
def sshd(home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sshd]:
    with real.instance(home, monkeypatch) as running:
        yield running


@pytest.fixture
def there(sshd: Sshd) -> Path:
    """The project's folder on the machine."""
    return sshd.home / "runctl" / "project"


# --- what is sent


def test_what_git_would_commit_is_sent_and_what_its_user_adds(
    sshd: Sshd, runctl: Runctl, there: Path, tmp_path: Path
) -> None:
    inner = tmp_path / "library"
    inner.mkdir()
    git("init", "-q", folder=str(inner))
    (inner / "code.py").touch()
    git("add", ".", folder=str(inner))
    git("commit", "-qm", "first", folder=str(inner))
    git("init", "-q")
    git("submodule", "add", "-q", str(inner), "library")
    write("train.py", "note.md", "big.pt", "deep/data.csv", "deep/keep.csv", "weights/base.pt", "docs/manual.txt")
    write(".gitignore", text="*.pt\n")
    write("deep/.gitignore", text="*.csv\n!keep.csv\n")
    write(".runctlignore", text="docs/\n")
    git("add", "train.py", "docs")
    sync(runctl, "--include-pattern", "weights/*.pt")
    expected = [".gitignore", ".gitmodules", ".runctlignore", "deep/.gitignore", "deep/keep.csv"]
    expected += ["library/code.py", "note.md", "train.py", "weights/base.pt"]
    assert names(there) == expected


def test_a_folder_without_git_is_sent_without_what_python_makes_by_itself(
    sshd: Sshd, runctl: Runctl, there: Path
) -> None:
    write("train.py", "__pycache__/train.pyc", ".venv/pyvenv.cfg", ".venv/lib/module.py", "out/log")
    write(".gitignore", text="out/\n")
    sync(runctl)
    assert names(there) == [".gitignore", "train.py"]


def test_from_a_folder_within_the_whole_project_is_sent(
    sshd: Sshd, runctl: Runctl, there: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("init", "-q")
    write("train.py", "tools/other.py")
    monkeypatch.chdir("tools")
    assert sent(runctl) == ["tools/other.py", "train.py"]


def test_names_links_and_executable_bits_arrive_as_they_are(sshd: Sshd, runctl: Runctl, there: Path) -> None:
    odd = [
        b"a b",
        b'it\'s "quoted"',
        b"new\nline",
        "größe/日本".encode(),
        b"not-\xff-utf8",
        b"-rf",
        b"$(touch x)",
        b"~",
    ]
    odd += [b"\\back", b"*?[", b"e\x1b[31m", b"n" * 255]
    for name in odd:
        path = Path(os.fsdecode(name))
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name)
    write("tool.sh")
    Path("tool.sh").chmod(0o755)
    for link, target in (("in", "a b"), ("out", "../elsewhere"), ("dangling", "nowhere"), ("folder", "größe")):
        Path(link).symlink_to(target)
    document = sync(runctl)
    assert content(there) == content(Path.cwd())
    assert (there / "tool.sh").stat().st_mode & 0o111
    assert not (there / "a b").stat().st_mode & 0o111
    assert {file["path"]: file["link"] for file in document["sent"] if file["link"]}["dangling"] == "nowhere"
    assert document["warnings"] == ["links that lead out of the project, sent as links: out"]
    assert sync(runctl)["sent"] == []


def test_a_large_file_is_warned_of(sshd: Sshd, runctl: Runctl, there: Path) -> None:
    with Path("model.bin").open("wb") as file:
        file.truncate(51 << 20)
    done = runctl("aws", "sync", INSTANCE)
    assert "warning: large files are sent: model.bin (51.0 MiB); what need not be sent can be named in" in done.stderr
    assert (there / "model.bin").stat().st_size == 51 << 20
    assert runctl("aws", "sync", INSTANCE).stderr == ""


# --- only what has changed


def test_nothing_that_has_not_changed_is_sent(sshd: Sshd, runctl: Runctl, there: Path) -> None:
    write("one.py", "two.py", "three.py")
    first = sync(runctl)
    assert (len(first["sent"]), first["sent_bytes"]) == (3, 3)
    os.utime("one.py", (1, 1))  # a checkout touches files whose content stays
    again = sync(runctl)
    assert (again["sent"], again["unchanged"], again["stamp"]) == ([], 3, first["stamp"])
    write("two.py", text="y")
    assert sent(runctl) == ["two.py"]
    Path("three.py").chmod(0o755)
    changed = sync(runctl)
    assert (changed["sent"], changed["mode_changed"]) == ([], ["three.py"])
    assert (there / "three.py").stat().st_mode & 0o111
    assert changed["stamp"] != first["stamp"]


def test_what_is_there_is_not_sent_by_a_client_that_knows_nothing(
    sshd: Sshd, runctl: Runctl, there: Path, home: Path
) -> None:
    write("one.py", "two.py")
    sync(runctl)
    for file in (home / "cache" / "code").iterdir():
        file.unlink()
    write("two.py", text="y")
    assert sent(runctl) == ["two.py"]
    assert sent(runctl) == []


def test_a_file_that_changes_within_the_tick_of_a_clock_is_sent(sshd: Sshd, runctl: Runctl, there: Path) -> None:
    write("train.py", text="a")
    sync(runctl)
    found = Path("train.py").stat()
    write("train.py", text="b")
    os.utime("train.py", ns=(found.st_atime_ns, found.st_mtime_ns))
    assert sent(runctl) == ["train.py"]


def test_only_what_was_sent_is_removed(sshd: Sshd, runctl: Runctl, there: Path) -> None:
    write("old/a.py", "old/deep/b.py", "models/net.py", "keep.py")
    sync(runctl)
    write(str(there / "models" / "best.pt"), str(there / "outputs" / "log"))
    for name in ("old/a.py", "old/deep/b.py", "models/net.py"):
        Path(name).unlink()
    assert sync(runctl)["removed"] == ["models/net.py", "old/a.py", "old/deep/b.py"]
    assert names(there) == ["keep.py", "models/best.pt", "outputs/log"]
    assert not (there / "old").exists()


def test_what_becomes_ignored_goes_and_what_stops_being_ignored_comes(sshd: Sshd, runctl: Runctl, there: Path) -> None:
    write("a.csv", "b.py")
    sync(runctl)
    write(".runctlignore", text="*.csv\n")
    assert sync(runctl)["removed"] == ["a.csv"]
    Path(".runctlignore").unlink()
    assert sent(runctl) == ["a.csv"]
    assert names(there) == ["a.csv", "b.py"]


def test_a_file_becomes_a_folder_and_back_and_a_link_too(sshd: Sshd, runctl: Runctl, there: Path) -> None:
    def swap(*make: Callable[[], None]) -> None:
        subprocess.run(["rm", "-rf", "thing"], check=True)
        for each in make:
            each()
        assert sync(runctl)["warnings"] == []
        assert content(there) == content(Path.cwd())

    write("other/inside")
    swap(lambda: write("thing"))
    swap(lambda: write("thing/a", "thing/b/c"))
    swap(lambda: Path("thing").symlink_to("other"))
    swap(lambda: write("thing/inside"))
    swap(lambda: write("thing"))
    swap(lambda: Path("thing").symlink_to("other"))
    swap(lambda: Path("thing").symlink_to("nowhere"))
    swap(lambda: write("thing"))
    swap()


def test_a_folder_with_files_of_others_is_not_replaced_by_a_file(sshd: Sshd, runctl: Runctl, there: Path) -> None:
    write("thing/a")
    sync(runctl)
    write(str(there / "thing" / "result"))
    Path("thing/a").unlink()
    Path("thing").rmdir()
    write("thing")
    done = runctl("aws", "sync", INSTANCE)
    assert done.returncode == 3
    assert "is a folder on the machine, with files in it that runctl did not send" in done.stderr
    assert names(there) == ["thing/a", "thing/result"]


# --- looking first


def test_a_dry_run_lists_what_would_go_and_changes_nothing(sshd: Sshd, runctl: Runctl, there: Path) -> None:
    write("train.py", text="print(1)\n")
    Path("link").symlink_to("train.py")
    document = sync(runctl, "--dry-run")
    assert document["dry_run"] and document["stamp"] is None and document["sent_bytes"] == 9
    assert not there.exists()
    sync(runctl)
    Path("link").unlink()
    write("train.py", "new.py", text="print(2)\nprint(3)\n")
    done = runctl("aws", "sync", INSTANCE, "--dry-run")
    assert done.stdout.splitlines() == [
        "send    new.py  18 B",
        "send    train.py  18 B",
        "remove  link",
        f"~/runctl/project on {INSTANCE}: 2 files to send (36 B), 1 to remove, 0 unchanged",
    ]
    assert runctl("aws", "sync", INSTANCE, "--dry-run", "-q").stdout == "new.py\ntrain.py\n"
    assert content(there) == {b"train.py": b"print(1)\n", b"link": "train.py"}
    assert sent(runctl) == ["new.py", "train.py"]
    assert runctl("aws", "sync", INSTANCE, "-q").stdout == ""


# --- others on the machine


def test_what_was_changed_on_the_machine_is_kept_aside_when_it_is_replaced(
    sshd: Sshd, runctl: Runctl, there: Path
) -> None:
    write("config.py", "gone.py", "lost.py", "same.py")
    sync(runctl)
    for name in ("config.py", "gone.py", "same.py"):
        write(str(there / name), text="tuned there")
    (there / "lost.py").unlink()
    Path("gone.py").unlink()
    write("same.py", text="tuned there")
    document = sync(runctl)
    assert [file["path"] for file in document["sent"]] == ["config.py", "lost.py", "same.py"]
    replaced, left = document["warnings"]
    assert replaced.startswith("changed on the machine, and replaced by what is here: config.py; what was there")
    kept = Path(replaced.rpartition(" ")[2])
    assert (kept / "config.py").read_text() == "tuned there"
    assert left == "no longer here, but changed on the machine, and left there: gone.py"
    assert content(there) == {
        b"config.py": b"x",
        b"gone.py": b"tuned there",
        b"lost.py": b"x",
        b"same.py": b"tuned there",
    }
    assert sync(runctl)["warnings"] == []


def test_a_file_that_somebody_made_there_is_kept_aside(sshd: Sshd, runctl: Runctl, there: Path) -> None:
    write("train.py")
    sync(runctl)
    write(str(there / "notes"), text="from there")
    write(str(there / "same"), text="x")
    write("notes", "same")
    (warning,) = sync(runctl)["warnings"]
    assert "replaced by what is here: notes;" in warning
    assert (Path(warning.rpartition(" ")[2]) / "notes").read_text() == "from there"


def test_two_projects_of_one_name_are_told_apart(sshd: Sshd, runctl: Runctl, there: Path, tmp_path: Path) -> None:
    write("train.py")
    sync(runctl)
    other = tmp_path / "other" / "project"
    other.mkdir(parents=True)
    os.chdir(other)
    write("main.py")
    (warning,) = sync(runctl, "--dry-run")["warnings"]
    assert f":{tmp_path}/project; --project-name keeps two projects apart" in warning
    assert sync(runctl, "--project-name", "other")["warnings"] == []
    assert (names(there), names(there.with_name("other"))) == (["train.py"], ["main.py"])


@pytest.mark.parametrize("name", ["", "..", "a/b", "-x", ".git", "a b"])
def test_a_name_that_is_no_folders_is_refused(sshd: Sshd, runctl: Runctl, name: str) -> None:
    write("train.py")
    done = runctl("aws", "sync", INSTANCE, f"--project-name={name}")
    assert done.returncode == 2
    assert "not a folder's name" in done.stderr
    assert not (sshd.home / "runctl").exists()


def test_two_syncs_at_once_end_with_what_is_here(sshd: Sshd, runctl: Runctl, there: Path) -> None:
    write(*(f"part{number}.py" for number in range(300)))
    clients = [
        subprocess.Popen([*RUNCTL, "aws", "sync", INSTANCE], stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    told = [client.communicate(timeout=60) for client in clients]
    assert [client.returncode for client in clients] == [0, 0, 0], told
    assert content(there) == content(Path.cwd())
    assert sent(runctl) == []


def test_while_another_command_sends_the_project_it_is_busy(sshd: Sshd, runctl: Runctl, there: Path) -> None:
    write("one.py", "two.py")
    with client_at("send") as client:
        done = runctl("aws", "sync", INSTANCE)
        assert done.returncode == 3
        assert "project project is just being sent to this machine by another command" in done.stderr
        assert client.go_on() == (0, "")
    assert names(there) == ["one.py", "two.py"]


# --- runs


def test_files_under_a_live_run_are_never_changed(sshd: Sshd, runctl: Runctl, there: Path) -> None:
    write("train.py", text="import os, time\nwhile not os.path.exists('go'):\n    time.sleep(0.01)\n")
    sync(runctl)
    run_id = begin(sshd)
    assert sync(runctl)["sent"] == []  # nothing would change
    write("other.py")
    for words in ([], ["--dry-run"]):
        done = runctl("aws", "sync", INSTANCE, *words)
        assert done.returncode == (0 if words else 3)
        assert f"run {run_id} uses ~/runctl/project on {INSTANCE}, and 1 file would change under it" in done.stderr
    assert "--project-name project-2" in runctl("aws", "sync", INSTANCE).stderr
    Path("train.py").unlink()
    assert runctl("aws", "sync", INSTANCE).returncode == 3
    assert names(there) == ["train.py"]
    assert sent(runctl, "--project-name", "project-2") == ["other.py"]
    (there / "go").touch()
    agent = AgentClient(SshTransport(sshd.target()))
    until(lambda: agent.status([run_id])[0]["phase"] == "finished", "the end of the run")
    assert sync(runctl)["removed"] == ["train.py"]
    assert names(there) == ["go", "other.py"]


def test_nothing_changes_under_a_run_that_starts_while_files_are_on_their_way(
    sshd: Sshd, runctl: Runctl, there: Path
) -> None:
    write("train.py", text="import time; time.sleep(60)\n")
    sync(runctl)
    write("one.py", "two.py")
    with client_at("send") as client:
        # one that only uses the folder: it does not wait for who sends
        run_id = begin(sshd, in_project=False)
        code, stderr = client.go_on()
    assert (code, f"run {run_id} uses" in stderr) == (3, True), stderr
    assert names(there) == ["train.py"]
    AgentClient(SshTransport(sshd.target())).stop(run_id, 0, None)
