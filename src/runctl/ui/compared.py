"""Runs side by side, as lines: pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from runctl.core.specs import RunState, json_number
from runctl.core.text import duration, number
from runctl.runs.comparison import Compared, Row
from runctl.ui.cells import shortened, width
from runctl.ui.console import table
from runctl.ui.views import position, status_word

_WIDEST_CELL = 24
_WIDEST_NAME = 28


def comparison_lines(
    runs: Sequence[Compared], settings: Sequence[Row], metrics: Sequence[Row], now: float, cells: int
) -> list[str]:
    """A table with a column for each run; where that is too wide a row for each, or else several tables. `now` is a
    Unix time in seconds."""
    rows = [*_facts(runs, now), *map(_setting_cells, settings), *map(_metric_cells, metrics)]
    header = ["", *(run.state.run_id for run in runs)]
    across = table(header, rows)
    if _widest(across) <= cells:
        return across
    down = table(["RUN", *(row[0] for row in rows)], zip(header[1:], *(row[1:] for row in rows), strict=True))
    if _widest(down) <= cells:
        return down
    return _in_blocks(header, rows, cells)


def _in_blocks(header: Sequence[str], rows: Sequence[Sequence[str]], cells: int) -> list[str]:
    """Tables below each other, each of as many runs as fit beside the names, one at least."""
    lines: list[str] = []
    first, end = 1, len(header)
    while first < len(header):
        block = table([header[0], *header[first:end]], [[row[0], *row[first:end]] for row in rows])
        if _widest(block) > cells and end - first > 1:
            end -= 1
            continue
        lines += [*([""] if lines else []), *(shortened(line, cells) for line in block)]
        first, end = end, len(header)
    return lines


def _widest(lines: Iterable[str]) -> int:
    return max(map(width, lines), default=0)


def _facts(runs: Sequence[Compared], now: float) -> list[list[str]]:
    states = [run.state for run in runs]
    return [
        ["script", *(shortened(state.script, _WIDEST_CELL) for state in states)],
        ["status", *map(status_word, states)],
        ["duration", *(duration(state.elapsed_s(now)) if state.started_at else "-" for state in states)],
        *_positions(states),
    ]


def _positions(states: Sequence[RunState]) -> Iterator[list[str]]:
    for name in ("epoch", "step"):
        values = [{key: value for key, value in state.position.items() if name in key} for state in states]
        if any(values):
            yield [name, *(position(value).removeprefix(f"{name} ") or "-" for value in values)]


def _setting_cells(row: Row) -> list[str]:
    return [shortened(row.name, _WIDEST_NAME), *(shortened(_written(value), _WIDEST_CELL) for value in row.values)]


def _written(value: Any) -> str:
    """A hyperparameter's value: text as it is, all else as JSON writes it."""
    if value is None:
        return "-"
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def _metric_cells(row: Row) -> list[str]:
    written = ["-" if value is None else number(value) for value in row.values]
    marked = [text + (" *" if index in row.best else "") for index, text in enumerate(written)]
    return [shortened(row.name, _WIDEST_NAME), *marked]


def comparison_notes(settings: Sequence[Row], shown: Sequence[Row], metrics: Sequence[Row], best: bool) -> list[str]:
    """What has to be said about the table: what it leaves out, and which way was taken for better."""
    notes = []
    same = len(settings) - len(shown)
    if same:
        notes.append(f"{same} hyperparameter{'s' if same > 1 else ''} the same in all runs; --all shows all")
    if not settings:
        notes.append("no hyperparameters on record")
    ways = [f"{way} {_listed(names)}" for way in ("lower", "higher") if (names := _names(metrics, way))]
    if ways:
        notes.append(f"* best {'value' if best else 'last value'}; taken for better: {'; '.join(ways)}")
    unknown = _names(metrics, None)
    if best and unknown:
        notes.append(f"the last value, as it is not known which is better: {_listed(unknown)}")
    return notes


def _names(metrics: Sequence[Row], way: str | None) -> list[str]:
    return [row.name for row in metrics if row.better == way]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(shortened(name, _WIDEST_NAME) for name in names[:4]) + more


def comparison_document(
    runs: Sequence[Compared], settings: Sequence[Row], last: Sequence[Row], best: Sequence[Row]
) -> dict[str, Any]:
    """All of it, as `--json` prints it; `last` and `best` are rows of the same metrics."""
    return {
        "runs": [run.state.to_json() for run in runs],
        "hyperparameters": [{"name": row.name, "values": list(row.values), "differs": row.differs} for row in settings],
        "metrics": [
            {
                "name": row.name,
                "better": row.better,
                "last": list(map(_number, row.values)),
                "best": list(map(_number, best_row.values)) if row.better else None,
                "best_runs": [runs[index].state.run_id for index in best_row.best],
            }
            for row, best_row in zip(last, best, strict=True)
        ],
    }


def _number(value: float | None) -> float | str | None:
    return None if value is None else json_number(value)
