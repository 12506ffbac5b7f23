"""Collects settings from every source, in order of precedence, and what is wrong with each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from runctl.agent import protocol
from runctl.core.config.files import ConfigFile, home_folder, project_file, read, user_file
from runctl.core.config.setting import InForce, Place
from runctl.core.config.table import SETTINGS, Config, nearest, setting_called
from runctl.core.errors import UsageError
from runctl.core.text import printable

PREFIX = "RUNCTL_"
# what runs tell their scripts; a runctl that a script starts inherits them
OF_RUNS = {protocol.RUN_ID, protocol.RUN_DIR, protocol.ATTEMPT, protocol.METRICS, protocol.AGENT}


class Report(NamedTuple):
    """What `check` found: the files that were read, what is wrong, and what looks wrong but is ignored."""

    files: list[Path]
    problems: list[UsageError]
    warnings: list[str]


def load(folder: Path, environ: Mapping[str, str] | None = None) -> Config:
    """The settings in force for `folder`. Raises UsageError for the first wrong thing in any source."""
    environ = os.environ if environ is None else environ
    place = Place(folder.absolute(), home_folder(environ))
    in_force: dict[str, InForce] = {}
    for found in _collect(place, environ):
        if isinstance(found, UsageError):
            raise found
        in_force[found.key] = found
    for name, setting in SETTINGS.items():
        if name not in in_force:
            in_force[name] = setting.read(setting.default, "default", place)
    return Config(in_force, place)


def check(folder: Path, environ: Mapping[str, str] | None = None) -> Report:
    """Everything that is wrong in the files and variables that count for `folder`."""
    environ = os.environ if environ is None else environ
    place = Place(folder.absolute(), home_folder(environ))
    files = [path for path, _ in _files(folder, environ)]
    problems = [found for found in _collect(place, environ) if isinstance(found, UsageError)]
    return Report(files, problems, _unknown_variables(environ))


def problems_in(file: ConfigFile, *, project: bool, home: Path | None) -> list[UsageError]:
    """Everything that is wrong in one file."""
    return [found for found in _in_file(file, project, home) if isinstance(found, UsageError)]


def _collect(place: Place, environ: Mapping[str, str]) -> Iterator[InForce | UsageError]:
    for path, project in _files(place.folder, environ):
        try:
            file = read(path)
        except UsageError as error:
            yield error
        else:
            yield from _in_file(file, project, place.home)
    yield from _in_variables(environ, place)


def _files(folder: Path, environ: Mapping[str, str]) -> list[tuple[Path, bool]]:
    """The files that exist, lowest precedence first, and whether each is the project's."""
    of_user, of_project = user_file(environ), project_file(folder, environ)
    files = [(of_user, False), (of_project, True)]
    return [(path, project) for path, project in files if path and os.path.lexists(path)]


def _in_file(file: ConfigFile, project: bool, home: Path | None) -> Iterator[InForce | UsageError]:
    for key, raw in file.values.items():
        origin = file.origin(key)
        try:
            setting = setting_called(key, origin)
            if project and setting.user_only:
                raise UsageError(
                    f"{printable(origin)}: {key} is not for this file: {setting.user_only}",
                    hint=f"use {PREFIX}{key.upper()} or: runctl config set --user {key} …",
                )
            yield setting.read(raw, origin, Place(file.path.parent, home))
        except UsageError as error:
            yield error


def _in_variables(environ: Mapping[str, str], place: Place) -> Iterator[InForce | UsageError]:
    for name, setting in SETTINGS.items():
        variable = PREFIX + name.upper()
        if variable in environ:
            try:
                yield setting.read_text(environ[variable], variable, place)
            except UsageError as error:
                yield error


def _unknown_variables(environ: Mapping[str, str]) -> list[str]:
    known = {PREFIX + name.upper() for name in SETTINGS} | OF_RUNS
    unknown = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    return [
        f"{printable(name)} is set, but there is no such setting; {nearest(name[len(PREFIX) :])}" for name in unknown
    ]
