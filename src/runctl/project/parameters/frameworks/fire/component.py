"""python-fire: `fire.Fire(component)` makes a command line of a function, a class, an object, a dict or a module.

What it takes is read from signatures, by the rules of fire/core.py: a class takes its constructor's arguments as flags
wherever they stand, its methods are commands; so are the items of a dict and the names of a module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from runctl.project.parameters.following.attributes import is_dataclass
from runctl.project.parameters.following.hints import Hint, hint
from runctl.project.parameters.following.imports import resolve
from runctl.project.parameters.following.modules import Module
from runctl.project.parameters.following.values import (
    NOTHING,
    Arguments,
    Class,
    Foreign,
    Function,
    Instance,
    Method,
    Modelled,
    known,
)
from runctl.project.parameters.frameworks.dataclass_fields import as_default, fields_of
from runctl.project.parameters.frameworks.fire.values import NONE, type_of
from runctl.project.parameters.model import Command, Interface, OwnSyntax, Parameter, ValueType
from runctl.project.parameters.types import ANY, FLOAT, INT, STR

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

DEEPEST_GROUPS = 6
_SYNTAX = OwnSyntax(joined=True, any_dashes=True, extra_words=True, words_fill=True, null="None")


class _Taken(NamedTuple):
    """An argument of a call: its name, annotation and default (NOTHING: it must be given)."""

    name: str
    annotation: Any
    default: Any


class _Call(NamedTuple):
    """What calling a function or class takes. `is_open`: it takes any flag."""

    taken: tuple[_Taken, ...]
    is_open: bool
    doc: str
    types: dict[str, ValueType]


class _ParseFunctions(Modelled):
    """What `@SetParseFns(name=str)` leaves with a function: types by name, "" for all others."""

    def __init__(self, types: dict[str, ValueType]) -> None:
        self.types = types


def _fire(interpreter: Interpreter, arguments: Arguments) -> Any:
    component, command = arguments.get(0, "component"), arguments.get(1, "command")
    if command is not None and known(command):
        return None  # a command that is written in the script: not what its user says
    notes: list[str] = []
    if component is None:
        component = interpreter.main
    read = _command(interpreter, component, "", [], notes, DEEPEST_GROUPS)
    interpreter.found(
        Interface("fire", read, tuple(notes), _SYNTAX),
        final=not interpreter.uncertain,
    )
    return None


def _command(
    interpreter: Interpreter, component: Any, name: str, above: list[_Call], notes: list[str], depth: int
) -> Command:
    """The command line of a component, below a class whose constructor takes what `above` says."""
    call = _call_of(interpreter, component)
    levels = [*above, call] if call else above
    is_open = any(level.is_open for level in levels)
    if call and call.is_open:
        notes.append(f"{name or 'the command line'} takes any further option (**kwargs)")
    members: dict[str, Any] = {}
    if not isinstance(component, Function) and depth:
        members = _members(interpreter, component)
    commands = [
        _command(interpreter, member, key, levels, notes, depth - 1)
        for key, member in members.items()
        if isinstance(member, (Function, Class, Instance, dict))
    ]
    if call is None and not members:
        notes.append(f"what {name or 'the command line'} takes can't be read")
        is_open = True
    required = isinstance(component, (dict, Module)) or (isinstance(component, Instance) and not call)
    return Command(
        name,
        tuple(_parameters(call, levels)) if call else (),
        tuple(commands),
        command_required=required and bool(commands),
        complete=not is_open,
        aliases=(name.replace("_", "-"),) if "_" in name else (),
    )


def _members(interpreter: Interpreter, component: Any) -> dict[str, Any]:
    """The commands below a component, by name."""
    if isinstance(component, Class):
        component = interpreter.call(component, Arguments(exact=False))
    if isinstance(component, dict):
        return {} if interpreter.doubtful(component) else {str(key): value for key, value in component.items()}
    if isinstance(component, Module):
        names = dict.fromkeys(component.scope.names)
        found = {name: resolve(interpreter, component.scope.names[name]) for name in names}
    elif isinstance(component, Instance):
        methods = [key for item in component.kind.line() if isinstance(item, Class) for key in item.names]
        found = {key: interpreter.attribute(component, key) for key in [*methods, *component.names]}
    else:
        return {}
    return {key: value for key, value in found.items() if not key.startswith("_")}


def _call_of(interpreter: Interpreter, component: Any) -> _Call | None:
    """What calling a component takes; None for what is not called."""
    if isinstance(component, Function):
        return _of_function(component)
    if isinstance(component, Instance):
        method = component.kind.lookup("__call__")
        return _of_function(method.bound(component)) if isinstance(method, Function) else None
    if not isinstance(component, Class):
        return None
    initialise = component.lookup("__init__")
    if isinstance(initialise, Function):
        read = _of_function(initialise.bound(component))
        return read._replace(doc=read.doc or component.doc)
    if is_dataclass(component):
        fields = fields_of(interpreter, component)
        taken = [_Taken(field.name, field.hint.annotation, field.default) for field in fields]
        return _Call(tuple(taken), False, component.doc, {})
    is_plain = component.foreign_bases() <= {"builtins.object", "abc.ABC", "typing.Protocol"}
    return _Call((), not is_plain, component.doc, {})


def _of_function(function: Function) -> _Call:
    arguments = function.arguments
    taken = [
        _Taken(argument.name, argument.annotation, argument.default)
        for argument in arguments
        if argument.kind not in ("*", "**")
    ]
    is_open = any(argument.kind == "**" for argument in arguments)
    types: dict[str, ValueType] = {}
    for decorator in function.decorators:
        if isinstance(decorator, _ParseFunctions):
            types.update(decorator.types)
    return _Call(tuple(taken), is_open, function.doc, types)


def _parameters(call: _Call, levels: list[_Call]) -> Iterable[Parameter]:
    above = {taken.name for level in levels[:-1] for taken in level.taken}
    if any(level.is_open for level in levels[:-1]):
        return  # the constructor has taken every flag
    for taken in call.taken:
        # of two that have the same name, the constructor's takes the flag
        if taken.name not in above:
            yield _parameter(taken, call, levels)


def _parameter(taken: _Taken, call: _Call, levels: list[_Call]) -> Parameter:
    meant = hint(taken.annotation)
    kind = call.types.get(taken.name) or call.types.get("") or type_of(meant, taken.default)
    return Parameter(
        taken.name,
        kind,
        flags=(f"--{taken.name}", *_letter(taken.name, call, levels)),
        at_least=0,
        default=as_default(taken.default),
        choices=_choices(meant, kind, taken.default),
        required=taken.default is NOTHING,
        help=_help(taken.name, call.doc),
    )


def _choices(meant: Hint, kind: ValueType, default: Any) -> tuple[str, ...] | None:
    if meant.kind != "literal" or not all(isinstance(choice, str) for choice in meant.choices):
        return None
    choices = tuple(kind.spell(choice) for choice in meant.choices)
    return (*choices, NONE) if meant.optional or default is None else choices


def _letter(name: str, call: _Call, levels: list[_Call]) -> list[str]:
    """`-n`, where fire takes it for `--name`: no other argument that is asked first begins with that letter."""
    letter = name[0]
    rivals = [taken.name for level in levels for taken in level.taken if taken.name.startswith(letter)]
    is_free = rivals == [name] and name != letter and not call.is_open
    return [f"-{letter}"] if is_free and re.match("[a-zA-Z]", letter) else []


def _help(name: str, doc: str) -> str:
    """What a docstring says of an argument, in one of the styles that fire reads (Google's, NumPy's are like it)."""
    found = re.search(
        rf"^\s*(?::param\s+)?\*{{0,2}}{re.escape(name)}\s*(?:\([^)]*\))?\s*:\s*(\S.*)$", doc, re.MULTILINE
    )
    return found[1].strip() if found else ""


def _set_parse_functions(interpreter: Interpreter, arguments: Arguments) -> Any:
    return _parse_decorator({"": arguments.get(0, "default")} if arguments.positional else {}, arguments.keywords)


def _set_parse_function(interpreter: Interpreter, arguments: Arguments) -> Any:
    function, *names = arguments.positional
    return _parse_decorator(dict.fromkeys(names or [""], function), {})


def _parse_decorator(*functions: dict[str, Any]) -> Method:
    types = {name: _parsed_by(function) for table in functions for name, function in table.items()}

    def decorate(interpreter: Interpreter, arguments: Arguments) -> Any:
        function = arguments.get(0, "fn")
        if isinstance(function, Function):
            function.decorators.append(_ParseFunctions(types))
        return function

    return Method(decorate)


def _parsed_by(function: Any) -> ValueType:
    kinds = {"builtins.str": STR, "builtins.int": INT, "builtins.float": FLOAT}
    return kinds.get(function.name, ANY) if isinstance(function, Foreign) else ANY


FOREIGN: dict[str, Callable[[Interpreter, Arguments], Any]] = {
    "fire.Fire": _fire,
    "fire.core.Fire": _fire,
    "fire.decorators.SetParseFns": _set_parse_functions,
    "fire.decorators.SetParseFn": _set_parse_function,
}
