"""What a terminal shows of output that goes back over its own last lines, as nested progress bars do."""

from __future__ import annotations

import re

_MOST_ROWS_UP = 20
_LONGEST_ROW = 1 << 16
_UP = re.compile(r"\x1b\[\d*A")
_MOVE = re.compile(r"(\n)|\x1b\[(\d*)([AK])")
_UNFINISHED = re.compile(r"\x1b(?:\[[0-9;?]*)?\Z")
# moves to a place, saved places, the other screen, long ways up: only a terminal of its own can show those
_WHOLE_SCREEN = re.compile(r"\x1b\[[0-9;]*[B-Hfsu]|\x1b[78M]|\x1b\[\?1049|\x1b\[0*(?:[3-9]\d|2[1-9]|\d{3,})A")


def uses_whole_screen(text: str) -> bool:
    """Whether a script draws on the screen as a whole, not only over its last lines."""
    return _WHOLE_SCREEN.search(text) is not None


def last_drawn(row: str) -> str:
    """What a terminal shows of a row in which carriage returns went back to its start."""
    return row.rstrip("\r").rpartition("\r")[2]


class Drawn:
    """The rows that a script may still draw over, and the one its cursor is in.

    A row that the cursor left downwards is finished. After a script has gone up (tqdm draws an inner bar with
    newline, carriage return, text, cursor up), as many rows above the cursor as it went up are kept.
    """

    def __init__(self) -> None:
        self._rows = [""]
        self._row = 0
        self._kept = 0
        self._unfinished = ""

    def rows(self) -> list[str]:
        """What these rows show, less empty ones below the cursor; none when there is nothing."""
        shown = [last_drawn(row) for row in self._rows]
        while len(shown) > self._row + 1 and not shown[-1].strip():
            shown.pop()
        return shown if shown != [""] else []

    @property
    def row(self) -> int:
        """The index of the row the cursor is in."""
        return self._row

    def feed(self, text: str) -> list[str]:
        """Draws `text`. Returns the rows that are finished now."""
        text = self._unfinished + text
        cut = _UNFINISHED.search(text)
        self._unfinished = cut[0] if cut else ""
        text = text[: cut.start()] if cut else text
        if len(self._rows) == 1 and not self._kept and not _UP.search(text):
            *lines, self._rows[0] = (self._rows[0] + text).split("\n")
            finished = [last_drawn(line) for line in lines]
        else:
            self._draw(text)
            finished = self._leave()
        self._rows = [_compact(row) for row in self._rows]
        if len(self._rows[self._row]) > _LONGEST_ROW:
            finished += self.close()
        return finished

    def close(self) -> list[str]:
        """Begins on an empty row. Returns what the rows showed."""
        rows = self.rows()
        self._rows, self._row = [""], 0
        return rows

    def _draw(self, text: str) -> None:
        end = 0
        for move in _MOVE.finditer(text):
            self._rows[self._row] += text[end : move.start()]
            end = move.end()
            if move[1]:
                self._down()
            elif move[3] == "A":
                up = int(move[2] or 1)
                # as many as it meant to go up, though the rows it meant may be finished: the next ones will be there
                self._kept = max(self._kept, len(self._rows) - 1 - self._row + up)
                self._row = max(0, self._row - up)
            elif move[2] == "2" or self._rows[self._row].endswith("\r"):
                self._rows[self._row] = "\r"
        self._rows[self._row] += text[end:]

    def _down(self) -> None:
        self._row += 1
        if self._row == len(self._rows):
            self._rows.append("")
        else:
            self._rows[self._row] += "\r"

    def _leave(self) -> list[str]:
        """Takes the rows away that are too far above the cursor to be drawn again."""
        count = max(0, self._row - min(self._kept, _MOST_ROWS_UP))
        finished = [last_drawn(row) for row in self._rows[:count]]
        self._rows = self._rows[count:]
        self._row -= count
        return finished


def _compact(row: str) -> str:
    """A row without what was drawn over; where the cursor is stays."""
    if "\r" not in row:
        return row
    return last_drawn(row) + ("\r" if row.endswith("\r") else "")
