"""One hyperparameter in the words that the script's parser takes for it."""

from __future__ import annotations

import math
from typing import NamedTuple, NoReturn

from runctl.core.errors import RefusedError
from runctl.core.text import printable
from runctl.project.hyperparams import Given
from runctl.project.parameters.giving.keys import Meant, see, spelled
from runctl.project.parameters.model import COUNT, OVERRIDE, REPEATED, REST, SWITCH, VALUES, Parameter, Unread

MOST_FLAGS = 100


class Wanted(NamedTuple):
    """A parameter to be given, by the flag that is meant: its words as its parser takes them, a switch's `true` or
    `false`; None for one that is meant as it is by default. `level` counts the sub-commands above it."""

    key: str
    parameter: Parameter
    flag: str
    words: tuple[str, ...] | None
    level: int

    def emitted(self, joined: bool, by_equals: bool = False) -> list[str]:
        """The arguments that give it: `--flag=value` when `joined`, or where the value looks like a flag; a flag of one
        letter then as `-f=value` where it is `by_equals`, elsewhere as `-fvalue`."""
        parameter, flag, words = self.parameter, self.flag, self.words or ()
        if parameter.takes == SWITCH:
            return [flag]
        if parameter.positional:
            return list(words)
        if parameter.takes == COUNT:
            return [flag] * len(words)
        if parameter.takes == OVERRIDE:
            return [f"{flag}={word}" for word in words]
        if parameter.takes == VALUES and not (joined and len(words) == 1):
            return [flag, *words]
        long = len(flag) > 2 or by_equals
        if joined or (long and any(word.startswith("-") for word in words)):
            return [f"{flag}={word}" if long else flag + word for word in words]
        return [part for word in words for part in (flag, word)]


def agree(parameter: Parameter, one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> bool:
    """Whether two lists of words give a parameter the same: `yes` and `True`, `0.1` and `1e-1`."""
    if one is None or other is None or len(one) != len(other):
        return one == other
    numbers = parameter.type.name in ("int", "float")
    pairs = [(_as_spelled(a, parameter), _as_spelled(b, parameter)) for a, b in zip(one, other, strict=True)]
    return all(a == b or (numbers and _same(a, b)) for a, b in pairs)


def _as_spelled(word: str, parameter: Parameter) -> str:
    try:
        # to `type=bool` only the empty text is false: what we would spell as that is true there
        return parameter.type.spell(word) or (parameter.type.spell("true") if word else "")
    except ValueError:
        return word


def wanted(key: str, value: Given, meant: Meant, level: int, script: str) -> Wanted:
    """What giving `value` to the parameter that `key` means takes. Raises RefusedError when it can't have it."""
    try:
        return _wanted(key, value, meant, level)
    except _Impossible as error:
        raise RefusedError(f"{script}: {printable(key)}: {printable(str(error))}", hint=see(script)) from None


class _Impossible(Exception):
    pass


def _wanted(key: str, value: Given, meant: Meant, level: int) -> Wanted:
    parameter = meant.parameter
    flag = meant.flag or (parameter.flags[0] if parameter.flags else "")
    words = _none(parameter) if value.text is None else _words(value.text, value.items, meant)
    if not words and (parameter.takes == COUNT or (parameter.takes == REPEATED and parameter.default == [])):
        return Wanted(key, parameter, flag, None, level)
    if parameter.takes == SWITCH and words is not None:
        flags = parameter.flags if words == ("true",) else parameter.off_flags
        if not flags:
            _require_default(parameter, words == ("true",))
            return Wanted(key, parameter, flag, None, level)
        flag = flag if flag in flags else flags[0]
    return Wanted(key, parameter, flag, words, level)


def _none(parameter: Parameter) -> tuple[str, ...] | None:
    if parameter.type.none is not None:
        return (parameter.type.none,)
    # argparse makes a list of no words of a positional one that takes many and is not given
    is_list = parameter.positional and parameter.takes == VALUES
    if parameter.default is None and not parameter.required and not is_list:
        return None
    raise _Impossible("it can't be given as null; leave it out")


def _words(text: str, items: tuple[str, ...] | None, meant: Meant) -> tuple[str, ...]:
    parameter = meant.parameter
    if parameter.takes == SWITCH:
        word = _spelled(text, parameter)
        return ({"true": "false", "false": "true"}[word],) if meant.inverted else (word,)
    if parameter.takes == COUNT:
        return _flags(text, parameter)
    if parameter.takes not in (VALUES, REPEATED, REST):
        return (_spelled(text, parameter),)
    items = (text,) if items is None else items
    if parameter.takes == VALUES:
        _require_number_of(items, parameter)
    return tuple(_spelled(item, parameter) for item in items)


def _flags(text: str, parameter: Parameter) -> tuple[str, ...]:
    first = parameter.default or 0
    if not isinstance(first, int):
        raise _Impossible(f"{spelled(parameter)} is counted from a default that is not known here")
    if not (text.isascii() and text.isdigit() and first <= int(text) <= first + MOST_FLAGS):
        raise _Impossible(f"{spelled(parameter)} is counted: {first} to {first + MOST_FLAGS}, not {text!r}")
    return ("1",) * (int(text) - first)


def _require_number_of(items: tuple[str, ...], parameter: Parameter) -> None:
    most = math.inf if parameter.at_most is None else parameter.at_most
    if parameter.at_least <= len(items) <= most:
        return
    number = str(parameter.at_least) if parameter.at_least == most else f"{parameter.at_least} or more"
    raise _Impossible(f"{spelled(parameter)} takes {number} values, as a list: [a,b]; here {len(items)}")


def _spelled(text: str, parameter: Parameter) -> str:
    try:
        word = parameter.type.spell(text)
    except ValueError as error:
        _refuse(text, str(error), parameter)
    if parameter.choices is not None and not any(_same(word, choice) for choice in parameter.choices):
        _refuse(text, f"one of {', '.join(parameter.choices)}", parameter)
    return word


def _refuse(text: str, right: str, parameter: Parameter) -> NoReturn:
    raise _Impossible(f"{spelled(parameter)} takes {right}, not {text!r}")


def _same(one: str, other: str) -> bool:
    """Whether two texts are one value: `1e2` is among the choices 10 and 100."""
    if one == other:
        return True
    try:
        return float(one) == float(other)
    except ValueError:
        return False


def _require_default(parameter: Parameter, on: bool) -> None:
    """Raises unless a switch is `on` (or off) without a flag for it."""
    default = parameter.default
    if default is on or (not on and default is None) or (not on and parameter.type.name != "bool"):
        return
    known = "is not known here" if isinstance(default, Unread) else f"is {default!r}"
    raise _Impossible(f"there is no flag that turns it {'on' if on else 'off'}, and its default {known}")
