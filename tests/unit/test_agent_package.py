"""The agent as it travels: the same bytes for the same sources, run by any Python with nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import runctl
from runctl.transport import agent_package

BUILD = """
import sys
from runctl.transport import agent_package
sys.stderr.write(agent_package.content_hash())
sys.stdout.buffer.write(agent_package.build())
"""


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A folder with a copy of runctl's sources, to import from."""
    source = Path(runctl.__file__).parent
    shutil.copytree(source, tmp_path / "copy" / "runctl", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "copy"


def build(sources: Path | None = None, seed: str = "0") -> tuple[bytes, str]:
    """The package and its hash, as another process makes them."""
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    if sources:
        environment["PYTHONPATH"] = str(sources)
    done = subprocess.run([sys.executable, "-c", BUILD], capture_output=True, check=True, env=environment)
    return done.stdout, done.stderr.decode()


def test_two_processes_build_the_same_bytes() -> None:
    first, second = build(seed="1"), build(seed="2")
    assert first == second
    assert first == (agent_package.build(), agent_package.content_hash())


def test_neither_the_place_nor_the_times_of_the_sources_count(copied: Path) -> None:
    for path in copied.rglob("*.py"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
        path.chmod(0o600)
    assert build(copied) == build()


def test_a_changed_a_new_and_a_renamed_source_each_change_the_hash(copied: Path) -> None:
    agent = copied / "runctl" / "agent"
    hashes = {build(copied)[1]}
    with (agent / "follow.py").open("a") as file:
        file.write("\n")
    hashes.add(build(copied)[1])
    (agent / "another.py").write_text("")
    hashes.add(build(copied)[1])
    (agent / "another.py").rename(agent / "other.py")
    hashes.add(build(copied)[1])
    assert len(hashes) == 4


def test_what_is_not_the_agent_does_not_change_it(copied: Path) -> None:
    with (copied / "runctl" / "ui" / "views.py").open("a") as file:
        file.write("\n")
    (copied / "runctl" / "agent" / "notes.txt").write_text("not a source")
    assert build(copied) == build()


def test_it_holds_the_agent_and_nothing_of_the_client(tmp_path: Path) -> None:
    path = tmp_path / "agent.pyz"
    path.write_bytes(agent_package.build())
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    others = [name for name in names if not name.startswith("runctl/agent/")]
    assert others == ["__main__.py", "runctl/__init__.py"]
    assert "runctl/agent/__main__.py" in names


def test_it_runs_without_site_packages_and_without_the_users_variables(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "agent.pyz"
    path.write_bytes(agent_package.build())
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')")
    request = {"verb": "status", "runs": [], "home": str(home)}
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(path)],
        input=json.dumps(request).encode(),
        capture_output=True,
        env={"PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"[]\n", b"")


def test_a_request_it_does_not_know_is_refused_and_a_missing_run_not_found(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "agent.pyz"
    path.write_bytes(agent_package.build())

    def ask(**request: object) -> tuple[int, str]:
        text = json.dumps({**request, "home": str(home)}).encode()
        done = subprocess.run([sys.executable, "-I", "-S", str(path)], input=text, capture_output=True)
        assert done.stdout == b""
        return done.returncode, json.loads(done.stderr)["error"]

    assert ask(verb="dance") == (3, "this agent knows no request 'dance'")
    assert ask(verb="status", runs=["0gydk2w-7hx3m"])[0] == 4
    assert ask(verb="remove", run="../..")[0] == 4
    assert not home.exists()
