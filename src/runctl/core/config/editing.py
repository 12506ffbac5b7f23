"""Writes configuration files: one value at a time, or a whole commented template."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from runctl.core.config.files import (
    PROJECT_FILE,
    ConfigFile,
    home_folder,
    key_lines,
    parse,
    project_file,
    read_text,
    user_file,
)
from runctl.core.config.loading import PREFIX, problems_in
from runctl.core.config.setting import Place, Setting
from runctl.core.config.table import SETTINGS, setting_called
from runctl.core.errors import RefusedError, UsageError
from runctl.core.text import printable


class Written(NamedTuple):
    """A value that was written: its key, the value as TOML, and the file."""

    key: str
    value: object
    path: Path


def set_value(folder: Path, key: str, text: str, *, user: bool, environ: Mapping[str, str]) -> Written:
    """Writes one setting into the user's file, or into the nearest project file (a new one in `folder`).

    Comments and formatting stay, and the file appears whole. Raises UsageError for an unknown key, a wrong
    value, and a file that is wrong already; then nothing was written.
    """
    setting = setting_called(key)
    path = _target(folder, user, environ)
    home = home_folder(environ)
    if setting.user_only and not user:
        raise UsageError(f"{key} is not for {printable(str(path))}: {setting.user_only}", hint="add --user")
    raw = setting.kind.from_text(text)
    setting.read(raw, "config set", Place(path.parent, home))
    old = read_text(path) if os.path.lexists(path) else ""
    _refuse_wrong(path, old, project=not user, home=home)
    write_whole(path, _edited(old, key, raw))
    return Written(key, raw, path)


def _target(folder: Path, user: bool, environ: Mapping[str, str]) -> Path:
    if not user:
        return project_file(folder, environ) or folder / PROJECT_FILE
    path = user_file(environ)
    if path is None:
        raise UsageError("there is no home folder to keep a user's file in", hint="set HOME")
    return path


def _refuse_wrong(path: Path, text: str, *, project: bool, home: Path | None) -> None:
    file = ConfigFile(path, parse(text, path), key_lines(text))
    for problem in problems_in(file, project=project, home=home):
        raise UsageError(f"{problem.message} (the file was left as it is)", hint=problem.hint)


def _edited(text: str, key: str, raw: object) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    document[key] = raw
    new = tomlkit.dumps(document)
    try:
        new.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{key}: the value is not UTF-8 text, which a TOML file cannot hold") from None
    return new


def write_template(folder: Path, *, overwrite: bool) -> Path:
    """Writes a .runctl.toml in which every setting is explained and commented out. Returns its path.

    Raises RefusedError when there is one and `overwrite` is false.
    """
    path = folder / PROJECT_FILE
    if overwrite:
        write_whole(path, template())
        return path
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(template())
    except FileExistsError:
        raise RefusedError(f"{printable(str(path))} exists already", hint="add --force to replace it") from None
    return path


def template_exists(folder: Path) -> bool:
    """Whether there is anything of the name .runctl.toml in `folder`."""
    return os.path.lexists(folder / PROJECT_FILE)


def template() -> str:
    """The text of a project file with every setting, its help, its default and an example, commented out."""
    head = [
        "# Settings of runctl for this project. A flag and a RUNCTL_* variable win over this file;",
        "# this file wins over the user's, ~/.config/runctl/config.toml.",
    ]
    return "\n".join(head + [line for setting in SETTINGS.values() for line in _explained(setting)]) + "\n"


def _explained(setting: Setting[Any]) -> list[str]:
    import tomlkit

    example = tomlkit.item(setting.example).as_string()
    lines = ["", f"# {setting.name}: {setting.help}", f"# takes {setting.kind.takes}"]
    lines.append(f"# for example: {setting.name} = {example}")
    if setting.user_only:
        lines.append(f"# only in the user's file or {PREFIX}{setting.name.upper()}: {setting.user_only}")
    return [*lines, f"# {setting.name} = {tomlkit.item(setting.default).as_string()}"]


def write_whole(path: Path, text: str) -> None:
    """Replaces a file by `text` so that it is never seen half-written; a symbolic link to it stays one."""
    target = path.resolve()
    if target.is_dir():
        raise UsageError(f"{printable(str(path))} is a directory", hint="move it away")
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(_mode_for(target))
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _mode_for(target: Path) -> int:
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
