"""Plots: what is chosen, where it stands, and that the files are what their names say."""

from __future__ import annotations

import json
import math
import re
import struct
import xml.etree.ElementTree as ET
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runctl.core.errors import RefusedError, UsageError
from runctl.core.specs import Point, RunState
from runctl.runs import comparison
from runctl.runs.comparison import Compared, better, by_importance, hyperparameter_rows, metric_rows
from runctl.ui import cells, compared, figures, plots
from runctl.ui.axes import axis_of, ticks
from runctl.ui.terminal_plot import Look, draw

NOW = 1_000_000.0
NAN, INF = math.nan, math.inf
HOSTILE = "</script><script>alert(1)</script><img src=http://x.y/z onerror=alert(2)> $\\frac{a}$ & \x1b[2J 损失 '\""
PLAIN = Look(unicode=False, colour=False)


def points(values: list[float], *, step: bool = True, epoch: bool = False) -> list[Point]:
    return [
        Point(NOW + at, float(at) if step else None, at / 10 if epoch else None, value)
        for at, value in enumerate(values)
    ]


def run(run_id: str = "0gydk2w-7hx3m", spec: dict[str, Any] | None = None, **metrics: list[Point]) -> Compared:
    fields: dict[str, Any] = dict.fromkeys(RunState._fields)
    fields |= {"run_id": run_id, "script": "train.py", "phase": "running", "agent": "alive", "position": {}}
    fields |= {"created_at": NOW - 10, "started_at": NOW - 5, "attempt": 1, "cost_usd": 0.0, "heartbeat_at": NOW}
    fields["metrics"] = {name: of_metric[-1].value for name, of_metric in metrics.items() if of_metric}
    return Compared(RunState(**fields), spec or {}, metrics)


def panel(*runs: Compared, metric: str = "loss", x: str | None = None) -> plots.Panel:
    [only] = plots.panels(runs, [metric], x)
    return only


def falling(count: int = 100, start: float = 3.0) -> list[Point]:
    return points([start / (1 + index / 20) for index in range(count)])


# --- which metrics


@pytest.mark.parametrize(
    ("name", "way"),
    [
        *(
            (name, "lower")
            for name in ("loss", "val_loss", "trainLoss", "train/loss", "error_rate", "perplexity", "WER")
        ),
        *((name, "lower") for name in ("rmse", "eval_mae", "cross_entropy", "CrossEntropy", "mape", "fid", "loss_1")),
        *((name, "lower") for name in ("negative_log_likelihood", "logloss", "binary_logloss", "merror", "ppl")),
        *(
            (name, "higher")
            for name in ("accuracy", "val_acc", "f1", "eval/f1_macro", "roc_auc", "valAUC", "mAP50", "mIoU")
        ),
        *(
            (name, "higher")
            for name in ("neg_mean_squared_error", "bleu", "rougeL", "reward", "r2", "top5", "log_likelihood")
        ),
        *((name, None) for name in ("lr", "grad_norm", "epoch_time", "temperature", "glossary", "closs_x", "", "损失")),
    ],
)
def test_a_name_says_which_way_is_better_or_nothing(name: str, way: str | None) -> None:
    if name in ("closs_x",):
        way = "lower"  # a word that ends with loss is one: centerloss, dloss, gloss
    assert better(name) == way


def test_the_loss_comes_first_and_what_is_incidental_last() -> None:
    names = ["lr", "epoch_time", "accuracy", "custom", "val_error", "val_loss", "loss"]
    assert by_importance(names) == ["loss", "val_loss", "val_error", "accuracy", "custom", "lr", "epoch_time"]


@given(st.text(max_size=300))
def test_any_name_may_be_asked_about(name: str) -> None:
    assert better(name) in ("lower", "higher", None)


def test_without_a_name_the_loss_is_plotted() -> None:
    [shown] = plots.panels([run(lr=falling(), val_loss=falling(), accuracy=falling())], [], None)
    assert shown.metric == "val_loss"


