"""The run folder: files appear whole, events keep their numbers, one agent holds it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runctl.agent.rundir import EventLog, RunDir, parse_event, read_events, read_json, write_json


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    run = RunDir(str(tmp_path / "home"), "0gydk2w-7hx3m")
    os.makedirs(run.path)
    return run


def test_every_path_lies_in_the_runs_own_folder(run: RunDir) -> None:
    paths = [value for name, value in vars(run).items() if name not in ("home", "run_id", "path")]
    assert len(set(paths)) == len(paths) > 8
    assert {os.path.dirname(path) for path in paths} == {os.path.join(run.home, "runs", run.run_id)}


@pytest.mark.parametrize("durable", [False, True])
def test_a_document_is_replaced_whole_and_leaves_nothing_beside_it(run: RunDir, durable: bool) -> None:
    write_json(run.state, {"phase": "queued"})
    before = Path(run.state).stat().st_ino
    write_json(run.state, {"phase": "running", "text": "é\n\udcff"}, durable=durable)
    assert read_json(run.state) == {"phase": "running", "text": "é\n\udcff"}
    assert Path(run.state).stat().st_ino != before, "a reader that has the old file open must keep it"
    assert os.listdir(run.path) == ["state.json"]


def test_a_document_that_cannot_be_written_leaves_the_old_one(run: RunDir) -> None:
    write_json(run.state, {"phase": "queued"})
    blocked = RunDir(run.home, "0gydk2w-00000")
    with pytest.raises(OSError):
        write_json(blocked.state, {})
    assert not os.path.exists(blocked.path)
    assert read_json(run.state) == {"phase": "queued"}


def test_a_target_that_is_a_folder_leaves_no_temporary_file(run: RunDir) -> None:
    os.mkdir(run.state)
    with pytest.raises(OSError):
        write_json(run.state, {})
    assert os.listdir(run.path) == ["state.json"]


def test_events_are_numbered_on_when_the_file_is_opened_again(run: RunDir) -> None:
    EventLog(run.events).append(1.23456, "phase", {"phase": "running"})
    again = EventLog(run.events)
    again.append(2.0, "warning", {"text": "a\nb"})
    again.append(3.0, "phase", {"phase": "finished"})
    assert list(read_events(run.events)) == [
        {"n": 1, "at": 1.235, "kind": "phase", "phase": "running"},
        {"n": 2, "at": 2.0, "kind": "warning", "text": "a\nb"},
        {"n": 3, "at": 3.0, "kind": "phase", "phase": "finished"},
    ]
    assert [event["n"] for event in read_events(run.events, after=2)] == [3]


def test_a_line_cut_short_and_lines_that_are_no_events_are_passed_over(run: RunDir) -> None:
    EventLog(run.events).append(1.0, "phase", {})
    with open(run.events, "ab") as file:
        file.write(b'[1]\n"text"\n{"kind": "no number"}\n{"n": "2"}\n\xff\n{"n": 2, "at": 2.0, "ki')
    assert [event["n"] for event in read_events(run.events)] == [1]


def test_there_are_no_events_before_the_file_is(run: RunDir) -> None:
    assert list(read_events(run.events)) == []


@pytest.mark.parametrize("line", [b"", b"{", b"null\n", b"7\n", b'{"n": 1.5}\n'])
def test_what_is_no_event_is_none(line: bytes) -> None:
    assert parse_event(line) is None


def test_one_agent_at_a_time_holds_a_run(run: RunDir) -> None:
    assert not run.has_agent()
    lock = run.take_lock()
    assert lock is not None
    assert run.has_agent()
    assert run.take_lock() is None
    os.close(lock)
    assert not run.has_agent()
    again = run.take_lock()
    assert again is not None
    os.close(again)


def test_the_lock_of_a_killed_agent_is_free(run: RunDir) -> None:
    code = f"""
import sys
from runctl.agent.rundir import RunDir
lock = RunDir({run.home!r}, {run.run_id!r}).take_lock()
print("held", flush=True)
sys.stdin.read()
"""
    agent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with agent:
        assert agent.stdout is not None
        assert agent.stdout.readline() == b"held\n"
        assert run.has_agent()
        agent.kill()
        agent.wait()
        assert not run.has_agent()


def test_asking_whether_a_run_has_an_agent_makes_no_file(run: RunDir) -> None:
    run.has_agent()
    assert os.listdir(run.path) == []


def test_documents_are_readable_by_people_and_end_with_a_newline(run: RunDir) -> None:
    write_json(run.spec, {"a": 1, "b": [2]})
    text = Path(run.spec).read_text()
    assert text.endswith("}\n")
    assert len(text.splitlines()) > 2
    assert json.loads(text) == run.read_spec()


def test_an_event_after_half_a_line_is_not_lost(run: RunDir) -> None:
    EventLog(run.events).append(1.0, "phase", {})
    with open(run.events, "ab") as file:
        file.write(b'{"n": 2, "at": 2.0, "ki')
    EventLog(run.events).append(3.0, "warning", {})
    assert [(event["n"], event["kind"]) for event in read_events(run.events)] == [(1, "phase"), (2, "warning")]
