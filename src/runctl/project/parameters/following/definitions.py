"""What definitions of functions and classes make."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from runctl.project.parameters.following import expressions
from runctl.project.parameters.following.binding import names_for
from runctl.project.parameters.following.modules import Scope
from runctl.project.parameters.following.values import (
    NOTHING,
    Argument,
    Arguments,
    Class,
    Field,
    Foreign,
    Function,
    Modelled,
    Unknown,
)

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter


def define_function(interpreter: Interpreter, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
    """Follows the definition of a function."""
    function = make_function(interpreter, node, scope, node.name)
    names_for(node.name, scope)[node.name] = decorated(interpreter, function, node.decorator_list, scope)


def define_class(interpreter: Interpreter, node: ast.ClassDef, scope: Scope) -> None:
    """Follows the definition of a class, and what is in it."""
    made = Class(node.name, node, [interpreter.evaluate(base, scope) for base in node.bases])
    made.keywords = {word.arg: interpreter.evaluate(word.value, scope) for word in node.keywords if word.arg}
    body = Scope(scope.module, scope)
    # methods don't see the class's names, but the statements of its body do
    body.names = made.names
    helps = expressions.field_helps(node, scope.module)
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            name = statement.target.id
            default = NOTHING if statement.value is None else interpreter.evaluate(statement.value, body)
            annotation = expressions.annotation(interpreter, statement.annotation, body)
            made.own_fields.append(Field(name, annotation, default, helps.get(name, "")))
            if default is not NOTHING:
                made.names[name] = default
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            method = make_function(interpreter, statement, body, statement.name)
            method.scope, method.owner = scope, made
            made.names[statement.name] = decorated(interpreter, method, statement.decorator_list, body)
        else:
            interpreter.block([statement], body)
    names_for(node.name, scope)[node.name] = decorated(interpreter, made, node.decorator_list, scope)


def make_function(interpreter: Interpreter, node: Any, scope: Scope, name: str) -> Function:
    """The function that a definition or a lambda makes."""
    function = Function(node, scope, name)
    function.defaults = list(_arguments(interpreter, node.args, scope))
    return function


def _arguments(interpreter: Interpreter, node: ast.arguments, scope: Scope) -> Iterable[Argument]:
    placed = [*node.posonlyargs, *node.args]
    defaults = [NOTHING] * (len(placed) - len(node.defaults)) + [interpreter.evaluate(d, scope) for d in node.defaults]
    for index, (argument, default) in enumerate(zip(placed, defaults, strict=True)):
        kind = "positional" if index < len(node.posonlyargs) else "either"
        yield Argument(argument.arg, kind, _annotation(interpreter, argument.annotation, scope), default)
    if node.vararg:
        yield Argument(node.vararg.arg, "*", _annotation(interpreter, node.vararg.annotation, scope), NOTHING)
    for argument, keyword_default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
        default = NOTHING if keyword_default is None else interpreter.evaluate(keyword_default, scope)
        yield Argument(argument.arg, "keyword", _annotation(interpreter, argument.annotation, scope), default)
    if node.kwarg:
        yield Argument(node.kwarg.arg, "**", _annotation(interpreter, node.kwarg.annotation, scope), NOTHING)


def _annotation(interpreter: Interpreter, node: ast.expr | None, scope: Scope) -> Any:
    return None if node is None else expressions.annotation(interpreter, node, scope)


def decorated(interpreter: Interpreter, thing: Any, decorators: list[ast.expr], scope: Scope) -> Any:
    """What a definition gives after its decorators; those that are not known leave it as it is."""
    evaluated = [interpreter.evaluate(decorator, scope) for decorator in decorators]
    thing.decorators = evaluated
    for decorator in reversed(evaluated):
        if isinstance(decorator, (Modelled, Function)) or (
            isinstance(decorator, Foreign) and decorator.name in interpreter.foreign
        ):
            made = interpreter.call(decorator, Arguments((thing,)))
            if not isinstance(made, Unknown) and made is not None:
                thing = made
    return thing
