"""The script's output in its file: the last lines, the last minutes, secrets in a pipe."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runctl.agent.masking import Masker
from runctl.agent.output import MaskedPipe, OutputTimes, offset_of_last_lines, offset_since, open_log
from runctl.agent.rundir import RunDir

BLOCK = 1 << 16


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    run = RunDir(str(tmp_path), "0gydk2w-7hx3m")
    os.makedirs(run.path)
    return run


def tail(path: Path, data: bytes, count: int) -> bytes:
    path.write_bytes(data)
    return data[offset_of_last_lines(str(path), count) :]


@pytest.mark.parametrize(
    ("data", "count", "expected"),
    [
        (b"", 3, b""),
        (b"a\nb\nc\n", 1, b"c\n"),
        (b"a\nb\nc\n", 2, b"b\nc\n"),
        (b"a\nb\nc\n", 3, b"a\nb\nc\n"),
        (b"a\nb\nc\n", 99, b"a\nb\nc\n"),
        (b"a\nb\nc", 1, b"c"),
        (b"a\nb\nc", 2, b"b\nc"),
        (b"a\n\n\n", 1, b"\n"),
        (b"a\n\n\n", 2, b"\n\n"),
        (b"\n", 1, b"\n"),
        (b"no newline", 1, b"no newline"),
        (b"a\nb\n", 0, b""),
    ],
)
def test_the_last_lines_with_and_without_a_final_newline(
    tmp_path: Path, data: bytes, count: int, expected: bytes
) -> None:
    assert tail(tmp_path / "log", data, count) == expected


@pytest.mark.parametrize("size", [BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK])
@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_last_lines_where_newlines_lie_at_the_borders_of_blocks(
    tmp_path: Path, size: int, end: bytes, count: int
) -> None:
    lines = [b"first", b"x" * (size - 1), b"y" * (size - len(end)) + end]
    expected = b"\n".join(lines[-count:])
    assert tail(tmp_path / "log", b"\n".join(lines), count) == expected


@given(st.lists(st.integers(0, 3), max_size=12), st.booleans(), st.integers(1, 6))
def test_the_last_lines_are_those_that_splitting_all_of_it_gives(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], ends: bool, count: int
) -> None:
    data = b"\n".join(b"x" * length for length in lengths) + (b"\n" if ends else b"")
    expected = b"".join(data.splitlines(keepends=True)[-count:])
    assert tail(tmp_path_factory.mktemp("tail") / "log", data, count) == expected


def test_lines_of_a_huge_file_are_read_from_its_end(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as file:
        file.truncate(1 << 36)  # sparse: reading all of it would take minutes
        file.seek(0, os.SEEK_END)
        file.write(b"\na\nb\n")
    assert offset_of_last_lines(str(path), 2) == (1 << 36) + 1


def test_output_since_a_time_begins_where_it_was_then(run: RunDir) -> None:
    times = OutputTimes(run)
    for at, size in ((100.0, 10), (110.0, 20), (120.0, 30)):
        times.note(at, size)
    assert offset_since(run, 0) == 0
    assert offset_since(run, 100) == 0
    assert offset_since(run, 105) == 10
    assert offset_since(run, 120) == 20
    assert offset_since(run, 1e12) == 30


def test_times_are_noted_once_a_second_and_only_when_there_is_more(run: RunDir) -> None:
    times = OutputTimes(run)
    for at, size in ((100.0, 1), (100.5, 2), (101.0, 2), (102.0, 2), (110.0, 2)):
        times.note(at, size)
    assert os.path.getsize(run.output_times) == 2 * 16


def test_a_clock_set_back_does_not_silence_the_notes(run: RunDir) -> None:
    times = OutputTimes(run)
    times.note(1000.0, 1)
    times.note(500.0, 2)
    assert os.path.getsize(run.output_times) == 2 * 16


def test_with_no_notes_or_a_half_one_nothing_is_left_out(run: RunDir) -> None:
    assert offset_since(run, 1e12) == 0
    Path(run.output_times).write_bytes(b"\0" * 15)
    assert offset_since(run, 1e12) == 0


def test_secrets_in_the_pipe_never_reach_the_log(run: RunDir) -> None:
    pipe = MaskedPipe(open_log(run), Masker(["hunter2"]))
    os.write(pipe.write_end, b"key hunt")
    pipe.pump()
    assert Path(run.output).read_bytes() == b"key "
    os.write(pipe.write_end, b"er2 end hunt")
    pipe.pump()
    os.close(pipe.write_end)
    pipe.finish()
    assert Path(run.output).read_bytes() == b"key *** end hunt"
    assert pipe.closed
    assert pipe.lost == 0


def test_what_a_full_disk_refuses_is_counted() -> None:
    pipe = MaskedPipe(os.open("/dev/full", os.O_WRONLY), Masker(["hunter2"]))
    os.write(pipe.write_end, b"12345")
    pipe.pump()
    os.close(pipe.write_end)
    assert pipe.lost == 5
