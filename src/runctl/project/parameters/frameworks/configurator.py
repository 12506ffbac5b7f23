"""nanoGPT's configurator: `exec(open("configurator.py").read())` sets the script's global names from `--name=value`.

Its rules are those of https://github.com/karpathy/nanoGPT/blob/master/configurator.py: a value is read as a literal of
Python's if it is one, otherwise as text, and must be of its default's type.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runctl.project.parameters import types
from runctl.project.parameters.following.modules import read_module
from runctl.project.parameters.following.values import Arguments, Method, Modelled, Unknown
from runctl.project.parameters.model import VALUES, Command, Interface, OwnSyntax, Parameter, ValueType

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

_MARKS = ("sys.argv", "globals()", "literal_eval")


class _Opened(Modelled):
    """What `open(path)` gives; `read()` gives it again, as the text."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        return Method(lambda inner, arguments: self) if name == "read" else Unknown()


def _open(interpreter: Interpreter, arguments: Arguments) -> Any:
    name = arguments.get(0, "file")
    return _Opened(interpreter.script.parent / name) if isinstance(name, str) else Unknown()


def _exec(interpreter: Interpreter, arguments: Arguments) -> Any:
    opened = arguments.get(0, "source")
    module = read_module("configurator", opened.path) if isinstance(opened, _Opened) else None
    if module is None or interpreter.main is None or not all(mark in module.source for mark in _MARKS):
        return Unknown()
    names = interpreter.main.scope.names
    parameters = [
        Parameter(name, _TYPES[type(value)], (f"--{name}",), default=value)
        for name, value in names.items()
        if not name.startswith("_") and type(value) in _TYPES
    ]
    files = Parameter(
        "config_file", types.PATH, takes=VALUES, at_least=0, at_most=None, help="Python files of settings"
    )
    interpreter.found(
        Interface("configurator", Command(parameters=(*parameters, files)), syntax=OwnSyntax(joined=True))
    )
    return None


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


def _spell_int(text: str) -> str:
    if type(_literal(text)) is not int:
        raise ValueError("a whole number")
    return text


def _spell_float(text: str) -> str:
    value = _literal(text)
    if type(value) is int:
        return f"{value}.0"
    if type(value) is not float:
        raise ValueError("a number")
    return text


def _spell_text(text: str) -> str:
    if "=" in text:
        raise ValueError('text without "="')
    return text if _literal(text) is text else repr(text)


_TYPES: dict[type, ValueType] = {
    bool: types.boolean("True", "False"),
    int: ValueType("int", _spell_int),
    float: ValueType("float", _spell_float),
    str: ValueType("str", _spell_text),
}
FOREIGN = {"builtins.open": _open, "builtins.exec": _exec}
