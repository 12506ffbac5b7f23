"""The live status under a running script, as rows of styled text: pure, so that a terminal is not needed to see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from runctl.agent import protocol
from runctl.core.specs import RunState
from runctl.core.text import duration, number
from runctl.runs.comparison import by_importance
from runctl.ui.cells import shortened, width
from runctl.ui.sparkline import ASCII, BLOCKS, sparkline
from runctl.ui.views import position, status_word
from runctl.ui.watched import Watched

_WITHOUT_SCRIPT = (protocol.PREPARING, protocol.SAVING)
_LONGEST_BAR, _SHORTEST_BAR = 30, 6
_WITH_PLOT = 2
_MOST_METRIC_ROWS = 2
_MOST_METRICS = 200


class Span(NamedTuple):
    """Text in one style, as rich names styles."""

    text: str
    style: str = ""


Row = list[Span]


class Glyphs(NamedTuple):
    """The letters of bars and small plots."""

    done: str
    left: str
    plot: str


UNICODE = Glyphs("━", "─", BLOCKS)
PLAIN = Glyphs("#", ".", ASCII)


def plain(row: Row) -> str:
    """A row without its styles."""
    return "".join(span.text for span in row)


def status_rows(watched: Watched, now: float, cells: int, glyphs: Glyphs = UNICODE) -> list[Row]:
    """The status at `now` (Unix time in seconds), in rows of at most `cells`: what and where, a bar where a total is
    known, two rows of metrics however many there are."""
    state = watched.state
    if state is None:
        return [[Span("starting", "dim")]]
    pace = _pace(watched, now)
    bar = _bar_row(_fraction(watched, state), pace, cells, glyphs)
    head = [*_head(watched, state, now), *([Span(part)] for part in pace if part and bar is None)]
    rows = _packed(head, cells, 3)
    if bar:
        rows.append(bar)
    return rows + _metric_rows(watched, state, cells, glyphs)


def _head(watched: Watched, state: RunState, now: float) -> list[Row]:
    parts = [
        Span(state.run_id, "bold"),
        Span(status_word(state), "" if state.finished else "green"),
        Span(duration(state.elapsed_s(now)) if state.started_at else ""),
        Span(position(state.position)),
        Span(f"${state.cost_usd:.2f}" if state.cost_usd else ""),
        Span(watched.activity if state.phase in _WITHOUT_SCRIPT else "", "dim"),
    ]
    return [[part] for part in parts if part.text]


def _fraction(watched: Watched, state: RunState) -> float | None:
    """How much of what is going on now is done; None when not known."""
    if state.phase in _WITHOUT_SCRIPT:
        return watched.transferred.fraction
    return watched.progress.fraction if state.phase == protocol.RUNNING else None


def _pace(watched: Watched, now: float) -> tuple[str, str]:
    """Rate and ETA, each empty where not known."""
    running = watched.state is not None and watched.state.phase == protocol.RUNNING
    if not running and watched.transferred.fraction is None:
        return "", ""
    follows = watched.progress if running else watched.transferred
    eta_s = follows.eta_s(now)
    return follows.rate(), "" if eta_s is None else f"ETA {duration(eta_s)}"


def _bar_row(fraction: float | None, pace: tuple[str, str], cells: int, glyphs: Glyphs) -> Row | None:
    """A bar with percentage, rate and ETA; where there is little room, less of them."""
    if fraction is None:
        return None
    # rounded down: what is not done must not look done
    percent = f"{int(fraction * 100):3}%"
    rate, eta = pace
    texts = [part for part in (percent, rate, eta) if part]
    if cells - len("  ".join(texts)) - 1 < _SHORTEST_BAR:
        texts = [part for part in (percent, eta) if part]
    length = min(_LONGEST_BAR, cells - len("  ".join(texts)) - 1)
    if length < _SHORTEST_BAR:
        return [Span(shortened("  ".join(texts), cells))]
    done = int(fraction * length)
    bar = [Span(glyphs.done * done, "cyan"), Span(glyphs.left * (length - done), "dim")]
    return [*bar, Span(" " + "  ".join(texts))]


def _metric_rows(watched: Watched, state: RunState, cells: int, glyphs: Glyphs) -> list[Row]:
    names = by_importance(list(state.metrics)[:_MOST_METRICS])
    plot_cells = max(8, min(24, cells // 5))
    shown = []
    for index, name in enumerate(names):
        history = watched.histories.get(name)
        values = history.values() if history and index < _WITH_PLOT else []
        plot = sparkline(values, plot_cells, glyphs.plot) if len(values) > 1 else ""
        shown.append(_metric(name, state.metrics[name], plot, cells))
    return _packed(shown, cells, _MOST_METRIC_ROWS, more=len(state.metrics) - len(names))


def _metric(name: str, value: float, plot: str, cells: int) -> Row:
    """A metric's name, value and plot. A long name is cut before the value is: the value is what is looked for."""
    text = number(value)
    after = 1 + len(text) + (1 + len(plot) if plot else 0)
    row = [Span(shortened(name, max(8, cells - after)), "dim"), Span(" " + text, "" if value - value == 0 else "red")]
    return [*row, Span(" " + plot, "cyan")] if plot else row


def _packed(items: Sequence[Row], cells: int, most: int, more: int = 0) -> list[Row]:
    """Items laid side by side into at most `most` rows; the last says how many (and `more`) found no room."""
    rows: list[Row] = []
    room = 0
    for index, item in enumerate(items):
        taken = width(plain(item))
        left_out = len(items) - index - 1 + more
        # in the last row there must be room to say what is left out
        reserve = len(f"  +{left_out} more") if left_out and (more or len(rows) == most) else 0
        if rows and taken + 2 + reserve <= room:
            rows[-1] += [Span("  "), *item]
            room -= taken + 2
        elif len(rows) < most:
            reserve = len(f"  +{left_out} more") if left_out and (more or len(rows) == most - 1) else 0
            rows.append(_cut(item, cells - reserve))
            room = cells - width(plain(rows[-1]))
        else:
            more += len(items) - index
            break
    if more and rows:
        rows[-1].append(Span(f"  +{more} more", "dim"))
    return rows


def _cut(row: Row, cells: int) -> Row:
    """A row in at most `cells`; spans that find no room are left out."""
    kept: Row = []
    for span in row:
        text = shortened(span.text, max(0, cells))
        kept.append(Span(text, span.style))
        cells -= width(text)
    return [span for span in kept if span.text]
