"""typer's parameters: what the arguments of a function declare, with `typer.Option` and `typer.Argument`."""

from __future__ import annotations

from typing import Any

from runctl.project.parameters.following.hints import Hint, hint
from runctl.project.parameters.following.values import (
    NOTHING,
    Argument,
    Arguments,
    Foreign,
    Function,
    Member,
    Modelled,
    known,
)
from runctl.project.parameters.frameworks.click.parameters import Declared, argument, option
from runctl.project.parameters.frameworks.click.types import (
    BOOL,
    UUID,
    ClickType,
    TypeObject,
    choice_of,
    click_type,
    date_of,
    within,
)
from runctl.project.parameters.model import ValueType
from runctl.project.parameters.types import ANY, FLOAT, INT, PATH, STR

# typer's own reading of numbers (pydantic's) knows fewer ways to write them than Python's
_INT = ValueType("int", lambda text: text if text.isascii() and text.isdigit() else str(int(INT.spell(text))))
_FLOAT = ValueType("float", lambda text: text if _is_plain(text) else repr(float(FLOAT.spell(text))))
_PLAIN = {"str": STR, "any": STR, "bool": BOOL, "path": PATH, "uuid": UUID}
_FILES = ("FileText", "FileTextWrite", "FileBinaryRead", "FileBinaryWrite")
_CONTEXTS = ("typer.Context", "typer.CallbackParam", "click.Context", "typer.models.Context")
# what is the same in click
_KEPT = ("help", "envvar", "prompt", "prompt_required", "allow_from_autoenv", "count", "flag_value")


def _is_plain(text: str) -> bool:
    """Whether a number is written with digits, points, signs and exponents only."""
    return bool(text) and set(text) <= set("0123456789.eE+-") and FLOAT.spell(text) == text


class Info(Modelled):
    """What `typer.Option(...)` or, if `positional`, `typer.Argument(...)` gives."""

    def __init__(self, arguments: Arguments, positional: bool) -> None:
        self.arguments = arguments
        self.positional = positional


def parameters_of(function: Function, maybe: bool) -> list[Declared]:
    """What a command's function takes, in order."""
    found = [_declared(item, maybe) for item in function.arguments if not _is_context(item)]
    if any(item.kind in ("*", "**") for item in function.arguments):
        return [item for item in found if item.parameter is not None] + [Declared(None)]
    return found


def _is_context(item: Argument) -> bool:
    return isinstance(item.annotation, Foreign) and item.annotation.name in _CONTEXTS


def _declared(item: Argument, maybe: bool) -> Declared:
    if item.kind in ("*", "**"):
        return Declared(None)
    meant = hint(item.annotation)
    annotated = next((extra for extra in meant.metadata if isinstance(extra, Info)), None)
    if annotated is not None:
        info, declarations, default = annotated, annotated.arguments.positional, item.default
    elif isinstance(item.default, Info):
        info = item.default
        first, *others = info.arguments.positional or (info.arguments.keywords.get("default", ...),)
        declarations, default = tuple(others), first
    else:
        info, declarations, default = Info(Arguments(), item.default is NOTHING), (), item.default
    if "default_factory" in info.arguments.keywords:
        default = info.arguments.keywords["default_factory"]
    return _of(item, meant, info, declarations, default, maybe)


def _of(item: Argument, meant: Hint, info: Info, declarations: tuple[Any, ...], default: Any, maybe: bool) -> Declared:
    given = info.arguments.keywords
    keywords = {key: given[key] for key in _KEPT if key in given}
    keywords["type"] = TypeObject(_type(item, meant, info, default))
    if default is NOTHING or default is ...:
        keywords["required"] = True
    else:
        keywords["default"] = _plain(default)
    arguments = Arguments((), keywords, info.arguments.exact)
    if info.positional:
        keywords.setdefault("required", False)
        keywords["nargs"] = -1 if meant.kind == "list" else None
        made = argument((item.name,), arguments, maybe)
    else:
        word = item.name.replace("_", "-")
        is_flag = meant.kind == "bool" and given.get("count") is not True
        keywords.update(is_flag=True if is_flag else None, multiple=meant.kind == "list")
        own = (f"--{word}/--no-{word}" if is_flag else f"--{word}",)
        made = option((item.name, *(declarations or own)), arguments, maybe)
    if made.parameter is not None:
        made.parameter = made.parameter._replace(name=item.name)
    return made


def _type(item: Argument, meant: Hint, info: Info, default: Any) -> ClickType:
    given = info.arguments.keywords
    if given.get("click_type") is not None:
        return click_type(given["click_type"])
    if given.get("parser") is not None:
        return ClickType(ANY)
    if item.annotation is None:
        return _in_typer(click_type(None, None if default is NOTHING or default is ... else default))
    return _of_hint(meant, given)


def _in_typer(read: ClickType) -> ClickType:
    return read._replace(value={INT: _INT, FLOAT: _FLOAT}.get(read.value, read.value))


def _of_hint(meant: Hint, given: dict[str, Any]) -> ClickType:
    if meant.kind == "list":
        return _of_hint(meant.item, given)
    if meant.kind == "tuple":
        items = [_of_hint(item, given) for item in meant.items]
        same = all(item.value is items[0].value for item in items)
        return ClickType(items[0].value if items and same else ANY, arity=len(items)) if items else ClickType(ANY)
    if meant.kind in ("int", "float"):
        kind = _INT if meant.kind == "int" else _FLOAT
        bounds = (given.get("min"), given.get("max"))
        return ClickType(kind if bounds == (None, None) else within(kind, *bounds))
    if meant.kind in ("enum", "literal"):
        texts = [str(choice) for choice in meant.choices]
        return choice_of(texts, given.get("case_sensitive", True)) if known(meant.choices) else ClickType(ANY)
    if meant.kind == "datetime":
        return ClickType(date_of(given.get("formats")))
    if meant.kind == "foreign" and isinstance(meant.cls, Foreign) and meant.cls.name.rpartition(".")[2] in _FILES:
        return ClickType(PATH)
    return ClickType(_PLAIN.get(meant.kind, ANY))


def _plain(default: Any) -> Any:
    """A default as it would be written on the command line: members of an Enum by their values."""
    if isinstance(default, Member):
        return default.value
    return [_plain(item) for item in default] if isinstance(default, list) else default
