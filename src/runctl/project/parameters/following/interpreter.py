"""Follows a script's syntax, as Python would its code, until the script parses its command line.

Nothing is executed: what can't be known from the project's source alone is `Unknown`, and code that depends on it is
followed both ways. So that no script can keep it busy, the number of steps is bounded.
"""

from __future__ import annotations

import ast
import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from runctl.project.hyperparams import Given
from runctl.project.parameters import frameworks
from runctl.project.parameters.following import attributes, expressions, library
from runctl.project.parameters.following.imports import bind_import, bind_import_from
from runctl.project.parameters.following.modules import Module, Modules, Scope
from runctl.project.parameters.following.values import (
    NOTHING,
    Argument,
    Arguments,
    Class,
    Field,
    Foreign,
    Function,
    Instance,
    Modelled,
    Unknown,
    known,
)
from runctl.project.parameters.model import Interface

MOST_STEPS = 200_000
MOST_ROUNDS = 500
DEEPEST_CALLS = 60
MOST_MODULES = 400
# imports are followed at once, as Python does, until so much was read; then only those whose names are used
EAGER_BYTES = 500_000


class _Found(Exception):
    """The script has parsed its command line."""


class GaveUp(Exception):
    """Following the script took too many steps."""


class _Frame:
    """One call of a function: what it may return."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.returned: list[Any] = []
        self.yielded: list[Any] | None = None
        self.doubts = 0


# how a block of statements ended, other than at its end
RETURN, BREAK, CONTINUE, RAISE = "return", "break", "continue", "raise"


class Interpreter:
    """Follows one script. `script` and `root` are the script and the project's root; `args` and `given` the arguments
    and hyperparameters that it will get, which say to some (Hydra) what else they take."""

    def __init__(self, script: Path, root: Path, args: Sequence[str], given: Mapping[str, Given]) -> None:
        self.script = script
        self.root = root
        self.args = args
        self.given = given
        self.modules = Modules(script, root)
        self.interfaces: list[Callable[[], Interface]] = []
        self.notes: list[str] = []
        self.foreign: dict[str, Callable[[Interpreter, Arguments], Any]] = {}
        self.main: Module | None = None
        self.module_doc = ""
        self._loaded: set[str] = set()
        self._put_off: dict[str, Module] = {}
        self._uncertain = 0
        # whether a loop may have been left, or a round of it cut short, on a condition that is not known
        self._may_have_left = False
        self._steps = 0
        self._frames: list[_Frame] = []
        self._called_back: set[int] = set()
        # containers by identity, kept alive so that it stays theirs
        self._doubtful: dict[int, Any] = {}
        self._changed: dict[int, Any] = {}
        self._may_register = False
        self._read_bytes = 0

    # what frameworks use

    @property
    def uncertain(self) -> bool:
        """Whether the code that is followed now may never be reached."""
        return self._uncertain > 0

    def found(self, interface: Interface, final: bool = True) -> None:
        """The script parses its command line here; unless `final` it may do so again."""
        self.found_by(lambda: interface, final)

    def found_by(self, interface: Callable[[], Interface], final: bool) -> None:
        """As `found`; the interface is asked for at the end, when nothing more can be added to it."""
        self.interfaces.append(interface)
        if final:
            raise _Found

    def note(self, text: str) -> None:
        """Keeps something that could not be read, for people."""
        if text not in self.notes:
            self.notes.append(text)

    def import_all(self) -> None:
        """Follows every import of the project's modules that was put off, and those that they make."""
        for _ in range(MOST_MODULES):
            waiting = next((module for module in self._put_off.values() if not module.evaluated), None)
            if waiting is None:
                return
            self.evaluate_module(waiting)

    def call(self, value: Any, arguments: Arguments) -> Any:
        """What calling `value` gives."""
        self.step()
        if isinstance(value, Function):
            return self._call_function(value, arguments)
        if isinstance(value, Class):
            return self._instantiate(value, arguments)
        if isinstance(value, Modelled):
            return value.call(self, arguments)
        if isinstance(value, Foreign):
            return self._call_foreign(value, arguments)
        if isinstance(value, Instance):
            method = attributes.of(self, value, "__call__")
            if isinstance(method, Function):
                return self.call(method, arguments)
            return value.modelled.call(self, arguments) if value.modelled else Unknown()
        return self._hand_over(arguments)

    def attribute(self, value: Any, name: str) -> Any:
        """What `value.name` is."""
        return attributes.of(self, value, name)

    # following

    def follow(self, module: Module) -> None:
        """Follows the script itself, until its command line is parsed or its end. Raises GaveUp, RecursionError."""
        self.main = module
        if "exec(" in module.source:
            self.load_framework("builtins")
        self.module_doc = ast.get_docstring(module.tree) or ""
        try:
            self.evaluate_module(module)
        except _Found:
            pass

    def evaluate_module(self, module: Module) -> None:
        """Follows a module's statements, once."""
        if module.evaluated:
            return
        module.evaluated = True
        self._read_bytes += len(module.source)
        frames, self._frames = self._frames, []
        uncertain, self._uncertain = self._uncertain, 0
        self.block(module.tree.body, module.scope)
        self._frames, self._uncertain = frames, uncertain

    def import_module(self, module: Module) -> None:
        """A module is imported here: it is followed now, or when one of its names is used."""
        if self._read_bytes < EAGER_BYTES:
            self.evaluate_module(module)
        else:
            self._put_off.setdefault(module.name, module)

    def unknown_import(self) -> None:
        """Some module is imported here, it is not known which: it may register itself anywhere."""
        self._may_register = True

    def load_framework(self, name: str) -> None:
        """Makes known what the functions of the library `name` do, if it is one that is modelled."""
        top = name.partition(".")[0]
        if top in self._loaded or top not in frameworks.FRAMEWORKS:
            return
        self._loaded.add(top)
        for part in frameworks.FRAMEWORKS[top]:
            self.foreign.update(importlib.import_module(f"{frameworks.__name__}.{part}").FOREIGN)

    def block(self, statements: Iterable[ast.stmt], scope: Scope) -> str | None:
        """Follows statements. Returns how they ended, None for at their end."""
        for statement in statements:
            self.step()
            ended = self._statement(statement, scope)
            if ended:
                return ended
        return None

    def doubtful(self, container: Any) -> bool:
        """Whether a list, dict or set may hold other things than it seems to."""
        if self._may_register and type(container) is dict and (not container or id(container) in self._changed):
            return True
        return id(container) in self._doubtful

    def changed(self, container: Any) -> None:
        """A list, dict or set is changed here."""
        self._changed[id(container)] = container
        if self._uncertain:
            self._doubtful[id(container)] = container

    def doubt(self, container: Any) -> None:
        """A list, dict or set is changed in a way that can't be known."""
        self._doubtful[id(container)] = container

    def yields(self, value: Any) -> None:
        """The function that is followed yields `value`: calling it gives the list of all that it yields."""
        if self._frames:
            frame = self._frames[-1]
            frame.yielded = frame.yielded or []
            frame.yielded.append(value)
            self.changed(frame.yielded)

    @property
    def current_function(self) -> Function | None:
        """The function whose body is followed now; None at the top of a module."""
        return self._frames[-1].function if self._frames else None

    def step(self) -> None:
        """One step is taken. Raises GaveUp when there were too many."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise GaveUp

    def _statement(self, node: ast.stmt, scope: Scope) -> str | None:
        follow = _STATEMENTS.get(type(node))
        return follow(self, node, scope) if follow else None

    def _expression_statement(self, node: ast.Expr, scope: Scope) -> str | None:
        value = self.evaluate(node.value, scope)
        return RAISE if value is library.EXIT else None

    def evaluate(self, node: ast.expr, scope: Scope) -> Any:
        """The value of an expression."""
        return expressions.evaluate(self, node, scope)

    def _assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.evaluate(node.value, scope)
        for target in node.targets:
            self.bind(target, value, scope)

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.bind(node.target, self.evaluate(node.value, scope), scope)

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        load = ast.copy_location(_as_load(node.target), node.target)
        old, new = self.evaluate(load, scope), self.evaluate(node.value, scope)
        if isinstance(old, list) and isinstance(new, (list, tuple)) and isinstance(node.op, ast.Add):
            old.extend(new)
            self.changed(old)
            return
        self.bind(node.target, expressions.binary(node.op, old, new, node.value), scope)

    def bind(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Assigns to a name, an attribute, an item, or several of them."""
        if isinstance(target, ast.Name):
            self._names_for(target.id, scope)[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            self._unpack(target.elts, value, scope)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, value, scope)
        elif isinstance(target, ast.Attribute):
            self.set_attribute(self.evaluate(target.value, scope), target.attr, value)
        elif isinstance(target, ast.Subscript):
            container = self.evaluate(target.value, scope)
            key = self.evaluate(target.slice, scope)
            if isinstance(container, dict):
                self.changed(container)
                if known(key) and library.hashable(key):
                    container[key] = value
                else:
                    self.doubt(container)
            elif isinstance(container, list):
                self.doubt(container)

    def set_attribute(self, owner: Any, name: str, value: Any) -> None:
        """`owner.name = value`."""
        if isinstance(owner, (Instance, Class)):
            if self._uncertain and name in owner.names:
                value = _either(owner.names[name], value)
            owner.names[name] = value
        elif isinstance(owner, Modelled):
            owner.set_attribute(name, value)
        elif isinstance(owner, Module):
            owner.scope.names[name] = value

    def _names_for(self, name: str, scope: Scope) -> dict[str, Any]:
        if name in scope.of_module:
            return scope.module.scope.names
        if name in scope.of_parent:
            above = scope.parent
            while above is not None and name not in above.names:
                above = above.parent
            if above is not None:
                return above.names
        return scope.names

    def _unpack(self, targets: list[ast.expr], value: Any, scope: Scope) -> None:
        if isinstance(value, Modelled):
            for index, target in enumerate(targets):
                self.bind(target, value.attribute(self, f"[{index}]"), scope)
            return
        items = library.items_of(self, value)
        if items is not None and len(items) == len(targets) and not any(isinstance(t, ast.Starred) for t in targets):
            for target, item in zip(targets, items, strict=True):
                self.bind(target, item, scope)
            return
        for target in targets:
            self.bind(target, Unknown(), scope)

    def _if(self, node: ast.If, scope: Scope) -> str | None:
        truth = library.truth(self, self.evaluate(node.test, scope))
        if truth is not None:
            return self.block(node.body if truth else node.orelse, scope)
        return self._either_way([node.body, node.orelse], scope)

    def _either_way(self, blocks: list[list[ast.stmt]], scope: Scope) -> str | None:
        """Follows blocks of which one will be run, it is not known which."""
        before = dict(scope.names)
        ends: list[tuple[str | None, dict[str, Any]]] = []
        for statements in blocks:
            scope.names.clear()
            scope.names.update(before)
            self._uncertain += 1
            try:
                ended = self.block(statements, scope)
            finally:
                self._uncertain -= 1
            ends.append((ended, dict(scope.names)))
        if all(ended for ended, _ in ends):
            return ends[-1][0]
        self._may_have_left = self._may_have_left or any(ended in (BREAK, CONTINUE) for ended, _ in ends)
        if any(ended == RETURN for ended, _ in ends) and self._frames:
            # the rest of the function may not be reached
            self._frames[-1].doubts += 1
            self._uncertain += 1
        going_on = [names for ended, names in ends if not ended]
        scope.names.clear()
        scope.names.update(_merged(going_on))
        return None

    def _for(self, node: ast.For | ast.AsyncFor, scope: Scope) -> str | None:
        iterable = self.evaluate(node.iter, scope)
        items = library.items_of(self, iterable)
        if items is None or self.doubtful(iterable):
            for item in items or [Unknown(node.iter)]:
                self.bind(node.target, item, scope)
                self._either_way([node.body, []], scope)
            return None
        may_be_over = False
        for index, item in enumerate(items):
            self.step()
            self.bind(node.target, item, scope)
            if may_be_over or index > MOST_ROUNDS:
                self._either_way([node.body, []], scope)
                if index > MOST_ROUNDS:
                    return None
                continue
            self._may_have_left = False
            ended = self.block(node.body, scope)
            may_be_over = self._may_have_left
            if ended == BREAK:
                return None
            if ended in (RETURN, RAISE):
                return ended
        return self.block(node.orelse, scope)

    def _while(self, node: ast.While, scope: Scope) -> str | None:
        rounds = 0
        while True:
            rounds += 1
            self.step()
            truth = library.truth(self, self.evaluate(node.test, scope))
            if truth is None or self._may_have_left or rounds > MOST_ROUNDS:
                self._may_have_left = False
                self._either_way([node.body, []], scope)
                return None
            if not truth:
                return self.block(node.orelse, scope)
            ended = self.block(node.body, scope)
            if ended == BREAK:
                return None
            if ended in (RETURN, RAISE):
                return ended

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> str | None:
        for item in node.items:
            value = self.evaluate(item.context_expr, scope)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value if isinstance(value, Modelled) else Unknown(), scope)
        return self.block(node.body, scope)

    def _try(self, node: Any, scope: Scope) -> str | None:
        ended = self.block(node.body, scope)
        if ended == RAISE:
            handlers = [handler.body for handler in node.handlers]
            ended = self._either_way([*handlers, []], scope) if handlers else ended
        elif not ended:
            ended = self.block(node.orelse, scope)
        return self.block(node.finalbody, scope) or ended

    def _match(self, node: Any, scope: Scope) -> str | None:
        self.evaluate(node.subject, scope)
        return self._either_way([*(case.body for case in node.cases), []], scope)

    def _return(self, node: ast.Return, scope: Scope) -> str:
        value = self.evaluate(node.value, scope) if node.value is not None else None
        if self._frames:
            self._frames[-1].returned.append(value)
        return RETURN

    def _raise(self, node: ast.Raise, scope: Scope) -> str:
        if node.exc is not None:
            self.evaluate(node.exc, scope)  # `raise SystemExit(main())`
        return RAISE

    def _delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self._names_for(target.id, scope).pop(target.id, None)

    def _global(self, node: ast.Global, scope: Scope) -> None:
        scope.of_module.update(node.names)

    def _nonlocal(self, node: ast.Nonlocal, scope: Scope) -> None:
        scope.of_parent.update(node.names)

    def _import(self, node: ast.Import, scope: Scope) -> None:
        bind_import(self, node, scope)

    def _import_from(self, node: ast.ImportFrom, scope: Scope) -> None:
        bind_import_from(self, node, scope)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        function = self.function(node, scope, node.name)
        self._names_for(node.name, scope)[node.name] = self._decorated(function, node.decorator_list, scope)

    def function(self, node: Any, scope: Scope, name: str) -> Function:
        """The function that a definition or a lambda makes."""
        function = Function(node, scope, name)
        function.defaults = list(self._arguments(node.args, scope))
        return function

    def _arguments(self, node: ast.arguments, scope: Scope) -> Iterable[Argument]:
        placed = [*node.posonlyargs, *node.args]
        defaults = [NOTHING] * (len(placed) - len(node.defaults)) + [self.evaluate(d, scope) for d in node.defaults]
        for index, (argument, default) in enumerate(zip(placed, defaults, strict=True)):
            kind = "positional" if index < len(node.posonlyargs) else "either"
            yield Argument(argument.arg, kind, self._annotation(argument.annotation, scope), default)
        if node.vararg:
            yield Argument(node.vararg.arg, "*", self._annotation(node.vararg.annotation, scope), NOTHING)
        for argument, keyword_default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
            default = NOTHING if keyword_default is None else self.evaluate(keyword_default, scope)
            yield Argument(argument.arg, "keyword", self._annotation(argument.annotation, scope), default)
        if node.kwarg:
            yield Argument(node.kwarg.arg, "**", self._annotation(node.kwarg.annotation, scope), NOTHING)

    def _annotation(self, node: ast.expr | None, scope: Scope) -> Any:
        return None if node is None else expressions.annotation(self, node, scope)

    def _decorated(self, thing: Any, decorators: list[ast.expr], scope: Scope) -> Any:
        evaluated = [self.evaluate(decorator, scope) for decorator in decorators]
        thing.decorators = evaluated
        for decorator in reversed(evaluated):
            if isinstance(decorator, (Modelled, Function)) or (
                isinstance(decorator, Foreign) and decorator.name in self.foreign
            ):
                made = self.call(decorator, Arguments((thing,)))
                if not isinstance(made, Unknown) and made is not None:
                    thing = made
        return thing

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        made = Class(node.name, node, [self.evaluate(base, scope) for base in node.bases])
        made.keywords = {word.arg: self.evaluate(word.value, scope) for word in node.keywords if word.arg}
        body = Scope(scope.module, scope)
        # methods don't see the class's names, but the statements of its body do
        body.names = made.names
        helps = expressions.field_helps(node, scope.module)
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                name = statement.target.id
                default = NOTHING if statement.value is None else self.evaluate(statement.value, body)
                annotation = expressions.annotation(self, statement.annotation, body)
                made.own_fields.append(Field(name, annotation, default, helps.get(name, "")))
                if default is not NOTHING:
                    made.names[name] = default
            elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                method = self.function(statement, body, statement.name)
                method.scope, method.owner = scope, made
                made.names[statement.name] = self._decorated(method, statement.decorator_list, body)
            else:
                self._statement(statement, body)
        self._names_for(node.name, scope)[node.name] = self._decorated(made, node.decorator_list, scope)

    # calls

    def _call_function(self, function: Function, arguments: Arguments) -> Any:
        running = sum(frame.function.node is function.node for frame in self._frames)
        if len(self._frames) >= DEEPEST_CALLS or running > 1:
            return Unknown()
        scope = Scope(function.scope.module, function.scope)
        if function.self_value is not NOTHING:
            arguments = arguments._replace(positional=(function.self_value, *arguments.positional))
        _bind_arguments(function.defaults, arguments, scope.names)
        frame = _Frame(function)
        self._frames.append(frame)
        try:
            if isinstance(function.node, ast.Lambda):
                return self.evaluate(function.node.body, scope)
            ended = self.block(function.node.body, scope)
        finally:
            self._frames.pop()
            self._uncertain -= frame.doubts
        if frame.yielded is not None:
            return frame.yielded
        if ended == RAISE and not frame.returned:
            return library.EXIT
        if ended != RETURN:
            frame.returned.append(None)
        value = frame.returned[0]
        for other in frame.returned[1:]:
            value = _either(value, other)
        return value

    def _instantiate(self, kind: Class, arguments: Arguments) -> Any:
        if kind.is_enum:
            return attributes.member_of(kind, arguments)
        made = Instance(kind)
        # a class derived from a library's that is modelled: its object is made by super().__init__(), or here
        initialise = kind.lookup("__init__")
        if isinstance(initialise, Function):
            self._call_function(initialise.bound(made), arguments)
        elif attributes.is_dataclass(kind):
            for field, value in zip(kind.fields(), arguments.positional, strict=False):
                made.names[field.name] = value
            made.names.update(arguments.keywords)
        elif not self.initialise_library_base(made, arguments):
            self._hand_over(arguments)
        if made.modelled is None and not isinstance(initialise, Function):
            self.initialise_library_base(made, arguments)
        return made

    def initialise_library_base(self, made: Instance, arguments: Arguments) -> bool:
        """Makes what a modelled library class gives to its subclass's object. Whether there is such a class."""
        for base in sorted(made.kind.foreign_bases()):
            if base in self.foreign:
                model = self.foreign[base](self, arguments)
                if isinstance(model, Modelled):
                    made.modelled = model
                    model.belongs_to(self, made)
                return True
        return False

    def _call_foreign(self, function: Foreign, arguments: Arguments) -> Any:
        if function.name in self.foreign:
            return self.foreign[function.name](self, arguments)
        if function.name in library.FUNCTIONS:
            return library.FUNCTIONS[function.name](self, arguments)
        if function.name.startswith("builtins."):
            return library.builtin(self, function.name[9:], arguments)
        self._call_back(arguments)
        return self._hand_over(arguments, function.name)

    def _hand_over(self, arguments: Arguments, name: str = "") -> Any:
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

    def _call_back(self, arguments: Arguments) -> None:
        """A function given to a library may be called by it: `mp.spawn(main, …)`."""
        for value in [*arguments.positional, *arguments.keywords.values()]:
            if isinstance(value, Function) and id(value.node) not in self._called_back:
                self._called_back.add(id(value.node))
                self._uncertain += 1
                try:
                    self._call_function(value, Arguments(exact=False))
                finally:
                    self._uncertain -= 1


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


