"""What goes wrong while a project is sent: nothing is ever half new under a run, and the next sync is right."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from code_support import STAGES, Runctl, begin, client_at, content, sent, sync, write
from support import until

import sshd as real
from runctl.core.errors import RefusedError
from runctl.machines.code import Project
from runctl.machines.code import sync as sync_code
from runctl.transport.agent_client import AgentClient
from runctl.transport.ssh import SshTransport
from running import processes_of
from sshd import INSTANCE, Sshd

pytestmark = pytest.mark.slow
OLD = {b"one.py": b"old", b"two.py": b"old", b"gone.py": b"old", b"same.py": b"old", b"result": b"made there"}
NEW = {b"one.py": b"new 1", b"two.py": b"new 2", b"new.py": b"new 3", b"same.py": b"old", b"result": b"made there"}
# as if files could not be read, which root always can
CANNOT_READ = """
import sys
from runctl.cli.main import main
from runctl.transport import code_client
def read(path, *more, **named):
    if path.endswith(b"/two.py"):
        raise PermissionError(13, "Permission denied", path)
    return open(path, *more, **named)
code_client.open = read
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def sshd(home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sshd]:
    with real.instance(home, monkeypatch) as running:
        yield running


@pytest.fixture
def there(sshd: Sshd, runctl: Runctl) -> Path:
    """The project's folder on the machine, with its OLD files; here it has the NEW ones."""
    write("one.py", "two.py", "gone.py", "same.py", text="old")
    sync(runctl)
    there = sshd.home / "runctl" / "project"
    write(str(there / "result"), text="made there")
    Path("gone.py").unlink()
    for number, name in enumerate(("one.py", "two.py", "new.py"), 1):
        write(name, text=f"new {number}")
    return there


def shown(there: Path) -> dict[bytes, bytes | str]:
    """What a run would see of the project."""
    return {path: text for path, text in content(there).items() if not path.startswith(b".runctl-incoming/")}


def until_left(sshd: Sshd) -> None:
    """Waits for the end of the agent that served a client."""
    until(lambda: not processes_of(sshd.home), "the end of the agent")


@pytest.mark.parametrize("stage", STAGES)
def test_after_a_client_was_killed_the_project_is_old_or_new_and_the_next_sync_is_right(
    sshd: Sshd, runctl: Runctl, there: Path, stage: str
) -> None:
    with client_at(stage) as client:
        client.process.kill()
    until_left(sshd)
    assert shown(there) == (NEW if stage in ("placed", "remember") else OLD)
    document = sync(runctl)
    assert document["warnings"] == []
    assert content(there) == NEW
    assert sync(runctl)["sent"] == []


def test_what_had_arrived_when_the_client_was_killed_is_not_sent_again(sshd: Sshd, runctl: Runctl, there: Path) -> None:
    with client_at("end") as client:
        client.process.kill()
    until_left(sshd)
    assert sync(runctl)["sent_bytes"] == 0
    assert content(there) == NEW


def test_what_had_arrived_and_has_changed_since_is_sent(sshd: Sshd, runctl: Runctl, there: Path) -> None:
    with client_at("end") as client:
        client.process.kill()
    until_left(sshd)
    write("one.py", text="new 4")
    Path("new.py").unlink()
    assert sent(runctl) == ["one.py"]
    assert content(there) == {**{path: text for path, text in NEW.items() if path != b"new.py"}, b"one.py": b"new 4"}


@pytest.mark.parametrize("stage", ["compare", "send", "within", "end"])
def test_a_connection_that_is_cut_is_said_and_the_next_sync_goes_on(
    sshd: Sshd, runctl: Runctl, there: Path, stage: str
) -> None:
    with client_at(stage) as client:
        sshd.cut_connections()
        code, stderr = client.go_on()
    assert code == 6, stderr
    assert "Traceback" not in stderr and INSTANCE in stderr
    until_left(sshd)
    assert shown(there) == OLD
    real.connect(Path(sshd.known_hosts).parent, sshd)
    sync(runctl)
    assert content(there) == NEW


def test_no_run_starts_while_the_project_is_on_its_way(sshd: Sshd, runctl: Runctl, there: Path) -> None:
    write("train.py", text="")
    with client_at("send") as client:
        with pytest.raises(RefusedError, match="just being sent to this machine"):
            begin(sshd)
        assert client.go_on() == (0, "")
    run_id = begin(sshd)
    agent = AgentClient(SshTransport(sshd.target()))
    until(lambda: agent.status([run_id])[0]["phase"] == "finished", "the end of the run")


def test_a_file_that_cannot_be_read_ends_the_sync_before_anything_changes(
    sshd: Sshd, runctl: Runctl, there: Path
) -> None:
    words = [sys.executable, "-c", CANNOT_READ, "aws", "sync", INSTANCE]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 1
    assert "cannot read two.py: Permission denied; nothing was changed on the machine" in done.stderr
    assert ".runctlignore" in done.stderr
    assert shown(there) == OLD


def test_a_file_that_vanishes_while_it_is_sent_is_said_and_vanishes_there(
    sshd: Sshd, runctl: Runctl, there: Path
) -> None:
    with client_at("send") as client:
        Path("two.py").unlink()
        code, stderr = client.go_on()
    assert (code, stderr) == (0, "warning: vanished before they could be sent: two.py\n")
    assert content(there) == {path: text for path, text in NEW.items() if path != b"two.py"}
    assert sync(runctl)["removed"] == []


def test_a_file_that_changes_while_it_is_sent_is_sent_as_it_is_then(sshd: Sshd, runctl: Runctl, there: Path) -> None:
    with client_at("within") as client:
        for name in ("new.py", "one.py", "two.py"):
            write(name, text="newer")
        code, stderr = client.go_on()
    assert (code, stderr) == (0, "")
    sync(runctl)
    assert content(there) == {**NEW, b"new.py": b"newer", b"one.py": b"newer", b"two.py": b"newer"}


def test_the_user_hears_of_large_files_before_they_are_sent(sshd: Sshd, home: Path) -> None:
    with Path("model.bin").open("wb") as file:
        file.truncate(51 << 20)
    told: list[str] = []
    project = Project(INSTANCE, home, Path.cwd(), "project")
    sync_code(SshTransport(sshd.target()), project, lambda progress: told.append("progress"), told.append)
    assert told[0].startswith("large files are sent: model.bin") and "progress" in told[1:]
