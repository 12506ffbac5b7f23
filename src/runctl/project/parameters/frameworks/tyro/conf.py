"""tyro's ways to configure a field: markers (`tyro.conf.FlagConversionOff[bool]`), `tyro.conf.arg(…)`, names."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from runctl.project.parameters.following.values import NOTHING, Arguments, Foreign, Generic, Modelled

_CONF = ("tyro.conf.", "tyro.conf._markers.")
_WORD_BOUNDARY = re.compile("((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))")


class Configured(Modelled):
    """What `tyro.conf.arg(…)` and `tyro.conf.subcommand(…)` give; `kind` is which of the two."""

    def __init__(self, kind: str, arguments: Arguments) -> None:
        self.kind = kind
        self.arguments = arguments

    def get(self, name: str, default: Any = None) -> Any:
        """What was said for `name`. The name of a subcommand may be given without a keyword."""
        return self.arguments.get(0 if name == "name" else 99, name, default)


class Stripped(NamedTuple):
    """An annotation without what tyro is told by it: its markers, and the objects of `arg` and `subcommand`."""

    annotation: Any
    markers: frozenset[str] = frozenset()
    conf: tuple[Configured, ...] = ()
    readable: bool = True

    def of(self, kind: str) -> Configured | None:
        """The last `tyro.conf.arg` or `tyro.conf.subcommand` among it."""
        return next((conf for conf in reversed(self.conf) if conf.kind == kind), None)


def marker(value: Any) -> str:
    """The name of a marker, "" for anything else."""
    if isinstance(value, Foreign) and value.name.startswith(_CONF):
        word = value.name.rpartition(".")[2]
        return "CascadeSubcommandArgs" if word == "ConsolidateSubcommandArgs" else word
    return ""


def stripped(annotation: Any) -> Stripped:
    """Takes the markers and `Annotated` off an annotation, at its root only, as tyro does."""
    if not isinstance(annotation, Generic):
        return Stripped(annotation)
    word = marker(annotation.origin)
    if word:
        inner = stripped(annotation.arguments[0])
        return inner._replace(markers=inner.markers | {word})
    if not (isinstance(annotation.origin, Foreign) and annotation.origin.name.endswith(".Annotated")):
        return Stripped(annotation)
    inner = stripped(annotation.arguments[0])
    extra = annotation.arguments[1:]
    words = {marker(item) for item in extra} - {""}
    conf = tuple(item for item in extra if isinstance(item, Configured))
    known_things = all(marker(item) or isinstance(item, (Configured, str)) for item in extra)
    return Stripped(inner.annotation, inner.markers | words, inner.conf + conf, inner.readable and known_things)


def field_name(parts: list[str], delimiter: str = "-") -> str:
    """The name of an argument: `("optimizer", "learning_rate")` is `optimizer.learning-rate`."""
    words = ".".join(parts).split(".")
    return ".".join(swapped(word, delimiter) for word in words if word)


def swapped(word: str, delimiter: str) -> str:
    """A word with dashes for the underscores between its letters, or the other way round."""
    old = "_" if delimiter == "-" else "-"
    inner = word.strip(old)
    if not inner:
        return word
    start = word.index(inner)
    return word[:start] + inner.replace(old, delimiter) + word[start + len(inner) :]


def words_of_class(name: str, delimiter: str = "-") -> str:
    """`SgdOpt` is `sgd-opt`."""
    return _WORD_BOUNDARY.sub(delimiter + r"\1", name).lower()


def spellings(flag: str, delimiter: str) -> tuple[str, ...]:
    """A flag, and the same with the other delimiter, which tyro takes as well."""
    if not flag.startswith("--"):
        return (flag,)
    other = "_" if delimiter == "-" else "-"
    swapped_flag = "--" + ".".join(swapped(part, other) for part in flag[2:].split("."))
    return (flag, swapped_flag) if swapped_flag != flag else (flag,)


def inverses(flags: tuple[str, ...], delimiter: str) -> tuple[str, ...]:
    """The flags that turn off what `flags` turn on: `--no-amp`, `--model.no-amp`; short ones have none."""
    found: list[str] = []
    for flag in flags:
        if flag.startswith("--"):
            left, dot, right = flag[2:].rpartition(".")
            turned = f"--{left}{dot}no{delimiter}{right}"
            found += spellings("--" + field_name([turned[2:]], delimiter), delimiter)
    return tuple(dict.fromkeys(found))


def default_of(conf: Configured | None) -> Any:
    """The default that a `tyro.conf.arg` or `subcommand` gives; NOTHING when there is none."""
    return NOTHING if conf is None else conf.arguments.keywords.get("default", NOTHING)
