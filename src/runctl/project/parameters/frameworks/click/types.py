"""click's parameter types: `type=click.IntRange(1, 10)`, `type=float`, or none, where the default decides."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from runctl.project.parameters.following.hints import hint
from runctl.project.parameters.following.values import (
    Arguments,
    Class,
    Foreign,
    Function,
    Instance,
    Member,
    Modelled,
    Unknown,
    known,
)
from runctl.project.parameters.model import ValueType
from runctl.project.parameters.types import ANY, FLOAT, INT, JSON, PATH, STR, boolean

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

BOOL = boolean("true", "false")
DATE_FORMATS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S")
_BY_NAME = {
    "INT": INT,
    "FLOAT": FLOAT,
    "BOOL": BOOL,
    "STRING": STR,
    "UNPROCESSED": STR,
    "builtins.int": INT,
    "builtins.float": FLOAT,
    "builtins.bool": BOOL,
    "builtins.str": STR,
    "pathlib.Path": PATH,
    "json.loads": JSON,
}


class ClickType(NamedTuple):
    """A type of click: how one value is spelled, its choices, and how many values it takes (None: one)."""

    value: ValueType
    choices: tuple[str, ...] | None = None
    arity: int | None = None


class TypeObject(Modelled):
    """What `click.Choice([...])` and its like are to the interpreter."""

    def __init__(self, read: ClickType) -> None:
        self.read = read


def click_type(given: Any, default: Any = None) -> ClickType:
    """The type that click makes of `type=given`; of the default when nothing is given."""
    if given is None:
        return _of_default(default)
    if isinstance(given, TypeObject):
        return given.read
    if isinstance(given, Foreign):
        name = given.name if given.name in _BY_NAME else given.name.rpartition(".")[2]
        return ClickType(UUID if name == "UUID" else _BY_NAME.get(name, ANY))
    if type(given) is tuple:
        return _several([click_type(item) for item in given])
    if isinstance(given, (Class, Function, Instance)):
        return ClickType(ValueType(_name_of(given), str))
    return ClickType(ANY)


def _name_of(given: Class | Function | Instance) -> str:
    if isinstance(given, Instance):
        name = given.kind.lookup("name")
        return name if isinstance(name, str) else ""
    return given.name


def _of_default(default: Any) -> ClickType:
    if isinstance(default, (list, tuple)):
        if not default:
            return ClickType(STR)
        first = default[0]
        return (
            _several([_of_default(item) for item in first]) if isinstance(first, (list, tuple)) else _of_default(first)
        )
    if isinstance(default, bool):
        return ClickType(BOOL)
    if isinstance(default, (int, float)):
        return ClickType(INT if isinstance(default, int) else FLOAT)
    return ClickType(STR if known(default) or isinstance(default, Function) else ANY)


def _several(items: list[ClickType]) -> ClickType:
    same = all(item.value is items[0].value for item in items) if items else False
    return ClickType(items[0].value if same else ANY, arity=len(items))


def choice(interpreter: Interpreter, arguments: Arguments) -> Any:
    """What `click.Choice(choices, case_sensitive=True)` is; an Enum's members go by their names."""
    values = arguments.get(0, "choices")
    if isinstance(values, Class) and values.is_enum:
        texts: list[str] = list(hint(values).names)
    elif isinstance(values, (list, tuple, set, frozenset, dict)) and not interpreter.doubtful(values):
        items = [value.name if isinstance(value, Member) else value for value in values]
        if not known(items):
            return TypeObject(ClickType(ANY))
        texts = [str(value) for value in items]
    else:
        return TypeObject(ClickType(ANY))
    return TypeObject(choice_of(texts, arguments.get(1, "case_sensitive", True)))


def choice_of(texts: Iterable[str], case_sensitive: Any) -> ClickType:
    """One of these texts, in the case they are declared in; in any case when `case_sensitive` is False."""
    choices = tuple(texts)
    fold = str if case_sensitive is not False else str.casefold
    declared = {fold(text): text for text in reversed(choices)}

    def spell(text: str) -> str:
        if fold(text) not in declared:
            raise ValueError(f"one of {', '.join(choices)}")
        return declared[fold(text)]

    return ClickType(ValueType("str", spell), choices)


