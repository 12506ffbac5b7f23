"""What statements do, followed both ways where it is not known which."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runctl.project.parameters.following import expressions, library
from runctl.project.parameters.following.binding import bind, names_for
from runctl.project.parameters.following.definitions import define_class, define_function
from runctl.project.parameters.following.imports import bind_import, bind_import_from
from runctl.project.parameters.following.joining import merged
from runctl.project.parameters.following.modules import Scope
from runctl.project.parameters.following.values import Modelled, Unknown

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

MOST_ROUNDS = 500
# how a block of statements ended, other than at its end
RETURN, BREAK, CONTINUE, RAISE = "return", "break", "continue", "raise"


def follow(interpreter: Interpreter, node: ast.stmt, scope: Scope) -> str | None:
    """Follows one statement. Returns how it ended what it is in, None when it did not."""
    step = _STATEMENTS.get(type(node))
    return step(interpreter, node, scope) if step else None


def _expression_statement(interpreter: Interpreter, node: ast.Expr, scope: Scope) -> str | None:
    value = interpreter.evaluate(node.value, scope)
    return RAISE if value is library.EXIT else None


def _assign(interpreter: Interpreter, node: ast.Assign, scope: Scope) -> None:
    value = interpreter.evaluate(node.value, scope)
    for target in node.targets:
        bind(interpreter, target, value, scope)


def _annotated(interpreter: Interpreter, node: ast.AnnAssign, scope: Scope) -> None:
    if node.value is not None:
        bind(interpreter, node.target, interpreter.evaluate(node.value, scope), scope)


def _augmented(interpreter: Interpreter, node: ast.AugAssign, scope: Scope) -> None:
    load = ast.copy_location(_as_load(node.target), node.target)
    old, new = interpreter.evaluate(load, scope), interpreter.evaluate(node.value, scope)
    if isinstance(old, list) and isinstance(new, (list, tuple)) and isinstance(node.op, ast.Add):
        old.extend(new)
        interpreter.changed(old)
        return
    bind(interpreter, node.target, expressions.binary(node.op, old, new, node.value), scope)


def _if(interpreter: Interpreter, node: ast.If, scope: Scope) -> str | None:
    truth = library.truth(interpreter, interpreter.evaluate(node.test, scope))
    if truth is not None:
        return interpreter.block(node.body if truth else node.orelse, scope)
    return _either_way(interpreter, [node.body, node.orelse], scope)


def _either_way(interpreter: Interpreter, blocks: list[list[ast.stmt]], scope: Scope) -> str | None:
    """Follows blocks of which one will be run, it is not known which."""
    before = dict(scope.names)
    ends: list[tuple[str | None, dict[str, Any]]] = []
    for statements in blocks:
        scope.names.clear()
        scope.names.update(before)
        interpreter.uncertainty += 1
        try:
            ended = interpreter.block(statements, scope)
        finally:
            interpreter.uncertainty -= 1
        ends.append((ended, dict(scope.names)))
    if all(ended for ended, _ in ends):
        return ends[-1][0]
    interpreter.may_have_left = interpreter.may_have_left or any(ended in (BREAK, CONTINUE) for ended, _ in ends)
    if any(ended == RETURN for ended, _ in ends) and interpreter.frames:
        # the rest of the function may not be reached
        interpreter.frames[-1].doubts += 1
        interpreter.uncertainty += 1
    going_on = [names for ended, names in ends if not ended]
    scope.names.clear()
    scope.names.update(merged(going_on))
    return None


def _for(interpreter: Interpreter, node: ast.For | ast.AsyncFor, scope: Scope) -> str | None:
    iterable = interpreter.evaluate(node.iter, scope)
    items = library.items_of(interpreter, iterable)
    if items is None or interpreter.doubtful(iterable):
        for item in items or [Unknown(node.iter)]:
            bind(interpreter, node.target, item, scope)
            _either_way(interpreter, [node.body, []], scope)
        return None
    may_be_over = False
    for index, item in enumerate(items):
        interpreter.step()
        bind(interpreter, node.target, item, scope)
        if may_be_over or index > MOST_ROUNDS:
            _either_way(interpreter, [node.body, []], scope)
            if index > MOST_ROUNDS:
                return None
            continue
        interpreter.may_have_left = False
        ended = interpreter.block(node.body, scope)
        may_be_over = interpreter.may_have_left
        if ended == BREAK:
            return None
        if ended in (RETURN, RAISE):
            return ended
    return interpreter.block(node.orelse, scope)


def _while(interpreter: Interpreter, node: ast.While, scope: Scope) -> str | None:
    rounds = 0
    while True:
        rounds += 1
        interpreter.step()
        truth = library.truth(interpreter, interpreter.evaluate(node.test, scope))
        if truth is None or interpreter.may_have_left or rounds > MOST_ROUNDS:
            interpreter.may_have_left = False
            _either_way(interpreter, [node.body, []], scope)
            return None
        if not truth:
            return interpreter.block(node.orelse, scope)
        ended = interpreter.block(node.body, scope)
        if ended == BREAK:
            return None
        if ended in (RETURN, RAISE):
            return ended


def _with(interpreter: Interpreter, node: ast.With | ast.AsyncWith, scope: Scope) -> str | None:
    for item in node.items:
        value = interpreter.evaluate(item.context_expr, scope)
        if item.optional_vars is not None:
            bind(interpreter, item.optional_vars, value if isinstance(value, Modelled) else Unknown(), scope)
    return interpreter.block(node.body, scope)


def _try(interpreter: Interpreter, node: Any, scope: Scope) -> str | None:
    ended = interpreter.block(node.body, scope)
    if ended == RAISE:
        handlers = [handler.body for handler in node.handlers]
        ended = _either_way(interpreter, [*handlers, []], scope) if handlers else ended
    elif not ended:
        ended = interpreter.block(node.orelse, scope)
    return interpreter.block(node.finalbody, scope) or ended


def _match(interpreter: Interpreter, node: Any, scope: Scope) -> str | None:
    interpreter.evaluate(node.subject, scope)
    return _either_way(interpreter, [*(case.body for case in node.cases), []], scope)


def _return(interpreter: Interpreter, node: ast.Return, scope: Scope) -> str:
    value = interpreter.evaluate(node.value, scope) if node.value is not None else None
    if interpreter.frames:
        interpreter.frames[-1].returned.append(value)
    return RETURN


def _raise(interpreter: Interpreter, node: ast.Raise, scope: Scope) -> str:
    if node.exc is not None:
        interpreter.evaluate(node.exc, scope)  # `raise SystemExit(main())`
    return RAISE


def _delete(interpreter: Interpreter, node: ast.Delete, scope: Scope) -> None:
    for target in node.targets:
        if isinstance(target, ast.Name):
            names_for(target.id, scope).pop(target.id, None)


def _global(interpreter: Interpreter, node: ast.Global, scope: Scope) -> None:
    scope.of_module.update(node.names)


def _nonlocal(interpreter: Interpreter, node: ast.Nonlocal, scope: Scope) -> None:
    scope.of_parent.update(node.names)


def _import(interpreter: Interpreter, node: ast.Import, scope: Scope) -> None:
    bind_import(interpreter, node, scope)


def _import_from(interpreter: Interpreter, node: ast.ImportFrom, scope: Scope) -> None:
    bind_import_from(interpreter, node, scope)


def _as_load(target: ast.expr) -> ast.expr:
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load())
    if isinstance(target, ast.Attribute):
        return ast.Attribute(target.value, target.attr, ast.Load())
    assert isinstance(target, ast.Subscript)
    return ast.Subscript(target.value, target.slice, ast.Load())


_STATEMENTS: dict[type[ast.stmt], Callable[..., Any]] = {
    ast.Expr: _expression_statement,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Delete: _delete,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.FunctionDef: define_function,
    ast.AsyncFunctionDef: define_function,
    ast.ClassDef: define_class,
    ast.Match: _match,
    ast.Break: lambda *_: BREAK,
    ast.Continue: lambda *_: CONTINUE,
}
if hasattr(ast, "TryStar"):
    _STATEMENTS[ast.TryStar] = _try