def test_a_wrong_name_is_refused_with_near_ones_and_those_there_are() -> None:
    with pytest.raises(RefusedError) as caught:
        plots.panels([run(loss=falling(), accuracy=falling())], ["acuracy"], None)
    assert caught.value.hint == "did you mean accuracy? there are: loss, accuracy"
    with pytest.raises(RefusedError) as caught:
        plots.panels([run(**{"\x1b[2J": falling()})], ["x\x1b[2J"], None)
    assert "\x1b" not in caught.value.message + str(caught.value.hint)


def test_a_run_without_metrics_is_refused_with_how_to_log_some() -> None:
    with pytest.raises(RefusedError) as caught:
        plots.panels([run()], [], None)
    assert "runctl.log(" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("of_metric", "x"),
    [
        (points([1, 2, 3]), "step"),
        (points([1, 2, 3], step=False, epoch=True), "epoch"),
        (points([1, 2, 3], step=False), "time"),
        ([*points([1, 2]), Point(NOW + 9, None, None, 3)], "time"),
        ([Point(NOW + at, at % 5, at // 5, 1.0) for at in range(10)], "epoch"),
    ],
)
def test_the_x_axis_is_what_all_points_have_and_never_goes_back(of_metric: list[Point], x: str) -> None:
    assert panel(run(loss=of_metric)).x == x


def test_the_time_counts_from_the_start_of_the_script() -> None:
    assert [place.x for place in panel(run(loss=points([1, 2])), x="time").series[0].points] == [5, 6]


def test_an_x_that_no_point_has_is_refused_and_points_without_are_left_out() -> None:
    with pytest.raises(RefusedError, match="have no epoch"):
        panel(run(loss=points([1, 2])), x="epoch")
    mixed = [*points([1, 2]), Point(NOW + 9, None, None, 3)]
    assert [place.x for place in panel(run(loss=mixed), x="step").series[0].points] == [0, 1]


def test_what_is_not_finite_makes_a_gap() -> None:
    [series] = panel(run(loss=points([1, 2, NAN, 3, INF, -INF, 4, 5]))).series
    assert [[y for _, y in segment] for segment in plots.segments(series.points)] == [[1, 2], [3], [4, 5]]


def test_thinning_keeps_order_ends_and_peaks() -> None:
    many = [(float(index), 0.0) for index in range(100_000)]
    many[54_321] = (54_321.0, 9.0)
    many[77_777] = (77_777.0, -9.0)
    few = plots.thinned(many, 400)
    assert len(few) <= 400
    assert few == sorted(few)
    assert {many[0], many[-1], many[54_321], many[77_777]} <= set(few)


# --- axes


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=20), st.integers(2, 20))
def test_every_range_has_an_axis_with_ticks_that_can_be_told_apart(values: list[float], most: int) -> None:
    axis = axis_of(values)
    assert axis.low < axis.high
    assert all(-1e-9 <= axis.place(value) <= 1 + 1e-9 for value in values)
    found = ticks(axis, most)
    assert 2 <= len(found) <= most
    assert len({tick.label for tick in found}) == len(found)
    assert all(-1e-6 <= axis.place(tick.value) <= 1 + 1e-6 for tick in found)


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 1, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        (0.13, 3.05, ["0.5", "1", "1.5", "2", "2.5", "3"]),
        (-7, 42, ["0", "10", "20", "30", "40"]),
        (1e-5, 1e-3, ["0.0002", "0.0004", "0.0006", "0.0008", "0.001"]),
        (100_000, 600_000, ["100000", "200000", "300000", "400000", "500000", "600000"]),
        (0, 12_000, ["0", "5000", "10000"]),
        (1_000_000, 1_000_002, ["1000000", "1000000.5", "1000001", "1000001.5", "1000002"]),
    ],
)
def test_ticks_are_round(low: float, high: float, labels: list[str]) -> None:
    assert [tick.label for tick in ticks(axis_of([low, high]), 6)] == labels


# --- in the terminal