def int_range(interpreter: Interpreter, arguments: Arguments) -> Any:
    """What `click.IntRange(min, max, min_open, max_open, clamp)` is."""
    return _range(INT, arguments)


def float_range(interpreter: Interpreter, arguments: Arguments) -> Any:
    """What `click.FloatRange(min, max, min_open, max_open, clamp)` is."""
    return _range(FLOAT, arguments)


def _range(kind: ValueType, arguments: Arguments) -> TypeObject:
    low, high = arguments.get(0, "min"), arguments.get(1, "max")
    low_open, high_open = arguments.get(2, "min_open", False), arguments.get(3, "max_open", False)
    return TypeObject(ClickType(within(kind, low, high, low_open is True, high_open is True)))


def within(kind: ValueType, low: Any, high: Any, low_open: bool = False, high_open: bool = False) -> ValueType:
    """A number within bounds, as far as they are known. One outside is refused even where click would clamp it,
    because then the script would receive another one than was asked for."""
    low = low if isinstance(low, (int, float)) else None
    high = high if isinstance(high, (int, float)) else None

    def spell(text: str) -> str:
        spelled = kind.spell(text)
        number = int(spelled) if kind.name == "int" else float(spelled)
        above = low is None or (number > low if low_open else number >= low)
        below = high is None or (number < high if high_open else number <= high)
        if not (above and below):
            raise ValueError(_bounds(low, high, low_open, high_open))
        return spelled

    return ValueType(kind.name, spell)


def _bounds(low: float | None, high: float | None, low_open: bool, high_open: bool) -> str:
    lower = f"more than {low}" if low_open else f"{low} or more"
    upper = f"less than {high}" if high_open else f"{high} or less"
    return " and ".join(text for text, bound in ((lower, low), (upper, high)) if bound is not None)


def date_time(interpreter: Interpreter, arguments: Arguments) -> Any:
    """What `click.DateTime(formats)` is."""
    return TypeObject(ClickType(date_of(arguments.get(0, "formats"))))


def date_of(formats: Any) -> ValueType:
    """A date in one of these formats of `strptime`; in click's own where none are given."""
    if formats is not None and not (isinstance(formats, (list, tuple)) and all(isinstance(f, str) for f in formats)):
        return ValueType("datetime", str)
    accepted = tuple(formats or DATE_FORMATS)

    def spell(text: str) -> str:
        for pattern in accepted:
            try:
                datetime.datetime.strptime(text, pattern)
            except ValueError:
                continue
            return text
        raise ValueError(f"a date like {datetime.datetime(2024, 1, 31).strftime(accepted[0])}")

    return ValueType("datetime", spell)


def _uuid_text(text: str) -> str:
    try:
        uuid.UUID(text.strip())
    except ValueError:
        raise ValueError("a UUID") from None
    return text


UUID = ValueType("uuid", _uuid_text)


def path(interpreter: Interpreter, arguments: Arguments) -> Any:
    """What `click.Path(...)` and `click.File(...)` are."""
    return TypeObject(ClickType(PATH))


def tuple_of(interpreter: Interpreter, arguments: Arguments) -> Any:
    """What `click.Tuple([str, int])` is."""
    types = arguments.get(0, "types")
    return TypeObject(click_type(tuple(types))) if isinstance(types, (list, tuple)) else Unknown()


def without_dash(kind: ValueType) -> ValueType:
    """The type of an option whose value may be left out: there click takes what begins with - for the next option."""

    def spell(text: str) -> str:
        spelled = kind.spell(text)
        if spelled.startswith("-") and len(spelled) > 1:
            raise ValueError("a value that does not begin with -, which this option can't be given")
        return spelled

    return ValueType(kind.name, spell)
