"""The flags that a script's modules have defined so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from runctl.project.parameters.following.values import Modelled, Unknown
from runctl.project.parameters.model import Parameter

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter


class Defined:
    """The flags that a script's modules have defined so far."""

    def __init__(self) -> None:
        self.flags: dict[str, Parameter] = {}
        self.notes: list[str] = []
        self.required: set[str] = set()
        self.exclusive: list[str] = []

    def add(self, interpreter: Interpreter, flag: Parameter) -> None:
        """Defines a flag, or the same one again."""
        self.flags[flag.name] = flag._replace(maybe=interpreter.uncertain and flag.name not in self.flags)


class Holder(Modelled):
    """What a DEFINE_ function gives."""

    def __init__(self, defined: Defined, name: str) -> None:
        self.defined = defined
        self.name = name

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        if name == "name":
            return self.name
        return self.defined.flags[self.name].default if name == "default" else Unknown()


_DEFINED: WeakKeyDictionary[Interpreter, Defined] = WeakKeyDictionary()


def defined_in(interpreter: Interpreter) -> Defined:
    """The flags defined by the script that is followed."""
    return _DEFINED.setdefault(interpreter, Defined())
