"""What people see of runs: rows and lines that fit, and that no file name or metric can spoil."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runctl.core.specs import RunState
from runctl.ui import views

NOW = 1_000_000.0
TEXTS = st.text(max_size=20)
NUMBERS = st.floats() | st.integers(-(10**9), 10**9)


def state(**fields: Any) -> RunState:
    values: dict[str, Any] = {
        "run_id": "0gydk2w-7hx3m",
        "script": "train.py",
        "attempt": 1,
        "phase": "running",
        "outcome": None,
        "reason": None,
        "exit_code": None,
        "signal": None,
        "created_at": NOW - 200,
        "started_at": NOW - 185,
        "ended_at": None,
        "duration_s": None,
        "heartbeat_at": NOW,
        "cost_usd": 0.0,
        "agent": "alive",
        "pid": 42,
        "position": {},
        "metrics": {},
    }
    return RunState(**{**values, **fields})


def finished(outcome: str, **fields: Any) -> RunState:
    return state(phase="finished", outcome=outcome, agent="done", duration_s=185.0, ended_at=NOW, **fields)


SPEC = {"script": "train.py", "args": [], "workdir": "/p", "env": {}, "secret_names": []}


def lines_of(shown: RunState, **spec: Any) -> list[str]:
    return views.run_lines(shown, {**SPEC, **spec}, "/home/runs/x", "python", NOW)


def test_thirty_metrics_fit_into_three_rows_of_eighty_columns_and_the_rest_is_counted() -> None:
    many = {f"validation/metric_{index:02}": index / 7 for index in range(30)}
    rows = views.status_rows(state(metrics=many, position={"step": 5, "total_steps": 10}), "", NOW, 80)
    assert len(rows) == 3
    assert all(len(row) <= 80 for row in rows)
    shown = sum(row.count("validation/metric_") for row in rows)
    assert rows[-1].endswith(f"+{30 - shown} more")
    assert shown >= 3


@given(st.dictionaries(TEXTS, NUMBERS, max_size=30), st.integers(20, 120), TEXTS)
def test_the_status_fits_whatever_the_metrics_are_called(metrics: dict[str, float], width: int, script: str) -> None:
    rows = views.status_rows(state(metrics=metrics, script=script), "", NOW, width)
    assert 1 <= len(rows) <= 3
    assert all(len(row) <= width for row in rows)
    assert not any(ord(letter) < 32 for row in rows for letter in row)


def test_few_metrics_are_all_shown() -> None:
    rows = views.status_rows(state(metrics={"loss": 0.25, "accuracy": 0.9}), "", NOW, 80)
    assert rows[1:] == ["loss 0.25  accuracy 0.9"]


def test_a_known_total_gives_a_bar_and_an_unknown_one_does_not() -> None:
    with_total = views.status_rows(state(position={"step": 25, "total_steps": 100}), "", NOW, 100)[0]
    assert "[#####...............]  25%" in with_total
    assert "step 25/100" in with_total
    without = views.status_rows(state(position={"step": 25}), "", NOW, 100)[0]
    assert "step 25" in without
    assert "%" not in without
    assert "/" not in without


@pytest.mark.parametrize(
    ("position", "fraction"),
    [
        ({}, None),
        ({"step": 5}, None),
        ({"total_steps": 5}, None),
        ({"step": 5, "total_steps": 0}, None),
        ({"step": 5, "total_steps": -1}, None),
        ({"step": 5, "total_steps": 20, "epoch": 1, "total_epochs": 2}, 0.25),
        ({"step": 5, "epoch": 1, "total_epochs": 2}, 0.5),
        ({"step": 30, "total_steps": 20}, 1.0),
        ({"step": -1, "total_steps": 20}, 0.0),
        ({"step": float("nan"), "total_steps": 20}, 0.0),
        ({"step": 1, "total_steps": float("nan")}, None),
        ({"step": 1, "total_steps": float("inf")}, 0.0),
        ({"step": float("inf"), "total_steps": float("inf")}, 0.0),
    ],
)
def test_how_much_is_done(position: dict[str, float], fraction: float | None) -> None:
    assert views.fraction_done(position) == fraction


@given(st.dictionaries(st.sampled_from(["step", "epoch", "total_steps", "total_epochs"]), NUMBERS))
def test_no_position_breaks_a_view(position: dict[str, float]) -> None:
    shown = state(position=position)
    assert len(views.status_rows(shown, "", NOW, 80)[0]) <= 80
    assert views.run_row(shown, NOW)
    assert lines_of(shown)


def test_while_preparing_the_activity_is_shown_and_later_not() -> None:
    preparing = views.status_rows(state(phase="preparing", started_at=None), "installing torch", NOW, 80)[0]
    assert "preparing" in preparing
    assert "installing torch" in preparing
    assert "installing" not in views.status_rows(state(), "installing torch", NOW, 80)[0]


@pytest.mark.parametrize(
    ("shown", "word"),
    [
        (state(), "running"),
        (state(agent="lost"), "running (agent lost)"),
        (finished("succeeded", exit_code=0), "succeeded"),
        (finished("failed", exit_code=3), "failed (3)"),
        (finished("failed", signal="SIGKILL"), "failed (SIGKILL)"),
        (finished("failed"), "failed"),
        (finished("stopped", signal="SIGTERM"), "stopped"),
        (finished("interrupted"), "interrupted"),
    ],
)
def test_the_status_in_a_word(shown: RunState, word: str) -> None:
    assert views.status_word(shown) == word


def test_a_runs_row_is_complete_and_short() -> None:
    row = views.run_row(
        state(script="x" * 99, metrics={f"m{i}": 1.0 for i in range(50)}, position={"step": 7, "total_steps": 9}), NOW
    )
    assert len(row) == len(views.RUNS_HEADER)
    assert row[4] == "3m 05s"
    assert row[5] == "step 7/9"
    assert len(row[2]) == 30
    assert len(row[6]) == 40


def test_a_run_that_never_started_has_no_duration() -> None:
    row = views.run_row(finished("failed", started_at=None)._replace(duration_s=None), NOW)
    assert row[4] == "-"
    assert not any(line.startswith(("duration", "started")) for line in lines_of(state(started_at=None)))


def test_everything_about_a_run_is_one_line_each_and_hostile_text_is_escaped() -> None:
    hostile = "a\nb\x1b[2J\u202e"
    lines = lines_of(
        finished("failed", reason=hostile, script=hostile, metrics={hostile: 1.0}, exit_code=1),
        script=hostile,
        args=["--x", hostile, ""],
        env={"A": hostile},
        secret_names=["TOKEN"],
        workdir=hostile,
    )
    text = "".join(lines)
    assert not any(letter in text for letter in "\n\x1b\u202e")
    assert any("'--x'" in line and line.endswith("''") for line in lines), "empty arguments can be told"
    assert any(line.startswith("secrets") and line.endswith("TOKEN") for line in lines)


def test_the_last_words_say_why_a_run_failed_and_where_its_records_are() -> None:
    lines = list(views.ending(finished("failed", exit_code=1, reason="exit code 1"), "/a folder/runs/x", 80))
    assert lines == [
        "0gydk2w-7hx3m failed (1) after 3m 05s",
        "  exit code 1",
        "  records: /a folder/runs/x",
    ]
    many = {f"metric_{index}": 1.0 for index in range(30)}
    lines = list(views.ending(finished("succeeded", metrics=many), "/r", 80))
    assert len(lines) == 3
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(("width", "shown"), [(5, "abcde"), (4, "abc…"), (1, "…")])
def test_a_text_too_long_ends_with_an_ellipsis(width: int, shown: str) -> None:
    assert views.shortened("abcde", width) == shown
