"""A plot made of letters: braille dots with axes and a legend, or plain letters where a terminal has no others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from runctl.ui.axes import Axis, Tick, axis_of, ticks
from runctl.ui.cells import shortened
from runctl.ui.plots import X_LABELS, Panel, segments, thinned

EVERY_LETTER = "⣿●━┤│└─┬"
_MARKS = "ox+*#%@&=~"
_COLOURS = (36, 33, 35, 32, 31, 34, 96, 93, 95, 92, 91, 94)
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_ROWS_A_TICK, _CELLS_A_TICK = 2, 9
_NARROWEST = 10


class Look(NamedTuple):
    """What the terminal can show. Without colour, or without braille, several runs are told apart by their letters."""

    unicode: bool = True
    colour: bool = True


class _Cell(NamedTuple):
    dots: int
    series: int


class _Canvas:
    """Cells of 2 by 4 dots."""

    def __init__(self, columns: int, rows: int, x: Axis, y: Axis) -> None:
        self._columns, self._rows = columns, rows
        self._x, self._y = x, y
        self.cells: dict[tuple[int, int], _Cell] = {}

    def line(self, points: Sequence[tuple[float, float]], series: int) -> None:
        """Draws a line through points that are in the range of the axes."""
        dots = [self._dot(x, y) for x, y in points]
        for begin, end in zip(dots, dots[1:] or dots, strict=False):
            count = max(1, abs(end[0] - begin[0]), abs(end[1] - begin[1]))
            for index in range(count + 1):
                part = index / count
                self._set(
                    round(begin[0] + (end[0] - begin[0]) * part), round(begin[1] + (end[1] - begin[1]) * part), series
                )

    def point(self, x: float, y: float, series: int) -> None:
        """Draws a point that stands alone, so that it can be seen."""
        column, row = self._dot(x, y)
        self.cells[row // 4, column // 2] = _Cell(-1, series)

    def _dot(self, x: float, y: float) -> tuple[int, int]:
        return round(self._x.place(x) * (self._columns * 2 - 1)), round((1 - self._y.place(y)) * (self._rows * 4 - 1))

    def _set(self, column: int, row: int, series: int) -> None:
        place = row // 4, column // 2
        cell = self.cells.get(place, _Cell(0, series))
        # where lines lie upon each other the cells are shared, so that all of them are seen
        shown = series if place[1] % (series + 1) == series else cell.series
        self.cells[place] = _Cell(max(0, cell.dots) | _DOTS[row % 4][column % 2], shown)


def draw(panel: Panel, columns: int, rows: int, look: Look) -> list[str]:
    """The lines of one panel, `columns` wide, its plot area `rows` high."""
    points = panel.finite()
    lines = [_painted(shortened(panel.metric, columns), "1", look)]
    if len(panel.series) > 1:
        lines += _legend(panel, columns, look)
    if not points:
        return [*lines, "  none of its values is finite"]
    x, y = axis_of(place for place, _ in points), axis_of(value for _, value in points)
    y_ticks = ticks(y, max(2, rows // _ROWS_A_TICK))
    margin = max(len(tick.label) for tick in y_ticks)
    area = max(_NARROWEST, columns - margin - 2)
    canvas = _Canvas(area, rows, x, y)
    for index, series in enumerate(panel.series):
        for segment in segments(series.points):
            if len(segment) == 1:
                canvas.point(*segment[0], index)
            else:
                canvas.line(thinned(segment, area * 8), index)
    lines += _area(canvas.cells, area, rows, y, y_ticks, margin, len(panel.series) > 1, look)
    lines += _x_axis(x, area, margin, look)
    lines.append(_painted(" " * (margin + 2) + shortened(_x_label(panel), area), "2", look))
    return lines


def _x_label(panel: Panel) -> str:
    left_out = panel.left_out()
    return X_LABELS[panel.x] + (f" ({left_out} of its values not finite, not drawn)" if left_out else "")


def _legend(panel: Panel, columns: int, look: Look) -> list[str]:
    """The mark and id of every run, as many on a line as fit."""
    names = [f"{_sample(index, look)} {series.run_id}" for index, series in enumerate(panel.series)]
    on_a_line = max(1, (columns + 2) // (len(panel.series[0].run_id) + 5))
    return ["  ".join(names[begin : begin + on_a_line]) for begin in range(0, len(names), on_a_line)]


def _sample(index: int, look: Look) -> str:
    if look.unicode and look.colour:
        return _painted("━━", _colour(index), look)
    return _painted(_MARKS[index % len(_MARKS)] * 2, _colour(index), look)


def _colour(index: int) -> str:
    return str(_COLOURS[index % len(_COLOURS)])


def _area(
    cells: dict[tuple[int, int], _Cell],
    columns: int,
    rows: int,
    y: Axis,
    y_ticks: list[Tick],
    margin: int,
    several: bool,
    look: Look,
) -> list[str]:
    labels = {round((1 - y.place(tick.value)) * (rows - 1)): tick.label for tick in y_ticks}
    lines = []
    for row in range(rows):
        edge = ("┤" if row in labels else "│") if look.unicode else ("+" if row in labels else "|")
        letters = "".join(_letter(cells.get((row, column)), several, look) for column in range(columns))
        lines.append(f"{labels.get(row, ''):>{margin}} {edge}{letters}".rstrip())
    return lines


def _letter(cell: _Cell | None, several: bool, look: Look) -> str:
    if cell is None:
        return " "
    colour = _colour(cell.series)
    if not look.unicode or (several and not look.colour):
        return _painted(_MARKS[cell.series % len(_MARKS)] if several else "*", colour, look)
    return _painted("●" if cell.dots < 0 else chr(0x2800 + cell.dots), colour, look)


def _x_axis(x: Axis, columns: int, margin: int, look: Look) -> list[str]:
    """The line below the plot with its ticks, and their labels, each below its tick where there is room."""
    corner, flat, notch = ("└", "─", "┬") if look.unicode else ("+", "-", "+")
    line, labels = [flat] * columns, ""
    for tick in ticks(x, max(2, columns // _CELLS_A_TICK)):
        at = round(x.place(tick.value) * (columns - 1))
        begin = min(max(0, at - len(tick.label) // 2), columns - len(tick.label))
        if begin >= len(labels) + (2 if labels else 0):
            line[at] = notch
            labels = labels.ljust(begin) + tick.label
    space = " " * (margin + 1)
    return [space + corner + "".join(line), space + " " + labels]


def _painted(text: str, style: str, look: Look) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if look.colour else text
