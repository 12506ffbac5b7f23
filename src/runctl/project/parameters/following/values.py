"""What the interpreter computes with.

Text, numbers, truth values, None, lists, tuples, sets and dicts stand for themselves. Everything that would take
running the script, or a library, to know is `Unknown`; a name from a library is `Foreign`; functions and classes of
the project are kept as syntax, and interpreted when they are called.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter


MOST_PARTS = 100_000


class Unknown:
    """A value that is not known; `node` is the expression that it came from, or its text, `made_by` the full name
    of the library's function that gives it."""

    def __init__(self, node: ast.expr | str | None = None, made_by: str = "") -> None:
        self.node = node
        self.made_by = made_by

    def __repr__(self) -> str:
        return f"Unknown({self.text!r})"

    @property
    def text(self) -> str:
        """Its source, for people; "" when there is none."""
        return ast.unparse(self.node) if isinstance(self.node, ast.expr) else self.node or ""


class Foreign(NamedTuple):
    """Something of a library, by its full name: `builtins.int`, `argparse.ArgumentParser`, `torch.nn.Module`."""

    name: str


class Generic(NamedTuple):
    """A type with arguments: `Optional[int]` is Generic(Foreign("typing.Optional"), (Foreign("builtins.int"),)).

    `int | None` is Generic(Foreign("typing.Union"), (…)). The arguments of Literal are plain values.
    """

    origin: Any
    arguments: tuple[Any, ...]


class Arguments(NamedTuple):
    """What a call passes. `exact` is false when *args or **kwargs of unknown content were among it."""

    positional: tuple[Any, ...] = ()
    keywords: dict[str, Any] = {}  # noqa: RUF012 - never changed
    exact: bool = True

    def get(self, index: int, name: str, default: Any = None) -> Any:
        """The argument at `index`, or of that name."""
        if index < len(self.positional):
            return self.positional[index]
        return self.keywords.get(name, default)


class Field(NamedTuple):
    """An annotated name in a class body, in order: `lr: float = 0.1  # step size`.

    `annotation` is an evaluated type (None when there is none); `default` is NOTHING where there is none. `help`
    is the docstring below it, or the comment on its line or the lines right above it, as simple-parsing and tyro
    read them.
    """

    name: str
    annotation: Any
    default: Any
    help: str = ""


class _Nothing:
    def __repr__(self) -> str:
        return "NOTHING"


NOTHING = _Nothing()


class Argument(NamedTuple):
    """A parameter of a project's function, as its definition has it; `kind` is one of
    `positional` (before /), `either`, `keyword` (after *), `*`, `**`."""

    name: str
    kind: str
    annotation: Any
    default: Any


class Function:
    """A function of the project. `decorators` are evaluated values, outermost first; `self_value` is what it is
    bound to, NOTHING if not bound."""

    def __init__(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: Any, name: str) -> None:
        self.node = node
        self.scope = scope
        self.name = name
        self.defaults: list[Argument] = []
        self.decorators: list[Any] = []
        self.self_value: Any = NOTHING
        self.owner: Class | None = None

    @property
    def doc(self) -> str:
        """Its docstring, "" when there is none."""
        return "" if isinstance(self.node, ast.Lambda) else ast.get_docstring(self.node) or ""

    @property
    def arguments(self) -> list[Argument]:
        """Its parameters without the one it is bound to."""
        return self.defaults[1:] if self.self_value is not NOTHING else self.defaults

    def bound(self, value: Any) -> Function:
        """The same function as a method of `value`."""
        method = Function(self.node, self.scope, self.name)
        method.defaults, method.decorators = self.defaults, self.decorators
        method.owner, method.self_value = self.owner, value
        return method


