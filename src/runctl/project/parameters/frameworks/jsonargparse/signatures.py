"""The options that jsonargparse makes of the parameters of functions, classes and dataclasses."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

from runctl.project.parameters.following.hint_classes import kind_of_class
from runctl.project.parameters.following.hints import Hint, hint
from runctl.project.parameters.following.values import NOTHING, Argument, Class, Foreign, Function, Instance, Member
from runctl.project.parameters.frameworks.dataclass_fields import as_default, fields_of, library_bases
from runctl.project.parameters.frameworks.jsonargparse.types import choices_of, value_type
from runctl.project.parameters.model import Parameter
from runctl.project.parameters.types import ANY

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

_GROUPS = ("dataclass",)
# what takes further keys than its own: `--scheduler.class_path`, `--weights.a 1`
_OPEN = ("class", "pydantic", "typeddict", "namedtuple", "dict", "foreign", "union", "unknown")


class Wanted(NamedTuple):
    """One parameter of a signature."""

    name: str
    hint: Hint
    default: Any
    help: str = ""


class Read(NamedTuple):
    """What was read of a signature. `configs` are the flags that take a whole group of options from a file."""

    parameters: list[Parameter]
    configs: list[str]
    unread: list[str]


def signature(interpreter: Interpreter, thing: Any, given: Any = None) -> tuple[list[Wanted], list[str]]:
    """The parameters of a function or a class, and what could not be read of them."""
    if isinstance(thing, Function):
        return _of_arguments(thing.arguments), []
    if not isinstance(thing, Class):
        return [], ["options of something that can't be looked into"]
    if kind_of_class(thing) == "dataclass":
        notes = [f"options of {base}, which depend on the installed version" for base in library_bases(thing)]
        fields = fields_of(interpreter, thing, given)
        return [Wanted(one.name, one.hint, one.default, one.help) for one in fields], notes
    if kind_of_class(thing) != "class":
        return [], [f"options of {thing.name}, which can't be looked into"]
    return _of_class(thing)


def options(
    interpreter: Interpreter,
    wanted: list[Wanted],
    prefix: str,
    as_positional: bool = False,
    skip: frozenset[str] = frozenset(),
    inside: tuple[Class, ...] = (),
) -> Read:
    """The options for these parameters, each below `prefix`; `inside` are the classes around them."""
    read = Read([], [], [])
    for one in wanted:
        if one.name in skip or (one.name.startswith("_") and one.default is not NOTHING):
            continue
        name = f"{prefix}.{one.name}" if prefix else one.name
        if one.hint.kind in _GROUPS and not one.hint.optional and one.default is not None:
            _add(read, group(interpreter, one.hint.cls, name, one.default, inside))
        else:
            read.parameters.append(_option(one, name, as_positional))
            if _is_open(one.hint):
                read.unread.append(f"keys below --{name}")
    return read


def group(
    interpreter: Interpreter, kind: Any, name: str, default: Any = NOTHING, inside: tuple[Class, ...] = ()
) -> Read:
    """The options of a class at `name`, and the one that takes all of them from a file."""
    given = default if isinstance(default, (Instance, dict)) else None
    wanted, notes = signature(interpreter, kind, given)
    read = Read([Parameter(name, ANY, (f"--{name}",), help="a file of these, or JSON")], [f"--{name}"], notes)
    if kind in inside:
        read.unread.append(f"keys below --{name}")
    else:
        _add(read, options(interpreter, wanted, name, inside=(*inside, kind)))
    return read


def _add(read: Read, more: Read) -> None:
    read.parameters.extend(more.parameters)
    read.configs.extend(more.configs)
    read.unread.extend(more.unread)


def _option(one: Wanted, name: str, as_positional: bool) -> Parameter:
    required = one.default is NOTHING
    flags = [f"--{name}"]
    if one.hint.kind == "list":
        flags.append(f"--{name}+")
    found = one.hint._replace(optional=True) if one.default is None else one.hint
    default = one.default.name if isinstance(one.default, Member) else as_default(one.default)
    return Parameter(
        name=name,
        type=value_type(found),
        flags=() if required and as_positional else tuple(flags),
        default=default,
        choices=choices_of(found),
        required=required,
        help=one.help,
    )


def _is_open(found: Hint) -> bool:
    if found.kind == "union":
        return any(_is_open(member) for member in found.members)
    return found.kind in _OPEN or (found.kind == "dataclass" and found.optional)


def _of_arguments(arguments: list[Argument]) -> list[Wanted]:
    return [
        Wanted(argument.name, hint(argument.annotation), argument.default)
        for argument in arguments
        if argument.kind not in ("*", "**")
    ]


def _of_class(kind: Class) -> tuple[list[Wanted], list[str]]:
    """The parameters of `__init__`, with those that its **kwargs hand up to the classes above."""
    wanted: dict[str, Wanted] = {}
    for item in kind.line():
        if item == Foreign("builtins.object"):
            continue
        if not isinstance(item, Class):
            return list(wanted.values()), ["parameters of a class of a library"]
        initialise = item.names.get("__init__")
        if not isinstance(initialise, Function):
            continue
        for one in _of_arguments(initialise.defaults[1:]):
            wanted.setdefault(one.name, one)
        if not _hands_up(initialise):
            return list(wanted.values()), []
    return list(wanted.values()), []


def _hands_up(initialise: Function) -> bool:
    """Whether it calls `super().__init__(**kwargs)` with the **kwargs that it was given."""
    name = next((argument.name for argument in initialise.defaults if argument.kind == "**"), None)
    return name is not None and any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "__init__"
        and any(
            word.arg is None and isinstance(word.value, ast.Name) and word.value.id == name for word in node.keywords
        )
        for node in ast.walk(initialise.node)
    )
