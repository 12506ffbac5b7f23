"""Tables whose header names the columns: fastai, skorch, Ultralytics, scikit-learn, spaCy, CSV, and one's own."""

from __future__ import annotations

import re
from typing import NamedTuple

from runctl.agent.progress import numbers, words

_EPOCHS = ("epoch", "epochs", "e")
_STEPS = ("step", "iter", "iteration", "#", "global_step")
_GAP = re.compile(r"\s{2,}|\t|\s*\|\s*")
_COLUMN = re.compile(r"#|[a-z_][\w./()@%-]*(?: [a-z_#%(][\w./()@%-]*){0,3}")
_RULE = re.compile(r"[\s\-+=|━─┼:█]*")
_MOST_COLUMNS = 60
_POSITION = re.compile(r"(\d{1,9})(?:/(\d{1,9}))?")
_VALUE = re.compile(r"[-+]?(?:\d[\d.]*|\.\d+)(?:e[-+]?\d+)?|[-+]?(?:nan|inf)")
_MOST_OTHERS = 3
_SCORES = re.compile(r"class\s+images\s+instances\s+(\S+\(.{1,120}?\)):?(?:\s|$)")


class Row(NamedTuple):
    """One row: where the script is (None where no column says it), and its values by column."""

    epoch: int | None
    total_epochs: int | None
    step: int | None
    values: dict[str, float]


class Table:
    """The table that is being printed, if one is."""

    def __init__(self) -> None:
        self._columns: list[str] = []
        self._scores: list[str] = []
        self._by_comma = False
        self._others = 0

    @property
    def open(self) -> bool:
        """Whether rows may follow."""
        return bool(self._columns or self._scores)

    def begin(self, text: str) -> bool:
        """Takes a lower-case line as the header when it is one. Returns whether it is."""
        scores = _SCORES.match(text)
        if scores:
            self._scores = re.sub(r"\w+\(|\)", " ", scores.group(1)).split()
            return True
        columns = _columns(text)
        if columns:
            self._columns, self._by_comma, self._others = columns, "," in text, 0
        return bool(columns)

    def row(self, text: str) -> Row | None:
        """The row that a lower-case line is; None for any other line, of which a few end the table."""
        if self._scores and text.startswith("all "):
            cells = text.split()
            names, self._scores = self._scores, []
            # the first columns are the class, and how many there are of it
            return Row(None, None, None, _values(names, cells[3:])) if len(cells) == len(names) + 3 else None
        cells = text.split(",") if self._by_comma else text.strip(" |\t").replace("|", " ").split()
        if len(cells) < len(self._columns) or (self._by_comma and len(cells) > len(self._columns)):
            row = None
        else:
            row = self._read(cells)
        if row is None and not _RULE.fullmatch(text) and "%" not in text and not text.startswith("epoch"):
            self._others += 1
            if self._others > _MOST_OTHERS:
                self._columns, self._scores = [], []
        return row

    def _read(self, cells: list[str]) -> Row | None:
        epoch = total = step = None
        for name, cell in zip(self._columns, cells):  # noqa: B905
            number = _POSITION.fullmatch(cell.strip())
            if name in _EPOCHS + _STEPS:
                if not number:
                    return None
                if name in _EPOCHS:
                    epoch, total = int(number.group(1)), int(number.group(2)) if number.group(2) else None
                else:
                    step = int(number.group(1))
        self._others = 0
        return Row(epoch, total, step, _values(self._columns, cells)) if self._columns else None


def _values(names: list[str], cells: list[str]) -> dict[str, float]:
    values = {}
    for name, cell in zip(names, cells):  # noqa: B905
        value = numbers.value_of(cell) if _VALUE.fullmatch(cell.strip()) else None
        if value is not None and name not in _EPOCHS + _STEPS and not words.is_other(name):
            values[name] = value
    return values


def _columns(text: str) -> list[str]:
    """The names in a header: the first says an epoch or a step (in a CSV file, any), and one is of a result."""
    stripped = text.strip(" |\t")
    if len(stripped) > 2000 or any(mark in text for mark in ":=%[{;"):
        return []
    if "," in stripped:
        columns = stripped.split(",")
    elif stripped.startswith(_EPOCHS + _STEPS):
        columns = [column for column in _GAP.split(stripped) if column]
        columns = stripped.split() if len(columns) == 1 else columns
    else:
        return []
    if not 3 <= len(columns) <= _MOST_COLUMNS or not all(map(_COLUMN.fullmatch, columns)):
        return []
    names = [numbers.plain_name(column) for column in columns]
    placed = [name for name in (names if "," in stripped else names[:1]) if name in _EPOCHS + _STEPS]
    return names if placed and any(map(words.is_result, names)) else []
