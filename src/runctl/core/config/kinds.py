"""The kinds of values that settings have, and what makes each right."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path, PurePosixPath
from typing import TypeVar

from runctl.core.config.setting import Kind, Place

T = TypeVar("T")

# longer waits overflow in some system calls, and nobody means them
MAX_SECONDS = 7 * 86400
MAX_COUNT = 10_000
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
_DURATION = re.compile(r"(\d{1,12}(?:\.\d+)?)\s*([smh]?)", re.ASCII)
_NUMBER = re.compile(r"\d{1,12}(\.\d+)?", re.ASCII)
# no program can act on these, so a script could not save anything
_UNCATCHABLE = (signal.SIGKILL, signal.SIGSTOP)
_TYPES = {str: "text", bool: "a boolean", int: "a number", float: "a number", list: "an array", dict: "a table"}


def optional(kind: Kind[T]) -> Kind[T | None]:
    """`kind`, where empty text means none."""

    def parse(raw: object, place: Place) -> T | None:
        return None if raw == "" else kind.parse(raw, place)

    return Kind(f'{kind.takes}; "" for none', parse, kind.from_text)


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise ValueError(f"is {_TYPES.get(type(raw), 'a date or time')}, not text")
    if not raw.strip():
        raise ValueError("is empty")
    if "\0" in raw:
        raise ValueError("holds a NUL character")
    return raw


def _path(raw: object, place: Place) -> Path:
    text = _text(raw)
    if not text.startswith("~"):
        return place.folder / text
    name, _, rest = text.partition("/")
    if name != "~":
        raise ValueError("begins with another user's ~, which is not expanded")
    if place.home is None:
        raise ValueError("cannot be expanded: HOME is not set")
    return place.home / rest.lstrip("/")


def _interpreter(raw: object, place: Place) -> str:
    text = _text(raw)
    return str(_path(text, place)) if "/" in text else text


def _seconds(raw: object, place: Place) -> float:
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
        raise ValueError(f"is {_TYPES.get(type(raw), 'a date or time')}, not a length of time")
    if isinstance(raw, str):
        match = _DURATION.fullmatch(_text(raw).strip().lower())
        if not match:
            raise ValueError("is not a length of time")
        raw = float(match[1]) * _UNITS[match[2]]
    if raw > MAX_SECONDS:
        raise ValueError("is longer than 7 days")
    if not raw >= 0:
        raise ValueError("is not 0 or more")
    return float(raw)


def _seconds_from_text(text: str) -> object:
    match = _NUMBER.fullmatch(text.strip())
    if not match:
        return text
    return float(match[0]) if match[1] else int(match[0])


def _whole_from_text(text: str) -> object:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else text


def _signal(raw: object, place: Place) -> str:
    name = _text(raw).strip().upper()
    try:
        found = signal.Signals[name if name.startswith("SIG") else f"SIG{name}"]
    except KeyError:
        raise ValueError("is no signal of this system") from None
    if found in _UNCATCHABLE:
        raise ValueError("cannot be caught, so that a script could not save anything")
    return found.name


def _name(raw: object, place: Place) -> str:
    text = _text(raw).strip()
    if not text.isprintable():
        raise ValueError("holds a control character")
    return text


def _count(raw: object, place: Place) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise ValueError(f"is {_TYPES.get(type(raw), 'a date or time')}, not a whole number")
    if not 0 <= raw <= MAX_COUNT:
        raise ValueError(f"is not from 0 to {MAX_COUNT}")
    return raw


def one_of(*words: str) -> Kind[str]:
    """One of these words."""

    def parse(raw: object, place: Place) -> str:
        if _text(raw) not in words:
            raise ValueError("is none of them")
        return _text(raw)

    return Kind(" or ".join(f'"{word}"' for word in words), parse)


def _s3_uri(raw: object, place: Place) -> str:
    from runctl.agent.s3 import location  # not for every command

    return str(location.parse(_name(raw, place)))


def _relative_paths(raw: object, place: Place) -> tuple[str, ...]:
    if not isinstance(raw, list):
        raise ValueError(f"is {_TYPES.get(type(raw), 'text')}, not an array of paths")
    return tuple(_relative(item) for item in raw)


def _relative(raw: object) -> str:
    try:
        path = PurePosixPath(_text(raw))
    except ValueError as error:
        raise ValueError(f"has an item that {error}") from None
    if path.is_absolute() or str(path).startswith("~"):
        raise ValueError("has an item that is not relative")
    if ".." in path.parts:
        raise ValueError("has an item that leads out of the project by ..")
    return str(path)


def _split(text: str) -> object:
    return text.split(os.pathsep) if text else []


PATH = Kind('a path: absolute, from "~", or relative to what names it (the file\'s folder)', _path)
INTERPRETER = Kind('an interpreter: "python3.12" as found on PATH, or a path to one', _interpreter)
NAME = Kind("a name", _name)
COUNT = Kind(f"a whole number from 0 to {MAX_COUNT}", _count, _whole_from_text)
S3_URI = Kind('a place in S3: "s3://bucket/folder"', _s3_uri)
SECONDS = Kind('seconds from 0 to 604800 (7 days): 90, "90s", "2m", "1h"', _seconds, _seconds_from_text)
SIGNAL = Kind('a signal that can be caught: "TERM", "SIGINT", "USR1"', _signal)
RELATIVE_PATHS = Kind(
    f'an array of relative paths: ["checkpoints"]; as text, separated by "{os.pathsep}"; [] for none',
    _relative_paths,
    _split,
)
