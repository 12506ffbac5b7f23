"""What a class of the project is: a dataclass, an Enum, a pydantic model."""

from __future__ import annotations

import ast
from typing import Any

from runctl.project.parameters.following.values import Class, Foreign

_MAKE_DATACLASSES = ("dataclass", "pytree_dataclass", "attrs", "define", "frozen", "mutable")
_LIBRARY_BASES = {
    "typing.NamedTuple": "namedtuple",
    "typing.TypedDict": "typeddict",
    "typing_extensions.NamedTuple": "namedtuple",
    "typing_extensions.TypedDict": "typeddict",
    "pydantic.BaseModel": "pydantic",
    "pydantic.main.BaseModel": "pydantic",
    "pydantic.v1.BaseModel": "pydantic",
    "pydantic_settings.BaseSettings": "pydantic",
}


def kind_of_class(found: Class) -> str:
    """One of enum, dataclass (attrs included), namedtuple, typeddict, pydantic, class."""
    if found.is_enum:
        return "enum"
    for base in found.foreign_bases():
        if base in _LIBRARY_BASES:
            return _LIBRARY_BASES[base]
    return "dataclass" if any(_is_dataclass(item) for item in found.line()) else "class"


def _is_dataclass(found: Any) -> bool:
    if not isinstance(found, Class):
        return False
    return any(_makes_dataclasses(decorator) for decorator in found.decorators) or any(
        # a decorator that is called, `@dataclass(frozen=True)`, has no value to go by
        _last_word(decorator) in _MAKE_DATACLASSES
        for decorator in found.node.decorator_list
    )


def _makes_dataclasses(decorator: Any) -> bool:
    return isinstance(decorator, Foreign) and decorator.name.rpartition(".")[2] in _MAKE_DATACLASSES


def _last_word(decorator: ast.expr) -> str:
    name = decorator.func if isinstance(decorator, ast.Call) else decorator
    return name.attr if isinstance(name, ast.Attribute) else name.id if isinstance(name, ast.Name) else ""
