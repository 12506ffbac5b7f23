"""How jsonargparse takes values: as YAML, where the type is not text. Lists are one word, `[1, 2]`."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from runctl.project.parameters.following.hints import Hint
from runctl.project.parameters.following.values import Member
from runctl.project.parameters.frameworks.dataclass_fields import one_of
from runctl.project.parameters.model import ValueType
from runctl.project.parameters.types import ANY, PATH, STR, truth

NULL = "null"
_PLAIN_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS_FOR_NONE = ("null", "none")
# what else YAML takes for null, truth values apart
_YAML_NULL = ("~", "Null", "NULL")
_DIRECT = {"path": PATH, "str": STR}


def value_type(found: Hint) -> ValueType:
    """How a value of this type is spelled."""
    kind = _plain(found)
    return _or_null(kind, found.kind == "str") if found.optional else kind


def choices_of(found: Hint) -> tuple[str, ...] | None:
    """The words that a Literal or an Enum may be given."""
    if found.kind not in ("literal", "enum"):
        return None
    texts = found.names if found.kind == "enum" else tuple(_text(value) for value in found.choices)
    return (NULL, *texts) if found.optional else texts


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.name if isinstance(value, Member) else NULL if value is None else str(value)


def _plain(found: Hint) -> ValueType:
    if found.kind in _DIRECT:
        return _DIRECT[found.kind]
    if found.kind in ("literal", "enum"):
        return one_of(found.kind, choices_of(found) or ())
    if found.kind == "int":
        return ValueType("int", _int)
    if found.kind == "float":
        return ValueType("float", _float)
    if found.kind == "bool":
        return ValueType("bool", lambda text: "true" if truth(text) else "false")
    if found.kind in ("list", "set", "tuple"):
        return _sequence(found)
    return ANY._replace(name="dict") if found.kind == "dict" else ANY


def _int(text: str) -> str:
    try:
        return str(int(text))
    except ValueError:
        raise ValueError("a whole number") from None


def _float(text: str) -> str:
    if _PLAIN_NUMBER.fullmatch(text):
        return text
    try:
        number = float(text)
    except ValueError:
        raise ValueError("a number") from None
    if math.isnan(number):
        return ".nan"
    return repr(number) if math.isfinite(number) else ("-.inf" if number < 0 else ".inf")


def _or_null(kind: ValueType, is_text: bool) -> ValueType:
    def spell(text: str) -> str:
        if text in _YAML_NULL or text.startswith("#"):
            raise ValueError(f"{NULL}, or a value: YAML takes {text} for {NULL}")
        if text == NULL or (not is_text and text.lower() in _WORDS_FOR_NONE):
            return NULL
        return kind.spell(text)

    return ValueType(kind.name, spell, NULL)


def _sequence(found: Hint) -> ValueType:
    fixed = len(found.items) if found.kind == "tuple" and not found.endless else None

    def spell(text: str) -> str:
        values = _items_of(text)
        if values is None:
            raise ValueError("a list, such as [1, 2]")
        if fixed is not None and len(values) != fixed:
            raise ValueError(f"a list of {fixed} values")
        hints = [_hint_at(found, index) for index in range(len(values))]
        return f"[{', '.join(_item(value, one) for value, one in zip(values, hints, strict=True))}]"

    return ValueType(found.kind, spell)


def _hint_at(found: Hint, index: int) -> Hint:
    return found.items[min(index, len(found.items) - 1)] if found.items else Hint("any")


def _items_of(text: str) -> list[Any] | None:
    try:
        values = json.loads(text)
    except ValueError:
        inner = text[1:-1]
        if not (text.startswith("[") and text.endswith("]")) or set(inner) & set("[]{}'\""):
            return None
        values = [item.strip() for item in inner.split(",")]
    return values if isinstance(values, list) else None


def _item(value: Any, found: Hint) -> str:
    if value is None and (found.optional or found.kind == "any"):
        return NULL
    if isinstance(value, (list, dict)) or found.kind in ("any", "unknown", "union", "foreign", "class", "dataclass"):
        return json.dumps(value, ensure_ascii=False)
    text = value if isinstance(value, str) else json.dumps(value)
    spelled = value_type(found).spell(text)
    is_null = found.optional and spelled == NULL
    in_quotes = found.kind in ("str", "path", "literal", "enum") and not is_null
    return json.dumps(spelled, ensure_ascii=False) if in_quotes else spelled
