"""What a script receives, and what it does not, as JSON has it: the record of a run's hyperparameters."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from runctl.project.parameters.model import COUNT, REPEATED, VALUES, Command, Parameter, Received, Unread
from runctl.project.parameters.types import truth


def given_values(received: Received) -> dict[str, Any]:
    """Every parameter that is given, by name; numbers and truth values as such where their type is known."""
    return {parameter.name: _value(parameter, words) for parameter, words in received.values}


def defaults(levels: Iterable[Command], received: Received) -> dict[str, Any]:
    """The defaults of the parameters that are not given, as far as they are known."""
    given = {parameter.name for parameter, _ in received.values}
    return {
        parameter.name: as_json(parameter.default)
        for level in levels
        for parameter in level.parameters
        if parameter.name not in given and not isinstance(parameter.default, Unread)
    }


def as_json(value: Any) -> Any:
    """A value of Python's literals as JSON has it; what JSON has no form for, as Python writes it."""
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, (str, int, float, bool)) else repr(value)


def _value(parameter: Parameter, words: tuple[str, ...]) -> Any:
    if parameter.takes == COUNT:
        return len(words) + (parameter.default if isinstance(parameter.default, int) else 0)
    values = [_typed(parameter.type.name, word) for word in words]
    return values if parameter.takes in (VALUES, REPEATED) or len(values) != 1 else values[0]


def _typed(kind: str, word: str) -> Any:
    try:
        if kind == "int":
            return int(word)
        if kind == "float":
            return as_json(float(word))
        if kind == "bool":
            return truth(word) if word else False
    except ValueError:
        pass  # a default's or an environment's own spelling: kept as it is
    return word
