"""How many cells of a terminal a text takes: letters of Chinese and emoji two, combining marks none."""

from __future__ import annotations

from runctl.core.text import printable


def width(text: str) -> int:
    """The cells that `text` takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def shortened(text: str, most: int) -> str:
    """`text` made printable, in at most `most` cells; one that was cut ends with an ellipsis."""
    shown = printable(text)
    if (len(shown) if shown.isascii() else width(shown) + shown.count("\u200d")) <= most and len(shown) <= 4 * most:
        return shown
    return cut(shown, most - 1) + "…" if most > 0 else ""


def cut(text: str, most: int) -> str:
    """The beginning of `text` that fits into `most` cells."""
    taken = 0
    for index, letter in enumerate(text):
        taken += _cells(letter)
        # a letter with a thousand combining marks is no letter
        if taken > most or index >= 4 * most:
            return text[:index]
    return text


def padded(text: str, cells: int) -> str:
    """`text` and as many spaces as make it `cells` wide."""
    return text + " " * (cells - width(text))


def _cells(letter: str) -> int:
    if letter.isascii():
        return 1
    import unicodedata  # not for the many texts that are ASCII

    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
