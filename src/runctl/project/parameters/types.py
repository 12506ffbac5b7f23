"""The types of value that parsers have in common."""

from __future__ import annotations

import json
import math

from runctl.project.parameters.model import ValueType

TRUE = frozenset({"true", "yes", "on", "1", "t", "y"})
FALSE = frozenset({"false", "no", "off", "0", "f", "n"})


def truth(text: str) -> bool:
    """The truth value that a user wrote. Raises ValueError."""
    word = text.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ValueError("true or false")


def boolean(true: str, false: str) -> ValueType:
    """A truth value whose parser takes these words for it."""
    return ValueType("bool", lambda text: true if truth(text) else false)


def _int(text: str) -> str:
    try:
        int(text)
    except ValueError:
        raise ValueError("a whole number") from None
    return text


def _float(text: str) -> str:
    try:
        float(text)
    except ValueError:
        raise ValueError("a number") from None
    return text


def _json(text: str) -> str:
    try:
        json.loads(text)
    except ValueError:
        raise ValueError("a JSON document") from None
    return text


def bounded(kind: ValueType, low: float | None, high: float | None) -> ValueType:
    """A number from `low` to `high`, both inclusive; None for no bound."""

    def spell(text: str) -> str:
        spelled = kind.spell(text)
        number = float(spelled)
        if not (-math.inf if low is None else low) <= number <= (math.inf if high is None else high):
            if low is None or high is None:
                raise ValueError(f"{low} or more" if high is None else f"{high} or less")
            raise ValueError(f"{low} to {high}")
        return spelled

    return ValueType(kind.name, spell)


ANY = ValueType("", str)
STR = ValueType("str", str)
PATH = ValueType("path", str)
INT = ValueType("int", _int)
FLOAT = ValueType("float", _float)
JSON = ValueType("json", _json)
