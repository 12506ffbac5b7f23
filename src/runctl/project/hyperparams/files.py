"""Hyperparameters in a file: YAML, JSON or TOML, every scalar with the text that is written there."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

from runctl.core.errors import NotFoundError, UsageError
from runctl.core.text import printable
from runctl.project.hyperparams import Given, passable

SUFFIXES = (".yaml", ".yml", ".json", ".toml")


class Number(str):
    """The text of a number, or of whatever else a file writes without quotes."""


class FormatError(Exception):
    """What a file's format, or its use for hyperparameters, does not allow, and in which line, if known."""

    def __init__(self, what: str, line: int | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.line = line


def read_file(name: str) -> dict[str, Given]:
    """The hyperparameters in the file `name` (`~` is the home folder), nested mappings as dotted keys.

    Raises NotFoundError when there is no such file; UsageError for another suffix and for contents that are no
    mapping of hyperparameters, with the line where it is known.
    """
    shown = printable(name)
    file = Path(name).expanduser()
    readers = {".yaml": _yaml, ".yml": _yaml, ".json": _json, ".toml": _toml}
    if file.suffix not in readers:
        hint = f"@FILE with FILE ending in {', '.join(SUFFIXES)}; further values in a --hyperparams of their own"
        raise UsageError(f"--hyperparams @{shown}: not a kind of file that can be read", hint=hint)
    try:
        content = readers[file.suffix](_text(file))
        if not isinstance(content, dict):
            raise FormatError("the file is not a mapping of keys to values")
        return _flat(content)
    except FileNotFoundError:
        raise NotFoundError(f"--hyperparams @{shown}: no such file", hint="the path is relative to here") from None
    except OSError as error:
        raise UsageError(f"--hyperparams @{shown}: can't be read: {error.strerror}") from error
    except RecursionError:
        raise UsageError(f"--hyperparams @{shown}: nested too deeply") from None
    except FormatError as error:
        line = "" if error.line is None else f":{error.line}"
        raise UsageError(f"--hyperparams @{shown}{line}: {printable(error.what)}", hint="key: value") from error


def _text(file: Path) -> str:
    data = file.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError("not UTF-8", data.count(b"\n", 0, error.start) + 1) from error


def _yaml(text: str) -> Any:
    from runctl.project.hyperparams.yaml_files import parse_yaml

    return parse_yaml(text)


def _json(text: str) -> Any:
    try:
        return json.loads(
            text, object_pairs_hook=_distinct, parse_int=Number, parse_float=Number, parse_constant=Number
        )
    except json.JSONDecodeError as error:
        raise FormatError(f"invalid JSON: {error.msg}", error.lineno) from error


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise FormatError(f'"{next(name for name in names if names.count(name) > 1)}" is there twice')
    return found


def _toml(text: str) -> Any:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        return tomllib.loads(text, parse_float=Number)
    except ValueError as error:
        what, _, where = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", where)
        raise FormatError(f"invalid TOML: {what}", int(line[1]) if line else None) from error


def _flat(content: dict[str, Any]) -> dict[str, Given]:
    found: dict[str, Given] = {}
    for key, value in _leaves(content, ""):
        given = _given(value)
        if not all(map(passable, (key, given.text, *(given.items or ())))):
            raise FormatError(f'"{key}": no program can be given such characters')
        if found.setdefault(key, given) != given:
            raise FormatError(f'"{key}" is there twice with different values')
    return found


def _leaves(content: dict[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in content.items():
        if not key.strip():
            raise FormatError(f"an empty key{f' in {prefix[:-1]}' if prefix else ''}")
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _given(value: Any) -> Given:
    if value is None:
        return Given(None)
    if isinstance(value, list):
        return Given(_json_text(value), tuple(map(_scalar, value)))
    return Given(_scalar(value))


def _scalar(value: Any) -> str:
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value) if isinstance(value, str) else _json_text(value)


def _json_text(value: Any) -> str:
    """A list as JSON has it, with numbers as they are written in the file."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_json_text, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_json_text(key)}: {_json_text(item)}" for key, item in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False, default=_scalar)
