"""How values are written so that Hydra, or OmegaConf.from_cli, arrives at them.

Hydra's is hydra/grammar/OverrideLexer.g4; OmegaConf.from_cli reads each value as YAML.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from runctl.core.errors import UsageError
from runctl.project.hyperparams import list_items
from runctl.project.parameters.following.hints import Hint
from runctl.project.parameters.following.values import NOTHING
from runctl.project.parameters.model import ValueType
from runctl.project.parameters.types import truth

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.@%|+-]*")
_INT = re.compile(r"[+-]?(0|[1-9](_?[0-9])*)")
_FLOAT = re.compile(
    r"""[+-]?(
        ((0|[1-9](_?[0-9])*)?\.[0-9](_?[0-9])* | (0|[1-9](_?[0-9])*)\.) ([eE][+-]?[0-9](_?[0-9])*)?
      | (0|[1-9](_?[0-9])*) [eE][+-]?[0-9](_?[0-9])*
      | inf | nan)""",
    re.VERBOSE | re.IGNORECASE,
)
_WORDS = ("true", "false", "null", "inf", "nan")
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*|0|[1-9][0-9]*")
_NULL = "null"


class Dialect(NamedTuple):
    """`quoted` writes text so that it stays what it is; `is_scalar` says whether words are a number, a truth value
    or null, rather than text."""

    quoted: Callable[[str], str]
    is_scalar: Callable[[str], bool]


def type_of(dialect: Dialect, hint: Hint | None, default: Any) -> ValueType:
    """The type of a leaf: its declared one, or else what its default says."""
    if hint is not None:
        kind = _declared(dialect, hint)
        return _or_null(kind) if hint.optional else kind
    return _or_null(_by_default(dialect, default))


def _or_null(kind: ValueType) -> ValueType:
    return ValueType(kind.name, lambda text: _NULL if text == _NULL else kind.spell(text), _NULL)


def _declared(dialect: Dialect, hint: Hint) -> ValueType:
    if hint.kind == "int":
        return ValueType("int", _int)
    if hint.kind == "float":
        return ValueType("float", _float)
    if hint.kind == "bool":
        return ValueType("bool", _bool)
    if hint.kind in ("str", "path"):
        return ValueType(hint.kind, lambda text: _text(dialect, text))
    if hint.kind == "enum":
        return ValueType("str", lambda text: _member(hint, text))
    if hint.kind in ("list", "tuple"):
        inner = _declared(dialect, hint.item)
        return ValueType("list", lambda text: _list(inner, text))
    if hint.kind == "dict":
        inner = _declared(dialect, hint.items[1]) if len(hint.items) == 2 else _literal_type(dialect)
        return ValueType("dict", lambda text: _dict(inner, text))
    return _literal_type(dialect)


def _by_default(dialect: Dialect, default: Any) -> ValueType:
    if isinstance(default, bool):
        return ValueType("bool", _bool)
    if isinstance(default, (int, float)):
        return ValueType(type(default).__name__, lambda text: _number(dialect, text))
    if isinstance(default, (list, tuple)):
        inner = _literal_type(dialect)
        return ValueType("list", lambda text: _list(inner, text))
    if isinstance(default, dict):
        inner = _literal_type(dialect)
        return ValueType("dict", lambda text: _dict(inner, text))
    return _literal_type(dialect)._replace(name="str" if isinstance(default, str) else "")


def _literal_type(dialect: Dialect) -> ValueType:
    return ValueType("", lambda text: _literal(dialect, text), _NULL)


def _literal(dialect: Dialect, text: str) -> str:
    if dialect.is_scalar(text):
        return text
    try:
        items = list_items(text)
    except UsageError:
        items = None
    return _text(dialect, text) if items is None else _list(_literal_type(dialect), text)


def _text(dialect: Dialect, text: str) -> str:
    if "${" in text:
        raise ValueError("text without ${…}; an interpolation can be given among the script's own arguments, after --")
    if text == "???":
        raise ValueError("anything but ???, which stands for no value")
    return dialect.quoted(text)


def _int(text: str) -> str:
    try:
        return str(int(text, 16 if text.lstrip("+-").lower().startswith("0x") else 10))
    except ValueError:
        raise ValueError("a whole number") from None


def _float(text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        raise ValueError("a number") from None
    return (
        text
        if _FLOAT.fullmatch(text) and math.isfinite(number)
        else str(int(number))
        if _is_whole(text)
        else str(number)
    )


def _is_whole(text: str) -> bool:
    return text.lstrip("+-").replace("_", "").isdigit()


def _bool(text: str) -> str:
    return "true" if truth(text) else "false"


def _number(dialect: Dialect, text: str) -> str:
    """For a value that is a number by default, and has no type."""
    for spell in (_int, _float):
        try:
            return spell(text)
        except ValueError:
            pass
    spelled = _literal(dialect, text)
    if spelled.startswith("[") or dialect.is_scalar(text):
        return spelled
    raise ValueError("a number")


def _member(hint: Hint, text: str) -> str:
    if text in hint.names:
        return text
    values = [name for name, value in zip(hint.names, hint.choices, strict=True) if str(value) == text]
    if values:
        return values[0]
    raise ValueError(f"one of {', '.join(hint.names)}")


def _list(inner: ValueType, text: str) -> str:
    try:
        items = list_items(text)
    except UsageError as error:
        raise ValueError(f"a list, such as [a,b]: {error.message}") from None
    if items is None:
        raise ValueError("a list, such as [a,b]")
    return "[" + ",".join(map(inner.spell, items)) + "]"


def _dict(inner: ValueType, text: str) -> str:
    try:
        items = list_items(f"[{text[1:-1]}]") if text[:1] == "{" and text[-1:] == "}" else None
    except UsageError:
        items = None
    pairs = [item.partition(":") for item in items or ()]
    if items is None or not all(colon and _KEY.fullmatch(key.strip()) for key, colon, _ in pairs):
        raise ValueError("a mapping, such as {a: 1, b: x}")
    # a list of one item: without its quotes
    values = [list_items(f"[{value}]") or ("",) for _, _, value in pairs]
    spelled = [f"{key.strip()}: {inner.spell(value[0])}" for (key, _, _), value in zip(pairs, values, strict=True)]
    return "{" + ",".join(spelled) + "}"


def _hydra_quoted(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    quote = '"' if "'" in text and '"' not in text else "'"
    # backslashes count only before a quote, and before the end
    escaped = re.sub(rf"(\\*){quote}", lambda found: found[1] * 2 + "\\" + quote, text)
    return quote + re.sub(r"\\+$", lambda found: found[0] * 2, escaped) + quote


def _hydra_scalar(text: str) -> bool:
    return bool(_INT.fullmatch(text) or _FLOAT.fullmatch(text)) or text.lower() in ("true", "false", "null")


def _yaml_value(text: str) -> Any:
    from runctl.project.parameters.frameworks.hydra.yaml import load

    try:
        return load(text)
    except ValueError:
        return NOTHING


def _yaml_quoted(text: str) -> str:
    if _yaml_value(text) == text:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    if _yaml_value(quoted) != text:
        raise ValueError("text that YAML allows")
    return quoted


def _yaml_scalar(text: str) -> bool:
    return text != "" and "#" not in text and isinstance(_yaml_value(text), (bool, int, float, type(None)))


HYDRA = Dialect(_hydra_quoted, _hydra_scalar)
YAML = Dialect(_yaml_quoted, _yaml_scalar)
