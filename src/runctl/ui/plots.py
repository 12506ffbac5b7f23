"""What a plot shows, as data: one panel a metric, one series a run. How it is drawn is decided elsewhere."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from runctl.core.errors import RefusedError
from runctl.core.specs import Point, json_number
from runctl.core.text import printable
from runctl.runs.comparison import Compared, by_importance
from runctl.ui.axes import LARGEST

STEP, EPOCH, TIME = "step", "epoch", "time"
X_NAMES = (STEP, EPOCH, TIME)
X_LABELS = {STEP: "step", EPOCH: "epoch", TIME: "seconds since the start"}
_HOW_TO_LOG = (
    "none were found in what it printed; a script can log them with runctl.log(step=1, loss=0.5), "
    "or a JSON line in the file that RUNCTL_METRICS names"
)


class Placed(NamedTuple):
    """A point and where it stands on the x axis."""

    x: float
    point: Point


class Series(NamedTuple):
    """One run's points of one metric."""

    run_id: str
    points: list[Placed]


class Panel(NamedTuple):
    """One metric of all runs that have it. `x` is one of X_NAMES."""

    metric: str
    x: str
    series: list[Series]

    def finite(self) -> list[tuple[float, float]]:
        """The points of all series that can be drawn."""
        return [pair for series in self.series for pair in finite(series.points)]

    def left_out(self) -> int:
        """How many points can't be drawn, because they are not finite (or larger than any measure)."""
        return sum(len(series.points) for series in self.series) - len(self.finite())


def finite(points: Iterable[Placed]) -> list[tuple[float, float]]:
    """x and value of the points that can be drawn."""
    return [(x, point.value) for x, point in points if _drawable(x) and _drawable(point.value)]


def _drawable(value: float) -> bool:
    return abs(value) <= LARGEST  # which NaN is not


def segments(points: Sequence[Placed]) -> list[list[tuple[float, float]]]:
    """Runs of points that can be drawn: a value that is not finite makes a gap."""
    found: list[list[tuple[float, float]]] = [[]]
    for x, point in points:
        if _drawable(x) and _drawable(point.value):
            found[-1].append((x, point.value))
        elif found[-1]:
            found.append([])
    return [segment for segment in found if segment]


def thinned(points: list[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """At most `most` points in their order: of each stretch its first, lowest, highest and last, so that no peak is
    lost."""
    stretches = most // 4
    if len(points) <= most:
        return points
    kept: list[tuple[float, float]] = []
    for index in range(stretches):
        begin, end = (bound * len(points) // stretches for bound in (index, index + 1))
        ys = range(begin, end)
        extremes = {begin, end - 1, min(ys, key=lambda at: points[at][1]), max(ys, key=lambda at: points[at][1])}
        kept += [points[at] for at in sorted(extremes)]
    return kept


def panels(runs: Sequence[Compared], metrics: Sequence[str], x: str | None) -> list[Panel]:
    """One panel for each metric, or for the most important one when none is named. Raises RefusedError when no run
    has such a metric, or it has no such `x`."""
    names = by_importance(dict.fromkeys(name for run in runs for name in run.points))
    if not names:
        which = runs[0].state.run_id if len(runs) == 1 else "these runs"
        raise RefusedError(f"there are no metrics in {which}", hint=_HOW_TO_LOG)
    for metric in metrics:
        if metric not in names:
            raise _no_such_metric(metric, names)
    return [_panel(runs, metric, x) for metric in dict.fromkeys(metrics or names[:1])]


def _no_such_metric(metric: str, names: list[str]) -> RefusedError:
    near = (
        difflib.get_close_matches(metric, names, n=3)
        or [name for name in names if metric and metric.casefold() in name.casefold()][:3]
    )
    some = ", ".join(map(printable, names[:20])) + (f", and {len(names) - 20} more" if len(names) > 20 else "")
    question = f"did you mean {' or '.join(map(printable, near))}? " if near else ""
    return RefusedError(f"there is no metric {printable(metric)!r}", hint=f"{question}there are: {some}")


def _panel(runs: Sequence[Compared], metric: str, x: str | None) -> Panel:
    having = [run for run in runs if run.points.get(metric)]
    chosen = x or _best_x([run.points[metric] for run in having])
    series = [Series(run.state.run_id, _placed(run, metric, chosen)) for run in having]
    if not any(one.points for one in series):
        raise RefusedError(f"the points of {printable(metric)} have no {chosen}", hint="leave --x out, or use --x time")
    return Panel(metric, chosen, series)


def _best_x(all_points: Sequence[Sequence[Point]]) -> str:
    """The step, or else the epoch, where every point has it and it never goes back; otherwise the time."""
    for name in (STEP, EPOCH):
        if all(_goes_forward([getattr(point, name) for point in points]) for points in all_points):
            return name
    return TIME


def _goes_forward(values: list[Any]) -> bool:
    return None not in values and all(one <= other for one, other in pairwise(values))


def _placed(run: Compared, metric: str, x: str) -> list[Placed]:
    start = run.state.started_at or run.state.created_at
    if x == TIME:
        return [Placed(point.at - start, point) for point in run.points[metric]]
    places = ((getattr(point, x), point) for point in run.points[metric])
    return [Placed(place, point) for place, point in places if place is not None]


def document(shown: Sequence[Panel], file: str | None) -> dict[str, Any]:
    """What was plotted, as `--json` prints it: every point."""
    return {"file": file, "panels": [_panel_document(panel) for panel in shown]}


def _panel_document(panel: Panel) -> dict[str, Any]:
    return {
        "metric": panel.metric,
        "x": panel.x,
        "series": [
            {"run_id": series.run_id, "points": [_point_document(place) for place in series.points]}
            for series in panel.series
        ],
    }


def _point_document(place: Placed) -> dict[str, Any]:
    at, step, epoch, value = place.point
    return {
        "x": json_number(place.x),
        "value": json_number(value),
        "step": None if step is None else json_number(step),
        "epoch": None if epoch is None else json_number(epoch),
        "written_at": at,
    }