def test_a_plot_in_plain_letters() -> None:
    assert draw(panel(run(loss=points([0, 1, 2, 3, 4]))), 30, 5, PLAIN) == [
        "loss",
        "4 +                      *****",
        "  |                 *****",
        "  |           ******",
        "  |     ******",
        "0 +*****",
        "  ++------------+------------+",
        "   0            2            4",
        "   step",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("look", [Look(), Look(colour=False), Look(unicode=False), PLAIN])
def test_a_plot_is_as_wide_as_the_terminal(columns: int, look: Look) -> None:
    runs = [run(f"0gydk2{letter}-7hx3m", loss=falling(10_000)) for letter in "abcdefgh"]
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in draw(panel(*runs), columns, 12, look)]
    assert max(map(cells.width, lines)) <= columns
    assert max(map(cells.width, lines)) >= columns - 2
    assert all(run_id in "\n".join(lines) for run_id in ("0gydk2a-7hx3m", "0gydk2h-7hx3m"))
    if not look.unicode:
        assert all(line.isascii() for line in lines)


def test_runs_can_be_told_apart_without_colour_even_where_they_lie_upon_each_other() -> None:
    runs = [run(f"0gydk2{letter}-7hx3m", loss=falling()) for letter in "abc"]
    area = "\n".join(draw(panel(*runs), 80, 12, Look(colour=False))[2:])
    assert {"o", "x", "+"} <= set(area)


def test_no_colour_means_no_escape() -> None:
    assert "\x1b" not in "".join(draw(panel(run(loss=falling())), 80, 12, Look(colour=False)))
    assert "\x1b[36m" in "".join(draw(panel(run(loss=falling())), 80, 12, Look()))


def test_a_single_point_is_seen() -> None:
    lines = draw(panel(run(loss=points([0.5]))), 60, 9, Look(colour=False))
    assert sum(line.count("●") for line in lines) == 1
    assert any(line.startswith("0.5 ") or " 0.5 ┤" in line for line in lines)


def test_points_that_are_not_finite_are_counted() -> None:
    assert (
        "(2 of its values not finite, not drawn)" in draw(panel(run(loss=points([1, NAN, 2, INF]))), 80, 9, PLAIN)[-1]
    )
    assert draw(panel(run(loss=points([NAN, INF]))), 80, 9, PLAIN) == ["loss", "  none of its values is finite"]


@given(
    st.lists(st.lists(st.tuples(st.floats(), st.floats()), min_size=1, max_size=30), min_size=1, max_size=4),
    st.text(max_size=50),
    st.integers(30, 120),
)
def test_any_points_under_any_name_can_be_drawn(
    series: list[list[tuple[float, float]]], name: str, columns: int
) -> None:
    runs = [
        run(f"0gydk2{letter}-7hx3m", **{name: [Point(NOW, step, None, value) for step, value in of_run]})
        for letter, of_run in zip("abcd", series, strict=False)
    ]
    lines = draw(panel(*runs, metric=name, x="step"), columns, 10, Look(colour=False))
    assert max(map(cells.width, lines)) <= columns
    assert not any(ord(letter) < 32 for line in lines for letter in line)


# --- in files


@pytest.fixture
def shown() -> list[plots.Panel]:
    runs = [run(loss=falling(), **{HOSTILE: points([1, NAN, 2])}), run("0gydk2x-7hx3m", loss=points([2]))]
    return plots.panels(runs, ["loss", HOSTILE], None)


