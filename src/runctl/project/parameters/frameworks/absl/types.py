"""How absl's flags take values: the parsers of absl/flags/_argument_parser.py."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from runctl.core.errors import UsageError
from runctl.project.hyperparams import list_items
from runctl.project.parameters.model import ValueType
from runctl.project.parameters.types import boolean


def integer(low: float | None, high: float | None) -> ValueType:
    """A whole number, hexadecimal and octal ones included."""
    return ValueType("int", lambda text: _within(_int(text), low, high))


def number(low: float | None, high: float | None) -> ValueType:
    """A number."""
    return ValueType("float", lambda text: _within(_float(text), low, high))


def choice(values: Sequence[str], case_sensitive: bool) -> ValueType:
    """One of some words."""

    def spell(text: str) -> str:
        if case_sensitive:
            return text
        return next((value for value in values if value.lower() == text.lower()), text)

    return ValueType("str", spell)


def _int(text: str) -> str:
    base = {"0o": 8, "0x": 16}.get(text[:2], 10)
    try:
        return str(int(text, base))
    except ValueError:
        raise ValueError("a whole number") from None


def _float(text: str) -> str:
    try:
        float(text)
    except ValueError:
        raise ValueError("a number") from None
    return text


def _within(text: str, low: float | None, high: float | None) -> str:
    if (low is not None and float(text) < low) or (high is not None and float(text) > high):
        if low is None or high is None:
            raise ValueError(f"{low} or more" if high is None else f"{high} or less")
        raise ValueError(f"{low} to {high}")
    return text


def _items(text: str) -> tuple[str, ...] | None:
    try:
        return list_items(text)
    except UsageError as error:
        raise ValueError(f"a list, such as [a,b]: {error.message}") from None


def _comma_separated(text: str) -> str:
    items = _items(text)
    if items is None:
        _read_commas(text)
        return text
    if not items:
        return ""
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(items)
    if _read_commas(written.getvalue()) != list(items):
        raise ValueError("a list whose items have no spaces at their ends")
    return written.getvalue()


def _read_commas(text: str) -> list[str]:
    """What absl's ListParser makes of it."""
    try:
        rows = list(csv.reader([text], strict=True))
    except csv.Error:
        raise ValueError("a list, such as a,b or [a,b]") from None
    return [item.strip() for item in rows[0]] if rows else []


def _space_separated(text: str) -> str:
    items = _items(text)
    if items is None:
        return text
    if any(item.split() != [item] for item in items):
        raise ValueError("a list whose items have no spaces")
    return " ".join(items)


LIST = ValueType("list", _comma_separated)
WORDS = ValueType("list", _space_separated)
BOOL = boolean("true", "false")
