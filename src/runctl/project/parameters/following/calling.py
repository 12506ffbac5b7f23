"""What calls give: functions of the project are followed, those of libraries modelled or not known."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from runctl.project.parameters.following import attributes, library
from runctl.project.parameters.following.joining import either
from runctl.project.parameters.following.modules import Scope
from runctl.project.parameters.following.statements import RAISE, RETURN
from runctl.project.parameters.following.values import (
    NOTHING,
    Argument,
    Arguments,
    Class,
    Foreign,
    Function,
    Instance,
    Modelled,
    Unknown,
)

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

DEEPEST_CALLS = 60


class Frame:
    """One call of a function: what it may return."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.returned: list[Any] = []
        self.yielded: list[Any] | None = None
        self.doubts = 0


def call(interpreter: Interpreter, value: Any, arguments: Arguments) -> Any:
    """What calling `value` gives."""
    interpreter.step()
    if isinstance(value, Function):
        return _call_function(interpreter, value, arguments)
    if isinstance(value, Class):
        return _instantiate(interpreter, value, arguments)
    if isinstance(value, Modelled):
        return value.call(interpreter, arguments)
    if isinstance(value, Foreign):
        return _call_foreign(interpreter, value, arguments)
    if isinstance(value, Instance):
        method = attributes.of(interpreter, value, "__call__")
        if isinstance(method, Function):
            return call(interpreter, method, arguments)
        return value.modelled.call(interpreter, arguments) if value.modelled else Unknown()
    return _hand_over(interpreter, arguments)


def _call_function(interpreter: Interpreter, function: Function, arguments: Arguments) -> Any:
    running = sum(frame.function.node is function.node for frame in interpreter.frames)
    if len(interpreter.frames) >= DEEPEST_CALLS or running > 1:
        return Unknown()
    scope = Scope(function.scope.module, function.scope)
    if function.self_value is not NOTHING:
        arguments = arguments._replace(positional=(function.self_value, *arguments.positional))
    _bind_arguments(function.defaults, arguments, scope.names)
    frame = Frame(function)
    interpreter.frames.append(frame)
    try:
        if isinstance(function.node, ast.Lambda):
            return interpreter.evaluate(function.node.body, scope)
        ended = interpreter.block(function.node.body, scope)
    finally:
        interpreter.frames.pop()
        interpreter.uncertainty -= frame.doubts
    if frame.yielded is not None:
        return frame.yielded
    if ended == RAISE and not frame.returned:
        return library.EXIT
    if ended != RETURN:
        frame.returned.append(None)
    value = frame.returned[0]
    for other in frame.returned[1:]:
        value = either(value, other)
    return value


def _instantiate(interpreter: Interpreter, kind: Class, arguments: Arguments) -> Any:
    if kind.is_enum:
        return attributes.member_of(kind, arguments)
    made = Instance(kind)
    # a class derived from a library's that is modelled: its object is made by super().__init__(), or here
    initialise = kind.lookup("__init__")
    if isinstance(initialise, Function):
        _call_function(interpreter, initialise.bound(made), arguments)
    elif attributes.is_dataclass(kind):
        for field, value in zip(kind.fields(), arguments.positional, strict=False):
            made.names[field.name] = value
        made.names.update(arguments.keywords)
    elif not initialise_library_base(interpreter, made, arguments):
        _hand_over(interpreter, arguments)
    if made.modelled is None and not isinstance(initialise, Function):
        initialise_library_base(interpreter, made, arguments)
    return made


def initialise_library_base(interpreter: Interpreter, made: Instance, arguments: Arguments) -> bool:
    """Makes what a modelled library class gives to its subclass's object. Whether there is such a class."""
    for base in sorted(made.kind.foreign_bases()):
        if base in interpreter.foreign:
            model = interpreter.foreign[base](interpreter, arguments)
            if isinstance(model, Modelled):
                made.modelled = model
                model.belongs_to(interpreter, made)
            return True
    return False


def _call_foreign(interpreter: Interpreter, function: Foreign, arguments: Arguments) -> Any:
    if function.name in interpreter.foreign:
        return interpreter.foreign[function.name](interpreter, arguments)
    if function.name in library.FUNCTIONS:
        return library.FUNCTIONS[function.name](interpreter, arguments)
    if function.name.startswith("builtins."):
        return library.builtin(interpreter, function.name[9:], arguments)
    _call_back(interpreter, arguments)
    return _hand_over(interpreter, arguments, function.name)


def _hand_over(interpreter: Interpreter, arguments: Arguments, name: str = "") -> Any:
    """What a function gives that is not known: most that take a parser and give something give that parser."""
    handed = [
        value
        for value in [*arguments.positional, *arguments.keywords.values()]
        if isinstance(value, Modelled) or (isinstance(value, Instance) and value.modelled is not None)
    ]
    for value in handed:
        model = value.modelled if isinstance(value, Instance) else value
        if model is not None:
            model.passed_to_library()
    return handed[0] if len(handed) == 1 and handed[0] in arguments.positional[:1] else Unknown(made_by=name)


def _call_back(interpreter: Interpreter, arguments: Arguments) -> None:
    """A function given to a library may be called by it: `mp.spawn(main, …)`."""
    for value in [*arguments.positional, *arguments.keywords.values()]:
        if isinstance(value, Function) and id(value.node) not in interpreter.called_back:
            interpreter.called_back.add(id(value.node))
            interpreter.uncertainty += 1
            try:
                _call_function(interpreter, value, Arguments(exact=False))
            finally:
                interpreter.uncertainty -= 1


def _bind_arguments(wanted: list[Argument], given: Arguments, names: dict[str, Any]) -> None:
    positional = list(given.positional)
    keywords = dict(given.keywords)
    for argument in wanted:
        if argument.kind == "*":
            names[argument.name] = tuple(positional) if given.exact else Unknown()
            positional = []
        elif argument.kind == "**":
            names[argument.name] = keywords if given.exact else Unknown()
        elif positional and argument.kind != "keyword":
            names[argument.name] = positional.pop(0)
        elif argument.name in keywords:
            names[argument.name] = keywords.pop(argument.name)
        elif given.exact and argument.default is not NOTHING:
            names[argument.name] = argument.default
        else:
            names[argument.name] = Unknown()
