"""Configuration files: where they lie, what they hold, and on which line."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from runctl.core.errors import UsageError
from runctl.core.text import printable

PROJECT_FILE = ".runctl.toml"
MAX_BYTES = 1 << 20

_POSITION = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
# of a valid file: its strings, its comments, its brackets and its line ends
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'"
    r"|#[^\n]*"
    r"|[\[\]{}\n]",
    re.DOTALL,
)


class ConfigFile(NamedTuple):
    """A file that has been read. `lines` has the line (from 1) on which each top-level key first stands."""

    path: Path
    values: dict[str, Any]
    lines: dict[str, int]

    def origin(self, key: str) -> str:
        """Where `key` stands: "/path/.runctl.toml:3"."""
        return f"{self.path}:{self.lines[key]}"


def home_folder(environ: Mapping[str, str]) -> Path | None:
    """The user's home folder: HOME, else the account's; None when the system knows neither."""
    if environ.get("HOME"):
        return Path(environ["HOME"])
    import pwd

    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        return None


def user_file(environ: Mapping[str, str]) -> Path | None:
    """Where the user's file lies, or would; None when there is no home folder.

    A relative XDG_CONFIG_HOME is ignored, as the XDG base directory specification asks.
    """
    base = environ.get("XDG_CONFIG_HOME", "")
    if base.startswith("/"):
        return Path(base, "runctl", "config.toml")
    home = home_folder(environ)
    return home / ".config" / "runctl" / "config.toml" if home else None


def project_file(folder: Path, environ: Mapping[str, str]) -> Path | None:
    """The nearest .runctl.toml from `folder` up; None if there is none.

    The search ends after the folder that holds .git, after the home folder, and before a parent folder that
    everybody may write to, such as /tmp: what others left there must not choose an interpreter.
    """
    folder = folder.resolve()
    home = home_folder(environ)
    last = home.resolve() if home else None
    for each in (folder, *folder.parents):
        if each != folder and _open_to_all(each):
            return None
        if os.path.lexists(each / PROJECT_FILE):
            return each / PROJECT_FILE
        if each == last or os.path.lexists(each / ".git"):
            return None
    return None


def _open_to_all(folder: Path) -> bool:
    try:
        return bool(folder.stat().st_mode & stat.S_IWOTH)
    except OSError:
        return True


def read(path: Path) -> ConfigFile:
    """Reads a file. Raises UsageError naming it, and the line where there is one."""
    text = read_text(path)
    values = parse(text, path)
    # every line of a file that gives nothing is a comment
    return ConfigFile(path, values, key_lines(text) if values else {})


def read_text(path: Path) -> str:
    """A file's text, line ends as they are. Raises UsageError naming the file."""
    name = printable(str(path))
    try:
        # a FIFO would block for ever
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageError(f"{name} is not a regular file", hint="move it away; a setting file is TOML text")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise UsageError(f"{name} is larger than 1 MiB, too large for settings")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}:{line}: not UTF-8 text", hint="TOML files are UTF-8") from error


def parse(text: str, path: Path) -> dict[str, Any]:
    """What TOML `text` holds. Raises UsageError naming `path` and the line."""
    try:
        return _loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{printable(str(path))}{_what_is_wrong(str(error), text)}",
            hint='settings look like: grace = "2m"',
        ) from error


def _what_is_wrong(reason: str, text: str) -> str:
    at = _POSITION.fullmatch(reason)
    if not at:
        return f": not valid TOML: {printable(reason)}"
    if not at[2]:
        return f":{len(text.splitlines())}: not valid TOML: {printable(at[1])} (end of the file)"
    return f":{at[2]}: not valid TOML: {printable(at[1])} (column {at[3]})"


def key_lines(text: str) -> dict[str, int]:
    """The line (from 1) on which each top-level key of valid TOML `text` first stands."""
    lines: dict[str, int] = {}
    table: str | None = None
    for line, statement in _statements(text):
        start = statement.lstrip()
        if not start or start.startswith("#"):
            continue
        key = next(iter(_loads(statement)))
        if start.startswith("["):
            table = key
        lines.setdefault(table or key, line)
    return lines


def _statements(text: str) -> Iterator[tuple[int, str]]:
    line, start, depth = 1, 0, 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
        elif mark == "\n" and depth == 0:
            statement = text[start : token.end()]
            yield line, statement
            line, start = line + statement.count("\n"), token.end()
    yield line, text[start:]


def _loads(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        from tomllib import loads
    else:
        from tomli import loads
    return loads(text)
