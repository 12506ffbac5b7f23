"""Hyperparameters for a script whose parser can't be read: each becomes a flag, and nothing is checked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from runctl.core.errors import RefusedError
from runctl.core.text import printable
from runctl.project.hyperparams import Given
from runctl.project.parameters.model import Interface, OwnSyntax

# what argparse and everybody else takes for a number, not for a flag
_NUMBER = re.compile(r"-\d+|-\d*\.\d+")


class Style(NamedTuple):
    """How a script spells: `batch_size=32`, `--batch_size 32`, `--batch_size=32`, or `--batch-size 32`."""

    overrides: bool = False
    underscores: bool = False
    joined: bool = False
    null: str | None = None


PLAIN = Style()


def style_of(interface: Interface) -> Style:
    """The style of the script's framework, or of the parameters that are known."""
    syntax = interface.syntax
    if isinstance(syntax, OwnSyntax) and (syntax.overrides or syntax.joined):
        return Style(syntax.overrides, syntax.joined, syntax.joined, syntax.null)
    flags = [
        flag[2:]
        for _, command in interface.command.walk()
        for parameter in command.parameters
        for flag in parameter.flags
    ]
    dashes = sum("-" in flag for flag in flags)
    return Style(underscores=sum("_" in flag for flag in flags) > dashes)


def words(given: Mapping[str, Given], style: Style = PLAIN) -> list[str]:
    """The arguments for hyperparameters that can't be checked. Raises RefusedError for one that is null."""
    made: list[str] = []
    for key, value in given.items():
        text = style.null if value.text is None else value.text
        if text is None:
            raise RefusedError(f'"{printable(key)}" is null, which can\'t be given to a script', hint="leave it out")
        name = flag(key, style.underscores)
        if style.overrides:
            made.append(f"{key}={text}")
        elif style.joined or (text.startswith("-") and not _NUMBER.fullmatch(text)):
            made.append(f"{name}={text}")
        else:
            made += [name, text]
    return made


def flag(key: str, underscores: bool = False) -> str:
    """The flag that a key becomes when it is not known how the script spells it."""
    return ("--" if len(key) > 1 else "-") + (key if underscores else key.replace("_", "-"))


def comparable(key: str) -> str:
    """A key, or a flag, in the form that all its spellings share."""
    return key.lstrip("-").replace("-", "_")


def flags_in(args: Sequence[str]) -> dict[str, list[str]]:
    """Every flag in `args`, comparable, with the values it seems to have."""
    found: dict[str, list[str]] = {}
    for index, word in enumerate(args):
        name, equals, value = word.partition("=")
        if name.startswith("-"):
            found.setdefault(comparable(name), []).append(value if equals else "".join(args[index + 1 : index + 2]))
    return found
