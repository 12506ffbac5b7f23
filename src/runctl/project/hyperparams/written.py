"""Hyperparameters as a user writes them: `epochs=50,lr=0.001`, or `@file.yaml`.

The syntax of one item:

- pairs `key=value`, separated by commas; the first `=` ends the key; spaces around keys are dropped
- a comma inside quotes or brackets belongs to the value
- quotes around a whole value are syntax, and are removed; inside them the same quote is written twice
- everything else is the value's, character by character
- `[a,b]`, not in quotes, is also a list
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from runctl.core.errors import UsageError
from runctl.core.text import printable

BRACKETS = {"[": "]", "(": ")", "{": "}"}
QUOTES = "\"'"


class Given(NamedTuple):
    """A value as the user wrote it: its text, None for a file's null; its items, when it is a list."""

    text: str | None
    items: tuple[str, ...] | None = None


def read_hyperparams(items: Sequence[str]) -> dict[str, Given]:
    """The values of `--hyperparams`, by key; a later item wins over an earlier one.

    Raises UsageError for what the syntax, or a file's format, does not allow, with its place; NotFoundError for a
    missing file.
    """
    found: dict[str, Given] = {}
    for item in items:
        if item.startswith("@"):
            from runctl.project.hyperparams.files import read_file

            found.update(read_file(item[1:]))
        else:
            found.update(_read_item(item))
    return found


def list_items(text: str) -> tuple[str, ...] | None:
    """The items of `[a,b]`, by the rules of the syntax; None when `text` is no such list. Raises UsageError."""
    if text.startswith("[") and _closing(text, 0, 0, text) == len(text) - 1:
        return tuple(_items(text, 1, text[1:-1]))
    return None


def passable(text: str | None) -> bool:
    """Whether `text` can be an argument of a process: no NUL in it, no half of a surrogate pair."""
    try:
        return text is None or b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def _read_item(item: str) -> dict[str, Given]:
    found: dict[str, Given] = {}
    for start, part in _split(item, item, 0):
        key, equals, value = part.partition("=")
        key = key.strip()
        if not part.strip():
            raise _wrong(item, start, "there is nothing between two commas, or at an end", "key=value,key=value")
        if not equals:
            raise _wrong(item, start, f'"{printable(part.strip())}" has no "="', f"{printable(part.strip())}=VALUE")
        if not key:
            raise _wrong(item, start, 'there is no key before "="', "key=value")
        given = _given(item, start + len(part) - len(value), value)
        if found.setdefault(key, given) != given:
            raise _wrong(item, start, f'"{printable(key)}" is there twice with different values', "each key once")
    return found


def _given(item: str, start: int, value: str) -> Given:
    if not passable(item):
        raise _wrong(item, start, "no program can be given such characters", "text without NUL")
    unquoted = _unquoted(value)
    if unquoted is not None:
        return Given(unquoted)
    if _unquoted(value.strip()) is not None:
        raise _wrong(item, start, "there is a space before or after the quotes", value.strip())
    if value.startswith("[") and _closing(item, start, 0, value) == len(value) - 1:
        return Given(value, tuple(_items(item, start + 1, value[1:-1])))
    return Given(value)


def _items(item: str, start: int, inside: str) -> Iterator[str]:
    parts = [part.strip() for _, part in _split(item, inside, start)]
    if not parts[-1]:
        parts.pop()
    for part in parts:
        unquoted = _unquoted(part)
        yield part if unquoted is None else unquoted


def _split(item: str, text: str, start: int) -> Iterator[tuple[int, str]]:
    """What stands between the commas of `text`, a piece of `item` from `start` on, each with its place in `item`."""
    begin = at = 0
    while at < len(text):
        if text[at] in QUOTES or text[at] in BRACKETS:
            at = _closing(item, start, at, text)
        elif text[at] == ",":
            yield start + begin, text[begin:at]
            begin = at + 1
        at += 1
    yield start + begin, text[begin:]


def _closing(item: str, start: int, opened: int, text: str) -> int:
    """Where the quote or bracket that opens at text[opened] closes."""
    if text[opened] in QUOTES:
        closing = text.find(text[opened], opened + 1)
        if closing < 0:
            hint = "close it, or put the whole value into the other kind of quotes"
            raise _wrong(item, start + opened, f"the quote {text[opened]} is not closed", hint)
        return closing
    expected = [BRACKETS[text[opened]]]
    at = opened + 1
    while at < len(text) and expected:
        if text[at] in QUOTES:
            at = _closing(item, start, at, text)
        elif text[at] in BRACKETS:
            expected.append(BRACKETS[text[at]])
        elif text[at] in BRACKETS.values() and text[at] != expected.pop():
            expected.append(text[at])
            break
        at += 1
    if expected:
        hint = 'close it, or put the whole value into quotes: key="value"'
        raise _wrong(item, start + opened, f"the bracket {text[opened]} is not closed", hint)
    return at - 1


def _unquoted(value: str) -> str | None:
    """What is in the quotes around the whole of `value`; None when there are none."""
    if len(value) < 2 or value[0] not in QUOTES or value[-1] != value[0]:
        return None
    quote, inside = value[0], value[1:-1]
    if quote in inside.replace(quote * 2, ""):
        return None
    return inside.replace(quote * 2, quote)


def _wrong(item: str, at: int, what: str, right: str) -> UsageError:
    return UsageError(f"--hyperparams {printable(item)}: character {at + 1}: {what}", hint=right)


def given_values(values: Mapping[str, Any]) -> dict[str, Given]:
    """Hyperparameters that a program gives as Python values: texts, numbers, truth values, None, and lists of them.

    Raises UsageError for anything else.
    """
    return {key: _given_value(key, value) for key, value in values.items()}


def _given_value(key: str, value: Any) -> Given:
    if isinstance(value, (list, tuple)):
        items = tuple(_scalar_text(key, item) for item in value)
        return Given("[" + ",".join(items) + "]", items)
    return Given(None) if value is None else Given(_scalar_text(key, value))


def _scalar_text(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (str, int, float, os.PathLike)) or not passable(str(value)):
        raise UsageError(f"hyperparameter {printable(key)}: {printable(repr(value))} can't be given to a script")
    return str(value)
