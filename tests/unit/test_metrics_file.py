"""Metrics that a script writes itself, as the agent reads them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runctl.agent.masking import Masker
from runctl.agent.metrics import MetricsFile, parse

NUMBERS = st.integers() | st.floats()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "metrics.jsonl"
    path.touch()
    return path


def reader(path: Path, *secrets: str) -> MetricsFile:
    return MetricsFile(str(path), Masker(list(secrets)))


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_position_and_metrics_are_told_apart() -> None:
    line = '{"step": 3, "epoch": 1, "total_steps": 10, "total_epochs": 2, "loss": 0.5, "lr": 1e-3}'
    assert parse(line) == {
        "step": 3,
        "epoch": 1,
        "total_steps": 10,
        "total_epochs": 2,
        "values": {"loss": 0.5, "lr": 0.001},
    }
    assert parse("{}") == {"values": {}}


def test_values_that_json_has_no_number_for_become_texts() -> None:
    values = parse('{"a": NaN, "b": Infinity, "c": -Infinity, "d": 1e999}')["values"]
    assert values == {"a": "NaN", "b": "Infinity", "c": "-Infinity", "d": "Infinity"}


@given(st.dictionaries(st.text(max_size=5), NUMBERS, max_size=4))
def test_every_line_of_numbers_is_taken_and_is_strict_json_afterwards(values: dict[str, float]) -> None:
    fields = parse(json.dumps(values))
    text = json.dumps(fields, allow_nan=False)
    assert set(json.loads(text)["values"]) | (set(fields) - {"values"}) == set(values)
    for name, value in fields["values"].items():
        if isinstance(values[name], float) and math.isfinite(values[name]):
            assert value == values[name]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("loss=3", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ("null", "not a JSON object"),
        ('{"loss": "low"}', "'loss' is not a number: 'low'"),
        ('{"loss": null}', "'loss' is not a number: None"),
        ('{"step": [1]}', "'step' is not a number"),
    ],
)
def test_a_wrong_line_is_refused_with_what_is_wrong_with_it(line: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint.replace("[", r"\[")):
        parse(line)


def test_a_complaint_about_a_huge_line_is_short() -> None:
    with pytest.raises(ValueError) as caught:
        parse("x" * 100_000)
    assert len(str(caught.value)) < 200


def test_whole_lines_are_read_once_and_a_half_one_when_it_is_whole(path: Path) -> None:
    metrics = reader(path)
    append(path, b'{"loss": 1}\n{"lo')
    assert metrics.read() == ([{"values": {"loss": 1}}], [])
    assert metrics.read() == ([], [])
    append(path, b'ss": 2}\n\n  \n')
    assert metrics.read() == ([{"values": {"loss": 2}}], [])
    assert metrics.read() == ([], [])


def test_a_wrong_line_costs_no_other(path: Path) -> None:
    append(path, b'{"a": 1}\nnonsense\n\xff\n{"a": 2}\n')
    found, complaints = reader(path).read()
    assert [fields["values"]["a"] for fields in found] == [1, 2]
    assert len(complaints) == 2


def test_a_line_without_end_is_dropped_and_said_and_the_next_is_read(path: Path) -> None:
    metrics = reader(path)
    append(path, b"x" * ((1 << 20) + 1))
    assert metrics.read() == ([], ["a line of more than 1 MiB"])
    append(path, b'\n{"a": 1}\n')
    assert metrics.read() == ([{"values": {"a": 1}}], [])


def test_a_reader_made_later_goes_on_where_the_first_one_was(path: Path) -> None:
    append(path, b'{"a": 1}\n')
    first = reader(path)
    first.read()
    append(path, b'{"a": 2}\n')
    later = MetricsFile(str(path), Masker([]), known=1)
    assert later.read() == ([{"values": {"a": 2}}], [])


def test_a_last_line_without_newline_counts_when_nothing_more_will_come(path: Path) -> None:
    append(path, b'{"a": 1}\n{"a": 2}')
    metrics = reader(path)
    assert metrics.read() == ([{"values": {"a": 1}}], [])
    assert metrics.finish() == ([{"values": {"a": 2}}], [])


@pytest.mark.parametrize("replace", [True, False])
def test_a_file_that_was_replaced_or_cut_is_read_from_its_beginning(path: Path, replace: bool) -> None:
    append(path, b'{"a": 1}\n{"a": 2}\n')
    metrics = reader(path)
    metrics.read()
    if replace:
        path.rename(path.with_suffix(".old"))
    path.write_bytes(b'{"a": 3}\n')
    assert metrics.read() == ([{"values": {"a": 3}}], [])


def test_more_than_one_read_takes_is_said_and_taken_by_the_next(path: Path) -> None:
    line = b'{"loss": 0.5}' + b" " * 200 + b"\n"
    append(path, line * 30_000)
    metrics = reader(path)
    first, _ = metrics.read()
    assert metrics.has_more
    second, _ = metrics.read()
    assert not metrics.has_more
    assert len(first) + len(second) == 30_000


def test_a_secret_never_becomes_a_metrics_name(path: Path) -> None:
    append(path, b'{"hunter2": 1}\n{"x": "hunter2"}\n')
    found, complaints = reader(path, "hunter2").read()
    assert found == [{"values": {"***": 1}}]
    assert "hunter2" not in str(complaints)


def test_a_removed_file_is_the_callers_to_handle(path: Path) -> None:
    metrics = reader(path)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        metrics.read()


@given(st.lists(st.integers(1, 40), max_size=20))
def test_any_way_of_writing_the_bytes_gives_the_same_metrics(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    path = tmp_path_factory.mktemp("metrics") / "m.jsonl"
    path.touch()
    whole = b"".join(json.dumps({"step": step, "loss": step / 7}).encode() + b"\n" for step in range(8))
    metrics = reader(path)
    found: list[dict[str, Any]] = []
    rest = whole
    for cut in [*cuts, len(whole)]:
        append(path, rest[:cut])
        rest = rest[cut:]
        found += metrics.read()[0]
    assert [fields["step"] for fields in found] == list(range(8))
