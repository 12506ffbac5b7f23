"""Environment variables for a script, as given on the command line or in a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from runctl.core.errors import NotFoundError, UsageError
from runctl.core.text import printable

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def parse_variables(items: Iterable[str]) -> dict[str, str]:
    """`KEY=VALUE` as it is, a bare `KEY` with its value here. Raises UsageError."""
    return dict(_parse(item, f"--env {printable(item)}") for item in items)


def parse_secrets(items: Iterable[str]) -> dict[str, str]:
    """A bare `KEY` with its value here, `KEY=@FILE` with the file's contents (less one newline at the end), or
    `KEY=VALUE`. Raises UsageError, NotFoundError; no message shows a value."""
    secrets = {}
    for item in items:
        name, equals, value = item.partition("=")
        where = f"--secret {printable(name)}"
        if equals and value.startswith("@"):
            _check_name(name, where)
            secrets[name] = _secret_file(Path(value[1:]).expanduser(), where)
        else:
            key, secrets_value = _parse(item, where)
            secrets[key] = secrets_value
    return secrets


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of a file: a line each, `KEY=VALUE` or a bare `KEY` with its value here. `export` before,
    one pair of quotes around a value, empty lines and lines that begin with # are as in a shell; nothing is
    expanded. Raises UsageError (file, line), NotFoundError."""
    variables = {}
    for number, line in enumerate(_text(path).split("\n"), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, value = _parse(stripped.removeprefix("export "), f"{path}:{number}")
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        variables[name] = value
    return variables


def _parse(item: str, where: str) -> tuple[str, str]:
    name, equals, value = item.partition("=")
    _check_name(name, where)
    if equals:
        return name, _without_nul(value, where)
    if name not in os.environ:
        raise UsageError(
            f"{where}: there is no variable {name} in your environment", hint=f"set it, or write {name}=VALUE"
        )
    return name, os.environ[name]


def _check_name(name: str, where: str) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{where}: {printable(name)!r} is not a variable's name",
            hint="letters, digits and _, as in API_KEY=…",
        )


def _without_nul(value: str, where: str) -> str:
    if "\0" in value:
        raise UsageError(f"{where}: a value can't hold a NUL byte")
    return value


def _text(path: Path) -> str:
    try:
        # -sig: editors on Windows begin a file with a byte order mark
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no env file {printable(str(path))}") from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise UsageError(f"cannot read env file {printable(str(path))}: {reason}") from error


def _secret_file(path: Path, where: str) -> str:
    try:
        return _without_nul(path.read_text(encoding="utf-8").removesuffix("\n"), where)
    except FileNotFoundError as error:
        raise NotFoundError(f"{where}: there is no file {printable(str(path))}") from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise UsageError(f"{where}: cannot read {printable(str(path))}: {reason}") from error
