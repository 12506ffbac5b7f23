"""A project's folder on a machine while it is changed: what an agent leaves that is ended half-way."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from runctl.agent import receiving, sent_code
from runctl.agent.control import Refused
from runctl.agent.placing import Placing
from runctl.agent.project import Project
from runctl.agent.receive import receive
from runctl.agent.receiving import CHUNK, Ended, Staging

Files = dict[str, str]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(str(tmp_path / "home"), "project", str(tmp_path / "there"))


def message(project: Project, files: Files, remove: tuple[str, ...] = (), end: bool = True) -> bytes:
    """What a client sends. A text that begins with `->` is a link."""
    out = b""
    for path, text in files.items():
        if text.startswith("->"):
            out += json.dumps({"link": path, "to": text[2:]}).encode() + b"\n"
            continue
        data = text.encode()
        out += json.dumps({"file": path, "executable": False, "mtime_ns": 1}).encode() + b"\n"
        out += CHUNK.pack(len(data)) + data + CHUNK.pack(0)
        out += json.dumps({"hash": digest(data)}).encode() + b"\n"
    return out + (json.dumps({"end": list(remove)}).encode() + b"\n" if end else b"")


def digest(data: bytes) -> str:
    import hashlib

    return hashlib.blake2b(data, digest_size=16).hexdigest()


def send(project: Project, files: Files, remove: tuple[str, ...] = (), end: bool = True) -> Any:
    """Has the agent receive this; returns its answers."""
    request = {"name": "project", "folder": project.folder, "stamp": None, "origin": "here"}
    home = str(Path(project.records).parent.parent)
    output = io.BytesIO()
    done = receive(home, request, io.BytesIO(message(project, files, remove, end)), output)
    return json.loads(output.getvalue()), done


def there(project: Project) -> Files:
    found = {path.name: path for path in Path(project.folder).iterdir()}
    return {name: f"->{os.readlink(path)}" if path.is_symlink() else path.read_text() for name, path in found.items()}


def end_after(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """The agent is ended after it has put so many files in place."""
    put, calls = Placing._put, []

    def ended(self: Placing, *arguments: Any) -> None:
        if len(calls) == number:
            raise KeyboardInterrupt
        calls.append(1)
        put(self, *arguments)

    monkeypatch.setattr(Placing, "_put", ended)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_an_agent_left_half_new_is_mended_and_nobody_is_blamed(
    project: Project, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    send(project, {"a": "1", "b": "1", "c": "1"})
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        end_after(patched, number)
        send(project, {"a": "2", "b": "2", "new": "2"}, ("c",))
    state, done = send(project, {"a": "3", "b": "3", "new": "3"}, ("c",))
    assert (state["stamp"], done["replaced"], done["left"]) == (None, [], [])
    # a client that knows what is there need not send it again
    assert ("a" in state["changed"], state["files"]["a"][3]) == (False, digest(b"2" if number else b"1"))
    assert there(project) == {"a": "3", "b": "3", "new": "3"}
    assert send(project, {})[0]["stamp"] == done["stamp"]


def test_no_run_takes_a_project_that_is_half_new(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    first = send(project, {"a": "1", "b": "1"})[1]
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        end_after(patched, 1)
        send(project, {"a": "2", "b": "2"})
    home = str(Path(project.records).parent.parent)
    for stamp, reason in ((first["stamp"], "is not as it was sent"), (None, "is half new")):
        asked = {"name": "project", "folder": project.folder, "stamp": stamp}
        with pytest.raises(Refused, match=reason), sent_code.held(home, {"project": asked, "workdir": project.folder}):
            pass
    done = send(project, {"a": "2", "b": "2"})[1]
    for stamp in (done["stamp"], None):
        asked = {"name": "project", "folder": project.folder, "stamp": stamp}
        with sent_code.held(home, {"project": asked, "workdir": project.folder}):
            pass


def test_a_link_that_was_left_on_its_way_is_in_nobodys_way(project: Project) -> None:
    send(project, {})
    Path(project.folder, ".runctl-incoming.link").symlink_to("anywhere")
    send(project, {"link": "->target"})
    assert there(project) == {"link": "->target"}


def test_what_changes_while_files_are_on_their_way_is_kept(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    send(project, {"a": "1", "b": "1"})
    read = receiving.read_all

    def meanwhile(*arguments: Any) -> Any:
        received = read(*arguments)
        for name in ("a", "b"):
            Path(project.folder, name).write_text("somebody else's")
        return received

    monkeypatch.setattr("runctl.agent.receive.read_all", meanwhile)
    _, done = send(project, {"a": "2"}, ("b",))
    assert (done["replaced"], done["left"]) == (["a"], ["b"])
    assert Path(done["kept_in"], "a").read_text() == "somebody else's"
    assert there(project) == {"a": "2", "b": "somebody else's"}


def test_a_disk_that_is_full_half_way_is_said_as_it_is(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    send(project, {"a": "1"})

    def full(*arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Placing, "_put", full)
        with pytest.raises(Refused, match="half new there, and no run is started with it"):
            send(project, {"a": "2"})
    with monkeypatch.context() as patched:
        patched.setattr("runctl.agent.receiving._write", full)
        with pytest.raises(Refused, match="nothing was changed"):
            send(project, {"a": "2"})
    assert there(project) == {"a": "1"}


def test_a_client_that_says_that_it_is_there_changes_nothing(project: Project) -> None:
    source = io.BytesIO(b'{"wait": true}\n' + message(project, {"a": "1"}))
    received = receiving.read_all(source, Staging(project.folder))
    assert list(received.files) == ["a"]


def test_what_is_cut_short_is_kept_but_not_named(project: Project) -> None:
    assert send(project, {"a": "1"}, end=False)[1] is None
    assert there_alone(project) == {".runctl-incoming"}
    assert send(project, {}, end=False)[0]["staged"] == {"a": [1, digest(b"1")]}
    with pytest.raises(Ended):
        receiving.read_all(io.BytesIO(message(project, {"b": "22"})[:-40]), Staging(project.folder))


def there_alone(project: Project) -> set[str]:
    return set(os.listdir(project.folder))


@pytest.mark.parametrize(
    "path", ["../a", "/a", "a/../b", ".git/config", "deep/.git/HEAD", ".runctl-incoming/1", "a//b", ""]
)
def test_nothing_is_ever_put_outside_of_the_folder(project: Project, path: str) -> None:
    send(project, {"fine": "1"})
    with pytest.raises(Refused, match="can't be a file of a project"):
        send(project, {path: "1"})
    with pytest.raises(Refused, match="can't be a file of a project"):
        send(project, {}, (path,))
    assert there(project) == {"fine": "1"}
