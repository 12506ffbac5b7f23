"""What people see of runs: rows and lines that fit, and that no file name or metric can spoil."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runctl.core.specs import RunState
from runctl.ui import cells, status, views
from runctl.ui.console import table
from runctl.ui.history import History
from runctl.ui.progress import Pace, Progress, fraction_done
from runctl.ui.sparkline import ASCII, sparkline
from runctl.ui.watched import Watched

NOW = 1_000_000.0
TEXTS = st.text(max_size=20)
NUMBERS = st.floats() | st.integers(-(10**9), 10**9)
POSITIONS = st.dictionaries(st.sampled_from(["step", "epoch", "total_steps", "total_epochs"]), NUMBERS)


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


def test_a_position_of_any_numbers_breaks_no_view() -> None:
    for value in (float("nan"), float("inf"), -1, 10**9, 0):
        shown = state(position=dict.fromkeys(["step", "epoch", "total_steps", "total_epochs"], value))
        assert views.run_row(shown, NOW)
        assert lines_of(shown)


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


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("abcde", 5, "abcde"),
        ("abcde", 4, "abc…"),
        ("abcde", 1, "…"),
        ("abcde", 0, ""),
        ("损失函数", 8, "损失函数"),
        ("损失函数", 7, "损失函…"),
        ("损失函数", 6, "损失…"),
        ("e\u0301te\u0301", 3, "e\u0301te\u0301"),
        ("a\nb", 4, "a\\nb"),
    ],
)
def test_a_text_too_long_for_its_cells_ends_with_an_ellipsis(text: str, most: int, shown: str) -> None:
    assert cells.shortened(text, most) == shown


@given(st.text(max_size=40), st.integers(0, 20))
def test_a_shortened_text_never_takes_more_cells_than_it_may(text: str, most: int) -> None:
    assert cells.width(cells.shortened(text, most)) <= most


def test_a_letter_under_a_heap_of_marks_does_not_flood_the_terminal() -> None:
    assert len(cells.shortened("a" + "\u0301" * 10_000, 10)) <= 50


def test_a_table_with_wide_letters_is_aligned() -> None:
    lines = table(("NAME", "VALUE"), [("损失", "1"), ("loss", "2")])
    assert [cells.width(line) for line in lines[1:]] == [len("loss  1")] * 2


# --- the live status


def watched(metrics: dict[str, float] | None = None, **fields: Any) -> Watched:
    made = Watched()
    made.state = state(metrics=metrics or {}, **fields)
    made.progress.begin(made.state.position)
    return made


def metric_event(at: float, values: dict[str, Any] | None = None, **position: float) -> dict[str, Any]:
    return {"n": 1, "kind": "metric", "at": at, "values": values or {}, **position}


def rows_of(made: Watched, width: int = 80, now: float = NOW, glyphs: status.Glyphs = status.UNICODE) -> list[str]:
    return [status.plain(row) for row in status.status_rows(made, now, width, glyphs)]


def training(steps: int = 50, total: int = 100, per_second: float = 10.0, metrics: int = 0) -> Watched:
    """A run at a step of many, as it is seen just after that step."""
    made = watched()
    for step in range(1, steps + 1):
        values = {"loss": 1 / step, "accuracy": 1 - 1 / step, **{f"validation/m_{i:02}": i / 7 for i in range(metrics)}}
        made.metric(metric_event(NOW - (steps - step) / per_second, values, step=step, total_steps=total))
    return made


def test_the_status_shows_step_bar_rate_eta_metrics_and_their_course() -> None:
    assert rows_of(training()) == [
        "0gydk2w-7hx3m  running  3m 05s  step 50/100",
        "━━━━━━━━━━━━━━━───────────────  50%  10 steps/s  ETA 5.0s",
        "loss 0.02 █▃▂▂▂▁▁▁▁▁▁▁▁▁▁▁  accuracy 0.98 ▁▆▇▇▇███████████",
    ]


def test_a_terminal_without_such_letters_gets_plain_ones() -> None:
    rows = rows_of(training(), glyphs=status.PLAIN)
    assert all(row.isascii() for row in rows)
    assert rows[1].startswith("###############...............  50%")
    assert rows[2].startswith("loss 0.02 #")


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_thirty_metrics_fit_into_two_rows_and_the_rest_is_counted(width: int) -> None:
    rows = rows_of(training(metrics=28), width)
    assert len(rows) <= 6
    assert all(cells.width(row) <= width for row in rows)
    shown = sum(row.count(name) for row in rows for name in ("validation/m_", "loss ", "accuracy "))
    if width >= 40:
        assert rows[-1].endswith(f"  +{30 - shown} more")
    assert "loss 0.02" in rows[-2]
    assert any("50%" in row for row in rows)
    assert any("ETA 5.0s" in row for row in rows)


@given(st.dictionaries(TEXTS, NUMBERS, max_size=40), POSITIONS, st.integers(10, 220), st.booleans())
def test_the_status_fits_whatever_the_metrics_are_called(
    metrics: dict[str, float], position: dict[str, float], width: int, preparing: bool
) -> None:
    made = watched(metrics, position=position, phase="preparing" if preparing else "running")
    for at in range(3):
        made.metric(metric_event(NOW - 10 + at, metrics, **position))
    rows = rows_of(made, width)
    assert 1 <= len(rows) <= 6
    assert all(cells.width(row) <= width for row in rows)
    assert not any(ord(letter) < 32 for row in rows for letter in row)


def test_a_metric_that_is_not_a_number_is_said_in_red() -> None:
    rows = status.status_rows(watched({"loss": float("nan")}), NOW, 80)
    assert status.Span(" nan", "red") in rows[-1]


def test_few_metrics_are_all_shown() -> None:
    assert rows_of(watched({"accuracy": 0.9, "loss": 0.25}))[1:] == ["loss 0.25  accuracy 0.9"]


def test_without_a_total_there_is_no_bar_and_no_eta_but_the_rate() -> None:
    made = watched()
    for step in range(20):
        made.metric(metric_event(NOW - 20 + step, step=step))
    assert rows_of(made) == ["0gydk2w-7hx3m  running  3m 05s  step 19  1 step/s"]


def test_what_is_not_done_does_not_look_done() -> None:
    assert "  99%" in rows_of(training(steps=999, total=1000))[1]
    assert "━─ " in rows_of(training(steps=999, total=1000))[1]
    assert " 100%" in rows_of(training(steps=1000, total=1000))[1]
    assert "ETA" not in rows_of(training(steps=1000, total=1000))[1]


def test_while_preparing_the_activity_is_shown_and_later_not() -> None:
    preparing = watched(phase="preparing", started_at=None)
    preparing.activity = "installing torch"
    assert rows_of(preparing) == ["0gydk2w-7hx3m  preparing  installing torch"]
    running = watched()
    running.activity = "installing torch"
    assert "installing" not in rows_of(running)[0]


def test_before_there_is_a_state_a_metric_is_passed_over() -> None:
    made = Watched()
    made.metric(metric_event(NOW, {"loss": 1.0}))
    assert rows_of(made) == ["starting"]


# --- progress


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
    assert fraction_done(position) == fraction


def followed(steps: list[tuple[float, float]], total: float) -> Progress:
    progress = Progress()
    for at, step in steps:
        progress.add(at, {"step": step, "total_steps": total})
    return progress


def test_the_eta_comes_from_the_recent_pace_not_from_a_slow_beginning() -> None:
    compiling = [(0.0, 0.0), (600.0, 1.0)]
    progress = followed(compiling + [(600.0 + step / 10, step) for step in range(1, 1001)], 2000)
    assert progress.eta_s(700.0) == pytest.approx(100, rel=0.02)
    assert progress.rate() == "10 steps/s"


def test_a_run_watched_from_its_middle_has_an_eta_after_two_events() -> None:
    progress = Progress()
    progress.begin({"step": 500.0, "total_steps": 1000.0})
    assert progress.fraction == 0.5
    assert progress.eta_s(NOW) is None
    progress.add(NOW, {"step": 510.0})
    assert progress.eta_s(NOW) is None
    progress.add(NOW + 10, {"step": 520.0})
    assert progress.eta_s(NOW + 10) == pytest.approx(480)


@pytest.mark.parametrize("burst", [2, 10, 1000])
def test_steps_that_come_in_bursts_give_the_pace_of_the_bursts(burst: int) -> None:
    steps = [
        (60.0 * number + index * 1e-4, float(number * burst + index + 1))
        for number in range(5)
        for index in range(burst)
    ]
    progress = followed(steps, 10 * burst)
    assert progress.eta_s(steps[-1][0]) == pytest.approx(300, rel=0.01)


def test_one_burst_alone_says_nothing_of_the_pace() -> None:
    progress = followed([(NOW, float(step)) for step in range(100)], 1000)
    assert progress.eta_s(NOW + 1) is None
    assert progress.rate() == ""


def test_the_eta_counts_down_between_steps_and_goes_away_when_nothing_comes_any_more() -> None:
    progress = followed([(100.0 * step, float(step)) for step in range(10)], 20)
    assert progress.eta_s(900.0) == pytest.approx(1100)
    assert progress.eta_s(950.0) == pytest.approx(1050)
    assert progress.eta_s(1300.0) is None


def test_a_clock_that_is_set_back_and_steps_that_begin_anew_give_no_wrong_eta() -> None:
    progress = followed([(1000.0, 500.0), (1010.0, 510.0), (5.0, 511.0)], 1000)
    assert progress.eta_s(5.0) is None
    progress.add(15.0, {"step": 521.0})
    assert progress.eta_s(15.0) == pytest.approx(479)


@pytest.mark.parametrize("first", [0, 1])
def test_steps_that_begin_anew_each_epoch_are_a_part_of_the_epoch(first: int) -> None:
    progress = Progress()
    for epoch in range(5):
        for step in range(1, 101):
            at = NOW + epoch * 100 + step
            progress.add(at, {"epoch": epoch + first, "total_epochs": 10, "step": step, "total_steps": 100})
    assert progress.fraction == pytest.approx(0.5)
    assert progress.eta_s(at) == pytest.approx(500, rel=0.01)
    assert progress.rate() == "1 step/s"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0001, "10,000 steps/s"),
        (0.08, "12.5 steps/s"),
        (1.0, "1 step/s"),
        (2.5, "2.5 s/step"),
        (185.0, "3m 05s/step"),
    ],
)
def test_the_rate_is_said_so_that_the_number_is_above_one(seconds: float, text: str) -> None:
    progress = followed(
        [(max(seconds, 1.0) * 20 * index, max(seconds, 1.0) * 20 * index / seconds) for index in range(10)], 1e9
    )
    assert progress.rate() == text


def test_where_there_are_no_steps_the_rate_is_of_epochs() -> None:
    progress = Progress()
    for epoch in range(4):
        progress.add(NOW + 185 * epoch, {"epoch": epoch, "total_epochs": 10})
    assert progress.rate() == "3m 05s/epoch"
    assert progress.eta_s(NOW + 555) == pytest.approx(7 * 185)


@given(st.lists(st.tuples(NUMBERS, POSITIONS), max_size=20), NUMBERS)
def test_no_position_and_no_time_break_the_progress(events: list[tuple[float, dict[str, float]]], now: float) -> None:
    progress = Progress()
    for at, position in events:
        progress.add(at, position)
    assert progress.fraction is None or 0 <= progress.fraction <= 1
    eta_s = progress.eta_s(now)
    assert eta_s is None or eta_s >= 0
    assert isinstance(progress.rate(), str)


def test_a_pace_remembers_little() -> None:
    pace = Pace()
    for second in range(10_000):
        pace.add(second / 7, second)
    assert len(pace._samples) < 100


# --- histories and small plots


def test_a_million_points_are_kept_as_a_few_hundred_that_show_the_whole_course() -> None:
    history = History()
    for index in range(1_000_000):
        history.add(float(index))
    values = history.values()
    assert 100 <= len(values) <= 300
    assert values == sorted(values)
    assert values[0] < 10_000
    assert values[-1] > 990_000


@given(st.lists(st.floats(), max_size=700))
def test_a_history_holds_means_of_what_was_finite(values: list[float]) -> None:
    history = History()
    for value in values:
        history.add(value)
    finite = [value for value in values if math.isfinite(value)]
    kept = [value for value in history.values() if math.isfinite(value)]
    assert bool(kept) == bool(finite)
    if finite:
        assert min(finite) * (1 + 1e-9) <= max(kept) + abs(min(finite)) * 1e-8
        assert max(map(abs, kept)) <= max(map(abs, finite)) * (1 + 1e-9)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([], ""),
        ([1.0], "▄"),
        ([1.0, 2.0], "▁█"),
        ([5.0, 5.0, 5.0], "▄▄▄"),
        ([float("nan")], ""),
        ([1.0, float("nan"), 2.0], "▁ █"),
        ([1.0, float("inf"), 2.0], "▁ █"),
        ([-1.7e308, 1.7e308], "▁█"),
        ([float(index) for index in range(100)], "▁▂▃▃▄▅▆▆▇█"),
    ],
)
def test_a_small_plot(values: list[float], shown: str) -> None:
    assert sparkline(values, 10) == shown


@given(st.lists(st.floats(), max_size=300), st.integers(1, 30))
def test_a_small_plot_takes_no_more_cells_than_it_may(values: list[float], most: int) -> None:
    shown = sparkline(values, most, ASCII)
    assert len(shown) <= most
    assert set(shown) <= {*ASCII, " "}
