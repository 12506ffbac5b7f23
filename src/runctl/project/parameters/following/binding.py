"""Assigning to names, attributes and items."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from runctl.project.parameters.following import library
from runctl.project.parameters.following.joining import either
from runctl.project.parameters.following.modules import Module, Scope
from runctl.project.parameters.following.values import Class, Instance, Modelled, Unknown, known

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter


def bind(interpreter: Interpreter, target: ast.expr, value: Any, scope: Scope) -> None:
    """Assigns to a name, an attribute, an item, or several of them."""
    if isinstance(target, ast.Name):
        names_for(target.id, scope)[target.id] = value
    elif isinstance(target, (ast.Tuple, ast.List)):
        _unpack(interpreter, target.elts, value, scope)
    elif isinstance(target, ast.Starred):
        bind(interpreter, target.value, value, scope)
    elif isinstance(target, ast.Attribute):
        set_attribute(interpreter, interpreter.evaluate(target.value, scope), target.attr, value)
    elif isinstance(target, ast.Subscript):
        container = interpreter.evaluate(target.value, scope)
        key = interpreter.evaluate(target.slice, scope)
        if isinstance(container, dict):
            interpreter.changed(container)
            if known(key) and library.hashable(key):
                container[key] = value
            else:
                interpreter.doubt(container)
        elif isinstance(container, list):
            interpreter.doubt(container)


def set_attribute(interpreter: Interpreter, owner: Any, name: str, value: Any) -> None:
    """`owner.name = value`."""
    if isinstance(owner, (Instance, Class)):
        if interpreter.uncertainty and name in owner.names:
            value = either(owner.names[name], value)
        owner.names[name] = value
    elif isinstance(owner, Modelled):
        owner.set_attribute(name, value)
    elif isinstance(owner, Module):
        owner.scope.names[name] = value


def names_for(name: str, scope: Scope) -> dict[str, Any]:
    """The names among which `name` is set in a scope: its own, or those that it declares to mean."""
    if name in scope.of_module:
        return scope.module.scope.names
    if name in scope.of_parent:
        above = scope.parent
        while above is not None and name not in above.names:
            above = above.parent
        if above is not None:
            return above.names
    return scope.names


def _unpack(interpreter: Interpreter, targets: list[ast.expr], value: Any, scope: Scope) -> None:
    if isinstance(value, Modelled):
        for index, target in enumerate(targets):
            bind(interpreter, target, value.attribute(interpreter, f"[{index}]"), scope)
        return
    items = library.items_of(interpreter, value)
    if items is not None and len(items) == len(targets) and not any(isinstance(t, ast.Starred) for t in targets):
        for target, item in zip(targets, items, strict=True):
            bind(interpreter, target, item, scope)
        return
    for target in targets:
        bind(interpreter, target, Unknown(), scope)
