"""The one place that prints: data to stdout, everything else to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from runctl.core.text import printable
from runctl.ui.cells import padded, width

BOLD, DIM, RED, GREEN, YELLOW, CYAN = "1", "2", "31", "32", "33", "36"


class Console:
    """Prints for one command. `quiet` silences notes; warnings and errors are always printed."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet

    def data(self, text: str) -> None:
        """Prints `text` and a newline to stdout."""
        print(text, file=sys.stdout)

    def note(self, text: str) -> None:
        """Prints a remark to stderr, unless quiet."""
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    def warn(self, text: str) -> None:
        """Prints a warning to stderr."""
        print(f"{paint('warning:', YELLOW, sys.stderr)} {text}", file=sys.stderr, flush=True)

    def error(self, text: str, hint: str | None = None) -> None:
        """Prints an error, and what to do about it, to stderr."""
        print(f"{paint('error:', RED, sys.stderr)} {text}", file=sys.stderr)
        if hint:
            print(f"{paint('hint:', CYAN, sys.stderr)} {hint}", file=sys.stderr, flush=True)


def coloured(stream: TextIO) -> bool:
    """Whether colour may go to `stream`: a terminal that is not dumb, and no NO_COLOR (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, colour: str, stream: TextIO) -> str:
    """`text` in `colour` (an SGR number) where `stream` shows colour."""
    return f"\x1b[{colour}m{text}\x1b[0m" if coloured(stream) else text


def encodable(text: str, stream: TextIO) -> bool:
    """Whether `stream` can hold `text`: an ASCII terminal has no braille and no blocks."""
    try:
        text.encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a left-aligned table, two spaces between columns. Cells are made printable."""
    cells = [list(header), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(width(row[column]) for row in cells) for column in range(len(header))]
    return ["  ".join(map(padded, row, widths)).rstrip() for row in cells]
