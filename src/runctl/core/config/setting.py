"""What a setting is: a kind of value, a default, a line of help; read from TOML values or from text."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, NoReturn, TypeVar, overload

from runctl.core.errors import UsageError
from runctl.core.text import printable

if TYPE_CHECKING:
    from runctl.core.config.table import Config

T = TypeVar("T")
SHOWN_LENGTH = 60


class Place(NamedTuple):
    """What the paths of a source are relative to: its folder, and the user's home folder if that is known."""

    folder: Path
    home: Path | None


class InForce(NamedTuple):
    """One setting's value, and its origin: "/path/.runctl.toml:3", "RUNCTL_GRACE", "--grace" or "default"."""

    key: str
    value: Any
    origin: str


class Kind(Generic[T]):
    """A kind of value.

    `takes` names right values, for hints and help. `parse` makes a value of what a TOML file holds and
    raises ValueError, whose text follows "KEY = VALUE" in the message, for a wrong one. `from_text` makes of
    text (a RUNCTL_* variable, a flag, `config set`) what a TOML file would hold.
    """

    def __init__(
        self, takes: str, parse: Callable[[object, Place], T], from_text: Callable[[str], object] = str
    ) -> None:
        self.takes = takes
        self.parse = parse
        self.from_text = from_text


class Setting(Generic[T]):
    """One row of the table of settings; as an attribute of a Config, the value in force.

    `default` and `example` are as a TOML file holds them. `user_only` is why a project's file may not give
    this setting, where it may not.
    """

    name: str

    def __init__(self, kind: Kind[T], default: object, help: str, example: object, user_only: str = "") -> None:
        self.kind = kind
        self.default = default
        self.help = help
        self.example = example
        self.user_only = user_only

    def __set_name__(self, owner: type[Config], name: str) -> None:
        self.name = name

    @overload
    def __get__(self, config: None, owner: type[Config]) -> Setting[T]: ...
    @overload
    def __get__(self, config: Config, owner: type[Config]) -> T: ...
    def __get__(self, config: Config | None, owner: type[Config]) -> Setting[T] | T:
        if config is None:
            return self
        value: T = config.in_force[self.name].value
        return value

    def __set__(self, config: Config, value: object) -> NoReturn:
        raise AttributeError(f"{self.name} cannot be assigned: a Config is frozen; use override()")

    def read(self, raw: object, origin: str, place: Place) -> InForce:
        """The value that `raw`, as a TOML file holds it, stands for. Raises UsageError naming `origin`."""
        try:
            return InForce(self.name, self.kind.parse(raw, place), origin)
        except ValueError as error:
            raise UsageError(
                f"{printable(origin)}: {self.name} = {_shown(raw)} {error}",
                hint=f"{self.name} takes {self.kind.takes}",
            ) from None

    def read_text(self, text: str, origin: str, place: Place) -> InForce:
        """The value that `text` stands for. Raises UsageError naming `origin`."""
        return self.read(self.kind.from_text(text), origin, place)


def plain(value: object) -> object:
    """A setting's value as JSON holds it: a path as text, several as a list."""
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def shown(value: object) -> str:
    """A setting's value for people, "none" for nothing; otherwise as `config set` takes it."""
    if value is None or value == ():
        return "none"
    if isinstance(value, tuple):
        return os.pathsep.join(value)
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _shown(raw: object) -> str:
    try:
        text = printable(repr(raw))
    except ValueError:
        # Python refuses to write out numbers of more than 4300 digits
        text = "a huge number"
    return text if len(text) <= SHOWN_LENGTH else text[:SHOWN_LENGTH] + "…"