class Class:
    """A class of the project. `bases` and `decorators` are evaluated; `names` are its attributes and methods."""

    def __init__(self, name: str, node: ast.ClassDef, bases: list[Any]) -> None:
        self.name = name
        self.node = node
        self.bases = bases
        self.decorators: list[Any] = []
        self.keywords: dict[str, Any] = {}
        self.names: dict[str, Any] = {}
        self.own_fields: list[Field] = []

    @property
    def doc(self) -> str:
        """Its docstring, "" when there is none."""
        return ast.get_docstring(self.node) or ""

    def line(self) -> list[Any]:
        """This class and its bases, nearest first; library classes as Foreign."""
        found: list[Any] = [self]
        for base in self.bases:
            for item in base.line() if isinstance(base, Class) else [base]:
                if not any(item is known or item == known for known in found):
                    found.append(item)
        return found

    def foreign_bases(self) -> set[str]:
        """The full names of the library classes that it derives from, directly or not."""
        return {base.name for base in self.line() if isinstance(base, Foreign)}

    def lookup(self, name: str) -> Any:
        """An attribute of it or its bases in the project; NOTHING when there is none."""
        for item in self.line():
            if isinstance(item, Class) and name in item.names:
                return item.names[name]
        return NOTHING

    def fields(self) -> list[Field]:
        """The annotated names of it and its bases, in the order a dataclass has them (bases first)."""
        found: dict[str, Field] = {}
        for item in reversed(self.line()):
            if isinstance(item, Class):
                found.update({field.name: field for field in item.own_fields})
        return list(found.values())

    @property
    def is_enum(self) -> bool:
        """Whether it is an Enum."""
        return any(name.startswith("enum.") for name in self.foreign_bases())

    def members(self) -> dict[str, Any]:
        """The members of an Enum: names and values."""
        return {
            name: value
            for name, value in self.names.items()
            if not name.startswith("_") and not isinstance(value, (Function, Class))
        }


class Member(NamedTuple):
    """A member of an Enum of the project."""

    kind: Class
    name: str
    value: Any


class Instance:
    """An object of a project's class."""

    def __init__(self, kind: Class) -> None:
        self.kind = kind
        self.names: dict[str, Any] = {}
        # what a library's base class makes of it: an ArgumentParser, when the class derives from that
        self.modelled: Modelled | None = None


class Modelled:
    """Base of what a framework's objects are to the interpreter (an ArgumentParser, a Typer app). `truth` is whether
    it counts as true, None where that is known when the script runs."""

    truth: bool | None = True

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        """The value of `self.name`; methods are best given as `Method`. Unknown by default."""
        return Unknown()

    def call(self, interpreter: Interpreter, arguments: Arguments) -> Any:
        """What calling the object gives."""
        return Unknown()

    def set_attribute(self, name: str, value: Any) -> None:
        """`self.name = value` in the script."""

    def belongs_to(self, interpreter: Interpreter, instance: Instance) -> None:
        """The object is what a library's class gives to `instance`, whose class derives from that."""

    def passed_to_library(self) -> None:
        """The object is used in a way that is not followed: given to a library's function, which may do anything with
        it (add options, say), or iterated over."""


class Method(Modelled):
    """A method of a modelled object, or any function that is written here: called with the interpreter and the
    arguments."""

    def __init__(self, function: Callable[[Interpreter, Arguments], Any]) -> None:
        self.function = function

    def call(self, interpreter: Interpreter, arguments: Arguments) -> Any:
        return self.function(interpreter, arguments)


def known(value: Any) -> bool:
    """Whether a value is wholly made of Python's literals, and not so large that working with it would take long."""
    waiting = [value]
    for _ in range(MOST_PARTS):
        if not waiting:
            return True
        part = waiting.pop()
        if type(part) in (list, tuple, set, frozenset):
            waiting.extend(part)
        elif type(part) is dict:
            waiting.extend(part)
            waiting.extend(part.values())
        elif not (part is None or isinstance(part, (str, bytes, int, float, complex))):
            return False
    return False


def source_of(value: Any) -> str:
    """A value that is not known, as its script writes it, as far as that can be told."""
    if isinstance(value, Unknown):
        return value.text
    if isinstance(value, Foreign):
        return value.name.removeprefix("builtins.")
    if isinstance(value, Member):
        return f"{value.kind.name}.{value.name}"
    if isinstance(value, Generic):
        arguments = ", ".join(repr(part) if known(part) else source_of(part) for part in value.arguments)
        return f"{source_of(value.origin)}[{arguments}]"
    return value.name if isinstance(value, (Function, Class)) else ""
