"""How tyro takes values: its `_primitive_spec.py`. All words of truth are True and False, None is None."""

from __future__ import annotations

from typing import Any, NamedTuple

from runctl.project.parameters.following.hints import Hint, hint
from runctl.project.parameters.following.values import Class, Instance, Member, Unknown, known
from runctl.project.parameters.frameworks.dataclass_fields import one_of
from runctl.project.parameters.model import VALUE, VALUES, ValueType
from runctl.project.parameters.types import ANY, FLOAT, INT, PATH, STR, boolean

BOOL = boolean("True", "False")
_SCALARS = {"int": INT, "float": FLOAT, "str": STR, "path": PATH}
_TEXTS = {"bytes": STR, "datetime": ANY, "date": ANY, "time": ANY}
_NUMBERS = ("-inf", "-nan", "-infinity")
_WORDS_FOR_NONE = ("none", "null")


class TyroType(NamedTuple):
    """How a field's value is taken."""

    type: ValueType
    takes: str = VALUE
    at_least: int = 1
    at_most: int | None = 1
    choices: tuple[str, ...] | None = None


def tyro_type(found: Hint, default: Any, markers: frozenset[str]) -> TyroType | None:
    """How tyro takes a value of this type, None if it can't: then the field is fixed to its default."""
    read = _read(found, default, markers)
    if read is not None and read.takes == VALUES:
        read = read._replace(type=_no_flag(read.type))
    accepts_none = (found.optional or default is None) and "DisallowNone" not in markers
    if read is None or not accepts_none or found.kind == "any":
        return read
    if read.takes == VALUES:
        return read._replace(type=read.type._replace(none="None"), at_least=min(read.at_least, 1))
    choices = ("None", *read.choices) if read.choices is not None else None
    return read._replace(type=_or_none(read.type), choices=choices)


def _read(found: Hint, default: Any, markers: frozenset[str]) -> TyroType | None:
    if found.kind == "bool":
        return TyroType(BOOL, choices=("True", "False"))
    if found.kind in _SCALARS:
        return TyroType(_SCALARS[found.kind])
    if found.kind in _TEXTS:
        return TyroType(_TEXTS[found.kind]._replace(name=found.kind))
    if found.kind == "any":
        return _of_default(default)
    if found.kind == "none":
        return TyroType(STR, choices=("None",))
    if found.kind in ("literal", "enum"):
        return _choice(found, markers)
    if found.kind == "union":
        return _union(found, markers)
    if found.kind in ("list", "set", "dict", "tuple"):
        return _container(found, default, markers)
    # another library's class, or a class that tyro may have been taught to make
    return TyroType(ANY) if found.kind in ("unknown", "foreign") else None


def _of_default(default: Any) -> TyroType | None:
    for kind, read in ((bool, BOOL), (int, INT), (float, FLOAT), (str, STR)):
        if isinstance(default, kind):
            return TyroType(read)
    return TyroType(ANY) if isinstance(default, Unknown) else None


def _choice(found: Hint, markers: frozenset[str]) -> TyroType:
    if found.kind == "enum":
        from_values = "EnumChoicesFromValues" in markers
        texts = tuple(str(value) for value in found.choices) if from_values else found.names
        return TyroType(one_of("enum", texts), choices=texts)
    texts = tuple(map(_literal_text, found.choices))
    return TyroType(one_of("literal", texts), choices=texts)


def _literal_text(value: Any) -> str:
    return value.name if isinstance(value, Member) else str(value)


def _union(found: Hint, markers: frozenset[str]) -> TyroType | None:
    members = [_read(member, Unknown(), markers) for member in found.members]
    whole = [member for member in members if member is not None]
    if len(whole) < len(members):
        return None
    if any(member.takes != VALUE for member in whole):
        return TyroType(ANY, VALUES, 0, None)
    kinds = {member.kind for member in found.members}
    if kinds == {"int", "float"}:
        return TyroType(FLOAT)
    if all(member.choices is not None for member in whole):
        choices = tuple(dict.fromkeys(choice for member in whole for choice in member.choices or ()))
        return TyroType(one_of("", choices), choices=choices)
    return TyroType(STR if "str" in kinds else ANY)


def _container(found: Hint, default: Any, markers: frozenset[str]) -> TyroType | None:
    if found.kind == "tuple" and not found.endless:
        items = [_read(item, Unknown(), markers) for item in found.items]
        if any(item is None or item.takes != VALUE for item in items):
            return TyroType(ANY, VALUES, 0, None) if None not in items else None
        same = len({item.kind for item in found.items}) == 1
        first = items[0] if items and items[0] is not None else TyroType(ANY)
        count = len(items)
        return TyroType(first.type if same else ANY, VALUES, count, count, first.choices if same else None)
    if found.kind == "dict" or not found.items:
        return _untyped(found, default)
    item = _read(found.item, Unknown(), markers)
    if item is None:
        return None
    if item.takes != VALUE:
        return TyroType(ANY, VALUES, 0, None)
    kind = _or_none(item.type) if found.item.optional else item.type
    choices = ("None", *item.choices) if item.choices is not None and found.item.optional else item.choices
    return TyroType(kind, VALUES, 0, None, choices)


def _untyped(found: Hint, default: Any) -> TyroType:
    if found.kind == "dict":
        return TyroType(ANY._replace(name="dict"), VALUES, 0, None)
    first = next(iter(default), None) if isinstance(default, (list, tuple, set)) else None
    same = first is not None and known(default) and len({type(item) for item in default}) == 1
    return TyroType((_of_default(first) or TyroType(ANY)).type if same else STR, VALUES, 0, None)


def _no_flag(kind: ValueType) -> ValueType:
    """A value among several, which tyro takes for a flag when it looks like one."""

    def spell(text: str) -> str:
        if text == "--" or (text.startswith("-") and text.lstrip("-")[:1].isalpha() and text.lower() not in _NUMBERS):
            raise ValueError("a value that doesn't look like a flag, of which tyro takes no list")
        return kind.spell(text)

    return ValueType(kind.name, spell, kind.none)


def _or_none(kind: ValueType) -> ValueType:
    def spell(text: str) -> str:
        if text == "None":
            return text
        try:
            return kind.spell(text)
        except ValueError as error:
            if text.lower() in _WORDS_FOR_NONE:
                return "None"
            raise ValueError(f"{error}, or None") from None

    return ValueType(kind.name, spell, "None")


def default_text(value: Any) -> Any:
    """A default as one would write it for tyro: members of an Enum by name."""
    if isinstance(value, Member):
        return value.name
    if type(value) in (list, tuple):
        return [default_text(item) for item in value]
    return value


def is_struct(found: Hint, default: Any) -> bool:
    """Whether tyro makes a group of arguments of it, not one."""
    if found.kind == "dict":
        return isinstance(default, dict) and bool(default)
    return found.kind in ("dataclass", "pydantic", "namedtuple", "typeddict", "class")


def hint_of_value(value: Any) -> Hint:
    """The type of a default, where there is no other."""
    if isinstance(value, Instance):
        return hint(value.kind)
    if isinstance(value, Member):
        return hint(value.kind)
    return Hint("any") if not isinstance(value, Class) else hint(value)
