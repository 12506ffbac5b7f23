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
from runctl.project.parameters.following import attributes, binding, calling, definitions, expressions, statements
from runctl.project.parameters.following.modules import Module, Modules, Scope
from runctl.project.parameters.following.values import Arguments, Function, Instance
from runctl.project.parameters.model import Interface

MOST_STEPS = 200_000
MOST_MODULES = 400
# imports are followed at once, as Python does, until so much was read; then only those whose names are used
EAGER_BYTES = 500_000


class _Found(Exception):
    """The script has parsed its command line."""


class GaveUp(Exception):
    """Following the script took too many steps."""


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
        self.uncertainty = 0
        # whether a loop may have been left, or a round of it cut short, on a condition that is not known
        self.may_have_left = False
        self._steps = 0
        self.frames: list[calling.Frame] = []
        self.called_back: set[int] = set()
        # containers by identity, kept alive so that it stays theirs
        self._doubtful: dict[int, Any] = {}
        self._changed: dict[int, Any] = {}
        self._may_register = False
        self._read_bytes = 0

    # what frameworks use

    @property
    def uncertain(self) -> bool:
        """Whether the code that is followed now may never be reached."""
        return self.uncertainty > 0

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
        return calling.call(self, value, arguments)

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
        frames, self.frames = self.frames, []
        uncertain, self.uncertainty = self.uncertainty, 0
        self.block(module.tree.body, module.scope)
        self.frames, self.uncertainty = frames, uncertain

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

    def block(self, body: Iterable[ast.stmt], scope: Scope) -> str | None:
        """Follows statements. Returns how they ended, None for at their end."""
        for statement in body:
            self.step()
            ended = statements.follow(self, statement, scope)
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
        if self.uncertainty:
            self._doubtful[id(container)] = container

    def doubt(self, container: Any) -> None:
        """A list, dict or set is changed in a way that can't be known."""
        self._doubtful[id(container)] = container

    def yields(self, value: Any) -> None:
        """The function that is followed yields `value`: calling it gives the list of all that it yields."""
        if self.frames:
            frame = self.frames[-1]
            frame.yielded = frame.yielded or []
            frame.yielded.append(value)
            self.changed(frame.yielded)

    @property
    def current_function(self) -> Function | None:
        """The function whose body is followed now; None at the top of a module."""
        return self.frames[-1].function if self.frames else None

    def step(self) -> None:
        """One step is taken. Raises GaveUp when there were too many."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise GaveUp

    def evaluate(self, node: ast.expr, scope: Scope) -> Any:
        """The value of an expression."""
        return expressions.evaluate(self, node, scope)

    # what the other modules here need of each other

    def bind(self, target: ast.expr, value: Any, scope: Scope) -> None:
        """Assigns to a name, an attribute, an item, or several of them."""
        binding.bind(self, target, value, scope)

    def set_attribute(self, owner: Any, name: str, value: Any) -> None:
        """`owner.name = value`."""
        binding.set_attribute(self, owner, name, value)

    def function(self, node: Any, scope: Scope, name: str) -> Function:
        """The function that a definition or a lambda makes."""
        return definitions.make_function(self, node, scope, name)

    def initialise_library_base(self, made: Instance, arguments: Arguments) -> bool:
        """Makes what a modelled library class gives to its subclass's object. Whether there is such a class."""
        return calling.initialise_library_base(self, made, arguments)