def _either(one: Any, other: Any) -> Any:
    """One of two values, it is not known which."""
    if one is other:
        return one
    if known(one) and known(other):
        return one if type(one) is type(other) and one == other else Unknown()
    for value, counterpart in ((one, other), (other, one)):
        if isinstance(value, (Modelled, Instance, Function, Class)) and (
            counterpart is None or isinstance(counterpart, Unknown)
        ):
            return value
    return Unknown()


def _merged(all_names: list[dict[str, Any]]) -> dict[str, Any]:
    merged = dict(all_names[0])
    for names in all_names[1:]:
        for name, value in names.items():
            merged[name] = _either(merged[name], value) if name in merged else value
    return merged


def _as_load(target: ast.expr) -> ast.expr:
    if isinstance(target, ast.Name):
        return ast.Name(target.id, ast.Load())
    if isinstance(target, ast.Attribute):
        return ast.Attribute(target.value, target.attr, ast.Load())
    assert isinstance(target, ast.Subscript)
    return ast.Subscript(target.value, target.slice, ast.Load())


_STATEMENTS: dict[type[ast.stmt], Callable[..., Any]] = {
    ast.Expr: Interpreter._expression_statement,
    ast.Assign: Interpreter._assign,
    ast.AnnAssign: Interpreter._annotated,
    ast.AugAssign: Interpreter._augmented,
    ast.If: Interpreter._if,
    ast.For: Interpreter._for,
    ast.AsyncFor: Interpreter._for,
    ast.While: Interpreter._while,
    ast.With: Interpreter._with,
    ast.AsyncWith: Interpreter._with,
    ast.Try: Interpreter._try,
    ast.Return: Interpreter._return,
    ast.Raise: Interpreter._raise,
    ast.Delete: Interpreter._delete,
    ast.Global: Interpreter._global,
    ast.Nonlocal: Interpreter._nonlocal,
    ast.Import: Interpreter._import,
    ast.ImportFrom: Interpreter._import_from,
    ast.FunctionDef: Interpreter._function,
    ast.AsyncFunctionDef: Interpreter._function,
    ast.ClassDef: Interpreter._class,
    ast.Match: Interpreter._match,
    ast.Break: lambda *_: BREAK,
    ast.Continue: lambda *_: CONTINUE,
}
if hasattr(ast, "TryStar"):
    _STATEMENTS[ast.TryStar] = Interpreter._try