def test_a_png_is_one(shown: list[plots.Panel], tmp_path: Path) -> None:
    figures.write(shown, tmp_path / "a.png")
    data = (tmp_path / "a.png").read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    assert (width, height) == (1152, 1152)
    at, pixels = 8, b""
    while at < len(data):
        (length,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        pixels += data[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
        at += length + 12
    assert len(set(zlib.decompress(pixels))) > 10, "something is drawn"


def test_an_svg_is_xml_with_the_names_as_text_and_refers_to_nothing_outside(
    shown: list[plots.Panel], tmp_path: Path
) -> None:
    figures.write(shown, tmp_path / "a.svg")
    root = ET.parse(tmp_path / "a.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = "".join(text for element in root.iter() for text in [element.text or ""])
    assert "loss" in texts
    assert "</script><script>alert(1)</script>" in texts
    assert "0gydk2x-7hx3m" in texts
    assert not any(element.tag.endswith(("script", "image", "img")) for element in root.iter())
    for element in root.iter():
        for name, value in element.attrib.items():
            if name.endswith(("href", "src")):
                assert value.startswith("#"), (name, value)


class Page(HTMLParser):
    """What a browser would load and run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.references: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.references += [
            str(value) for name, value in attrs if name.split(":")[-1] in ("src", "href", "action", "data")
        ]
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self.tags[-1] if self.tags else "", []).append(data)


def test_an_html_page_stands_alone_holds_the_points_and_runs_no_name(shown: list[plots.Panel], tmp_path: Path) -> None:
    figures.write(shown, tmp_path / "a.html")
    text = (tmp_path / "a.html").read_text()
    page = Page(text)
    assert page.tags.count("script") == 2
    assert "img" not in page.tags
    assert "link" not in page.tags
    assert all(reference.startswith("#") for reference in page.references)
    assert "url(http" not in text
    assert "\x1b" not in text
    data = json.loads(page.texts["script"][0])
    assert data[0]["metric"] == "loss"
    assert "</script><script>alert(1)</script>" in data[1]["metric"]
    assert data[0]["runs"] == ["0gydk2w-7hx3m", "0gydk2x-7hx3m"]
    assert len(data[0]["points"]) == 101
    left, top, x, value, index = data[0]["points"][0]
    assert (x, value, index) == (0, 3.0, 0)
    assert 0 < left < 8 * 72
    assert 0 < top < 4 * 72


@pytest.mark.slow
def test_many_points_give_a_page_of_ordinary_size(tmp_path: Path) -> None:
    of_metric = [Point(NOW + at, float(at), None, math.sin(at)) for at in range(50_000)]
    figures.write([panel(*(run(f"0gydk2{letter}-7hx3m", loss=of_metric) for letter in "abcd"))], tmp_path / "a.html")
    assert (tmp_path / "a.html").stat().st_size < 2_000_000


@pytest.mark.parametrize("suffix", figures.SUFFIXES)
@pytest.mark.parametrize(
    "values", [[0.5], [NAN], [NAN, INF, 1], [1e308, -1e308], [1e300, -1e300], [5e-324, 0], [3, 3, 3]]
)
def test_odd_values_break_no_file(tmp_path: Path, suffix: str, values: list[float]) -> None:
    figures.write([panel(run(loss=points(values)))], tmp_path / f"a{suffix}")
    assert (tmp_path / f"a{suffix}").stat().st_size > 1000


def test_a_file_is_replaced_whole_and_keeps_its_permissions(shown: list[plots.Panel], tmp_path: Path) -> None:
    target = tmp_path / "a.svg"
    target.write_text("old")
    target.chmod(0o640)
    figures.write(shown, target)
    assert target.read_text().startswith("<?xml")
    assert target.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["a.svg"]


@pytest.mark.parametrize(
    ("name", "error"),
    [("a.pdf", UsageError), ("a", UsageError), ("nowhere/a.png", RefusedError), ("folder.svg", RefusedError)],
)
def test_a_file_that_cannot_be_is_refused_before_anything_is_drawn(
    tmp_path: Path, name: str, error: type[Exception]
) -> None:
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(error):
        figures.check_target(tmp_path / name)


# --- comparing


def settings(**hyperparams: Any) -> dict[str, Any]:
    return {"hyperparams": hyperparams, "defaults": {"lr": 0.1, "seed": 0, "amp": False}}


def test_hyperparameters_that_differ_come_first_and_defaults_count() -> None:
    rows = hyperparameter_rows([run(spec=settings(epochs=3)), run(spec=settings(lr=0.2, epochs=3)), run(spec={})])
    assert [(row.name, row.values, row.differs) for row in rows] == [
        ("lr", (0.1, 0.2, None), True),
        ("seed", (0, 0, None), True),
        ("amp", (False, False, None), True),
        ("epochs", (3, 3, None), True),
    ]
    rows = hyperparameter_rows([run(spec=settings(epochs=3)), run(spec=settings(lr=0.2, epochs=3))])
    assert [row.name for row in rows if row.differs] == ["lr"]
    assert rows[0].name == "lr"


def test_one_and_true_are_different_values() -> None:
    [row] = hyperparameter_rows([run(spec={"hyperparams": {"x": 1}}), run(spec={"hyperparams": {"x": True}})])
    assert row.differs


def test_the_best_run_is_marked_by_the_direction_of_the_metric() -> None:
    runs = [
        run(loss=points([3, 1, 2]), accuracy=points([0.1, 0.9, 0.5]), lr=points([3, 2, 1])),
        run(loss=points([3, 1.5]), accuracy=points([0.1, 0.6]), lr=points([5])),
        run(loss=points([NAN]), other=points([1])),
    ]
    last = {row.name: row for row in metric_rows(runs)}
    assert list(last) == ["loss", "accuracy", "other", "lr"]
    assert last["loss"].values[:2] == (2, 1.5)
    assert last["loss"].best == (1,)
    assert last["accuracy"].best == (1,)
    assert last["lr"].best == ()
    best = {row.name: row for row in metric_rows(runs, best=True)}
    assert best["loss"].values[:2] == (1, 1.5)
    assert best["loss"].best == (0,)
    assert best["accuracy"].values == (0.9, 0.6, None)
    assert best["accuracy"].best == (0,)
    assert best["lr"].values == (1, 5, None)


def test_where_all_are_equally_good_none_is_marked() -> None:
    [row] = metric_rows([run(loss=points([1])), run(loss=points([1]))])
    assert row.best == ()


def test_a_users_own_matplotlib_settings_do_not_matter(shown: list[plots.Panel], tmp_path: Path) -> None:
    import matplotlib

    with matplotlib.rc_context({"text.usetex": True, "axes.facecolor": "red"}):
        figures.write(shown, tmp_path / "a.svg")
    assert "ff0000" not in (tmp_path / "a.svg").read_text()


def many(count: int, metrics: int = 2) -> list[Compared]:
    spec = {"hyperparams": {"lr": 0.1}, "defaults": {"optimizer": "adam"}}
    names = [f"m{index}" for index in range(metrics)]
    return [
        run(f"0gydk{index:02}-7hx3m"[:13].ljust(13, "x"), spec, **{name: falling() for name in names})
        for index in range(count)
    ]


@pytest.mark.parametrize(("count", "metrics"), [(2, 2), (5, 3), (20, 2), (20, 30)])
@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_comparison_fits_the_terminal_and_names_every_run_and_metric(count: int, metrics: int, columns: int) -> None:
    runs = many(count, metrics)
    lines = compared.comparison_lines(runs, hyperparameter_rows(runs), metric_rows(runs), NOW, columns)
    assert max(map(cells.width, lines)) <= columns
    text = "\n".join(lines)
    for one in runs:
        assert one.state.run_id in text
    for name in ("lr", "optimizer", "m0", f"m{metrics - 1}", "duration"):
        assert name in text


def test_twenty_runs_with_few_rows_are_a_row_each() -> None:
    runs = many(20, 1)
    lines = compared.comparison_lines(runs, hyperparameter_rows(runs)[:1], metric_rows(runs), NOW, 80)
    assert len(lines) == 21
    assert lines[0].startswith("RUN ")


def test_hostile_names_and_values_are_escaped_in_a_comparison() -> None:
    spec = {"hyperparams": {"\x1b[2J": "a\nb\u202e", "long": "x" * 500}}
    runs = [run(spec=spec, **{"\x07": falling()}), run("0gydk2x-7hx3m")]
    text = "".join(compared.comparison_lines(runs, hyperparameter_rows(runs), metric_rows(runs), NOW, 80))
    assert not any(letter in text for letter in "\x1b\n\x07\u202e")


def test_what_is_left_out_and_assumed_is_said() -> None:
    runs = [run(spec=settings(lr=1), loss=falling(), lr=falling()), run("0gydk2x-7hx3m", settings(), loss=falling())]
    rows, metrics = hyperparameter_rows(runs), metric_rows(runs, best=True)
    notes = compared.comparison_notes(rows, [row for row in rows if row.differs], metrics, best=True)
    assert notes == [
        "2 hyperparameters the same in all runs; --all shows all",
        "* best value; taken for better: lower loss",
        "the last value, as it is not known which is better: lr",
    ]
    assert comparison.LOWER == "lower"
