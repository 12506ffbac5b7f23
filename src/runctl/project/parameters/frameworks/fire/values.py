"""How python-fire takes values: each is read as a Python literal, and is text only if it can't be.

So text that happens to be a literal (`1e-4`, `a,b`, `True`, `run#3`) has to be quoted to arrive as it was written. The
rules are those of fire/parser.py, `DefaultParseValue`.
"""

from __future__ import annotations

import ast
import io
import math
import tokenize
import warnings
from typing import Any

from runctl.core.errors import UsageError
from runctl.project.hyperparams import list_items
from runctl.project.parameters.following.hints import Hint
from runctl.project.parameters.model import ValueType
from runctl.project.parameters.types import boolean

NONE = "None"
FAILS = object()


def type_of(hint: Hint, default: Any) -> ValueType:
    """The type of a parameter, by its annotation, or where it has none by its default.

    A parameter that may be None, or is by default, takes the word `None` for it.
    """
    kind = _by_hint(hint) or _by_default(default)
    if kind is None:
        return LITERAL
    return _or_none(kind) if hint.optional or default is None else kind._replace(none=NONE)


def parse(text: str) -> Any:
    """What fire makes of an argument; FAILS where it would end with a traceback."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            root = ast.parse(text, mode="eval")
            if isinstance(root.body, ast.BinOp):
                return text
            return ast.literal_eval(_BareWords().visit(root))
    except (SyntaxError, ValueError):
        return text
    except (TypeError, RecursionError, MemoryError):
        return FAILS


class _BareWords(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.copy_location(ast.Constant(node.id), node)


def _by_hint(hint: Hint) -> ValueType | None:
    if hint.kind in ("str", "path"):
        return TEXT._replace(name=hint.kind)
    if hint.kind in ("list", "set", "tuple"):
        items = {item.kind for item in hint.items}
        inner = _by_hint(hint.items[0]) if len(items) == 1 else None
        return ValueType(hint.kind, lambda text: _list(text, hint.kind, inner or LITERAL))
    return {"int": INT, "float": FLOAT, "bool": BOOL, "dict": DICT}.get(hint.kind)


def _by_default(default: Any) -> ValueType | None:
    if isinstance(default, bool):
        return BOOL
    if isinstance(default, (int, float)):
        return ValueType(type(default).__name__, _number)
    return ValueType("str", _word) if isinstance(default, str) else None


def _or_none(kind: ValueType) -> ValueType:
    return ValueType(kind.name, lambda text: NONE if text == NONE else kind.spell(text), NONE)


def _text(text: str) -> str:
    return text if parse(text) == text else repr(text)


def _word(text: str) -> str:
    """For a parameter whose default is text: other words, numbers, truth values and None, but no containers."""
    value = parse(text)
    is_scalar = value is None or isinstance(value, (bool, int, float))
    return text if is_scalar and not _has_comment(text) else _text(text)


def _literal(text: str) -> str:
    """As fire would take it, but text never as other text, nor without what follows a `#`."""
    value = parse(text)
    return _text(text) if isinstance(value, str) or value is FAILS or _has_comment(text) else text


def _has_comment(text: str) -> bool:
    if "#" not in text:
        return False
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    try:
        return any(token.type == tokenize.COMMENT for token in tokens)
    except (tokenize.TokenError, SyntaxError):
        return True


def _int(text: str) -> str:
    try:
        return str(int(text))
    except ValueError:
        if type(parse(text)) is int:
            return text
        raise ValueError("a whole number") from None


def _float(text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        raise ValueError("a number") from None
    if math.isnan(number):
        raise ValueError("a number; fire can't take nan")
    if math.isinf(number):
        return "1e999" if number > 0 else "-1e999"
    return text if type(parse(text)) in (int, float) else repr(number)


def _number(text: str) -> str:
    """For a parameter whose default is a number: numbers, and whatever else is a literal, but no text."""
    for spell in (_int, _float):
        try:
            return spell(text)
        except ValueError:
            pass
    if isinstance(parse(text), str):
        raise ValueError("a number")
    return _literal(text)


def _list(text: str, kind: str, item: ValueType) -> str:
    brackets = {"list": "[]", "tuple": "()", "set": "{}"}[kind]
    try:
        items = list_items(text)
    except UsageError as error:
        raise ValueError(f"a list, such as [a,b]: {error.message}") from None
    if items is None:
        if isinstance(parse(text), (list, tuple, set)):
            return text
        raise ValueError("a list, such as [a,b]")
    values = [_written(parse(item.spell(text))) for text in items]
    if not values and kind == "set":
        raise ValueError("a set that is not empty")
    return brackets[0] + ", ".join(values) + ("," if kind == "tuple" and len(values) == 1 else "") + brackets[1]


def _written(value: Any) -> str:
    if isinstance(value, float) and math.isinf(value):
        return "1e999" if value > 0 else "-1e999"
    return repr(value)


def _dict(text: str) -> str:
    if isinstance(parse(text), dict):
        return text
    raise ValueError("a dict, such as {a: 1}")


LITERAL = ValueType("", _literal, NONE)
TEXT = ValueType("str", _text, NONE)
INT = ValueType("int", _int, NONE)
FLOAT = ValueType("float", _float, NONE)
DICT = ValueType("dict", _dict, NONE)
BOOL = boolean("True", "False")._replace(none=NONE)
