"""What tyro looks into: dataclasses, functions, classes, dicts with content. Each is a list of fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from runctl.project.parameters.following.hint_classes import kind_of_class
from runctl.project.parameters.following.hints import Hint, hint
from runctl.project.parameters.following.values import (
    NOTHING,
    Argument,
    Class,
    Foreign,
    Function,
    Instance,
    Unknown,
)
from runctl.project.parameters.frameworks.dataclass_fields import attribute_of, fields_of, library_bases
from runctl.project.parameters.frameworks.tyro.conf import Configured, default_of, stripped
from runctl.project.parameters.frameworks.tyro.types import hint_of_value

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

_MISSING = ("tyro.MISSING", "tyro.MISSING_NONPROP", "dataclasses.MISSING")


class TyroField(NamedTuple):
    """A field of a struct. `placed` says that it is given by its place."""

    name: str
    annotation: Any
    hint: Hint
    default: Any
    help: str = ""
    markers: frozenset[str] = frozenset()
    conf: Configured | None = None
    placed: bool = False
    readable: bool = True


def struct_fields(interpreter: Interpreter, thing: Any, default: Any) -> list[TyroField] | None:
    """The fields of a struct; None when they can't be known. `default` is an object of it, a dict, or NOTHING."""
    if isinstance(default, dict) and not isinstance(thing, (Class, Function)):
        return [field(str(name), Hint("any"), value) for name, value in default.items()]
    if isinstance(thing, Function):
        return [_of_argument(argument) for argument in thing.arguments]
    if not isinstance(thing, Class) or library_bases(thing):
        return None
    given = default if isinstance(default, (Instance, Unknown)) else None
    kind = kind_of_class(thing)
    if kind in ("dataclass", "namedtuple"):
        read = fields_of(interpreter, thing, given)
        return [field(one.name, one.hint, one.default, _help(one.metadata, one.help)) for one in read if one.inner]
    initialise = thing.lookup("__init__")
    if kind == "class" and isinstance(initialise, Function):
        made = [_of_argument(argument) for argument in initialise.defaults[1:]]
        return [_with_default_of(interpreter, one, given) for one in made] if given is not None else made
    return None


def field(name: str, found: Hint, default: Any, text: str = "", placed: bool = False) -> TyroField:
    """A field of this name and annotation, as tyro sees it: its markers read, its type narrowed by its default."""
    read = stripped(found.annotation)
    conf = read.of("arg")
    given = NOTHING if isinstance(default, Foreign) and default.name in _MISSING else default
    if given is NOTHING:
        given = default_of(conf)
    wanted = hint(read.annotation) if read.annotation is not None else found
    if wanted.kind == "any" and given is not NOTHING and given is not None:
        wanted = hint_of_value(given)
    own_help = conf.get("help") if conf is not None else None
    return TyroField(
        name,
        read.annotation,
        wanted,
        given,
        own_help if isinstance(own_help, str) else text,
        read.markers,
        conf,
        placed,
        read.readable,
    )


def _of_argument(argument: Argument) -> TyroField:
    found = hint(argument.annotation)
    if argument.kind == "*":
        return field(argument.name, Hint("list", items=(found,)), ())
    if argument.kind == "**":
        return field(argument.name, Hint("dict", items=(Hint("str"), found)), Unknown())
    return field(argument.name, found, argument.default, placed=argument.kind == "positional")


def _with_default_of(interpreter: Interpreter, one: TyroField, given: Any) -> TyroField:
    value = attribute_of(interpreter, given, one.name)
    return one._replace(default=one.default if value is NOTHING else value)


def _help(metadata: dict[Any, Any], text: str) -> str:
    given = metadata.get("help")
    return given if isinstance(given, str) else text
