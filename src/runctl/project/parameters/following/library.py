"""What builtins and a few functions of the standard library give, computed here: none of them has an effect."""

from __future__ import annotations

import builtins
import itertools
import math
import os
import re
import string
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runctl.project.parameters.following.modules import Scope
from runctl.project.parameters.following.values import (
    NOTHING,
    Arguments,
    Class,
    Foreign,
    Function,
    Instance,
    Member,
    Method,
    Modelled,
    Unknown,
    known,
)

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

BUILTIN_NAMES = frozenset(dir(builtins))
MOST_ITEMS = 100_000


class _Exit:
    """What a call gives that never returns."""


EXIT = _Exit()


class Super(Modelled):
    """`super()`: the attributes of an object as the classes above `owner` have them."""

    def __init__(self, owner: Class, instance: Any) -> None:
        self.owner = owner
        self.instance = instance

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        kind = self.instance.kind if isinstance(self.instance, Instance) else self.owner
        line = kind.line()
        above = line[line.index(self.owner) + 1 :] if self.owner in line else self.owner.line()[1:]
        for item in above:
            if isinstance(item, Class) and name in item.names:
                found = item.names[name]
                return found.bound(self.instance) if isinstance(found, Function) else found
        if not isinstance(self.instance, Instance):
            return Unknown()
        made = self.instance
        if name == "__init__":
            return Method(lambda interpreter, arguments: interpreter.initialise_library_base(made, arguments) and None)
        return made.modelled.attribute(interpreter, name) if made.modelled else Unknown()


def of_frame(interpreter: Interpreter, name: str, scope: Scope) -> Any:
    """What `super`, `globals`, `locals` or `vars` give where they are called; None where that is not known."""
    if name == "globals":
        return scope.module.scope.names
    if name in ("locals", "vars"):
        return scope.names
    function = interpreter.current_function
    if function is None or function.owner is None or not function.defaults:
        return None
    place: Scope | None = scope
    while place is not None:
        if function.defaults[0].name in place.names:
            return Super(function.owner, place.names[function.defaults[0].name])
        place = place.parent
    return None


def truth(interpreter: Interpreter, value: Any) -> bool | None:
    """Whether a value counts as true; None when that is not known."""
    if isinstance(value, (list, dict, set)) and interpreter.doubtful(value):
        return None
    if type(value) in (list, tuple, dict, set):
        return bool(value)
    if known(value):
        return bool(value)
    if isinstance(value, Modelled):
        return value.truth
    return True if isinstance(value, (Function, Class, Member)) else None


def items_of(interpreter: Interpreter, value: Any) -> list[Any] | None:
    """What iterating over a value gives; None when that is not known."""
    if type(value) in (list, tuple, str, set, dict) and len(value) <= MOST_ITEMS:
        return None if interpreter.doubtful(value) else list(value)
    if isinstance(value, Class) and value.is_enum:
        return [Member(value, name, member) for name, member in value.members().items()]
    if isinstance(value, Modelled):
        value.passed_to_library()
    return None


def as_list(value: Any) -> list[Any]:
    """The items of a tuple, or the value alone."""
    return list(value) if type(value) is tuple else [value]


def size(value: Any) -> int:
    """How much there is of a text or a container; 0 of anything else."""
    return len(value) if isinstance(value, (str, bytes, list, tuple, dict, set)) else 0


def widens(template: str | bytes) -> bool:
    """Whether a format may make a text of any length: it names a width of more than four digits."""
    text = template.decode("latin-1") if isinstance(template, bytes) else template
    return re.search(r"\d{5}|\*", text) is not None


def hashable(value: Any) -> bool:
    """Whether a value can be the key of a dict."""
    try:
        hash(value)
    except TypeError:
        return False
    return True


def enum_by_name(kind: Class, name: Any) -> Any:
    """`Color["RED"]`."""
    members = kind.members()
    return Member(kind, name, members[name]) if isinstance(name, str) and name in members else Unknown()


def builtin(interpreter: Interpreter, name: str, arguments: Arguments) -> Any:
    """What calling the builtin of that name gives."""
    if name in ("exit", "quit"):
        return EXIT
    structural = _STRUCTURAL.get(name)
    if structural is not None:
        return structural(interpreter, arguments) if arguments.exact else Unknown()
    compute = _PURE.get(name)
    values = [*arguments.positional, *arguments.keywords.values()]
    if compute is None or not arguments.exact or not all(map(known, values)):
        return Unknown()
    if any(interpreter.doubtful(value) for value in values):
        return Unknown()
    try:
        return compute(*arguments.positional, **arguments.keywords)
    except Exception:
        # the script's own call would fail there
        return Unknown()


def _range(interpreter: Interpreter, arguments: Arguments) -> Any:
    if not arguments.positional or not all(type(value) is int for value in arguments.positional):
        return Unknown()
    try:
        numbers = range(*arguments.positional)
    except (TypeError, ValueError):
        return Unknown()
    return list(numbers) if len(numbers) <= MOST_ITEMS else Unknown()


def _listed(make: Callable[[list[Any]], Any]) -> Callable[[Interpreter, Arguments], Any]:
    def call(interpreter: Interpreter, arguments: Arguments) -> Any:
        items = items_of(interpreter, arguments.get(0, "iterable", ()))
        return Unknown() if items is None else make(items)

    return call


def _sorted(interpreter: Interpreter, arguments: Arguments) -> Any:
    items = items_of(interpreter, arguments.get(0, "iterable"))
    if items is None:
        return Unknown()
    if "key" not in arguments.keywords and known(items):
        try:
            return sorted(items, reverse=bool(arguments.keywords.get("reverse", False)))
        except TypeError:
            return Unknown()
    return items


def _enumerate(interpreter: Interpreter, arguments: Arguments) -> Any:
    items, start = items_of(interpreter, arguments.get(0, "iterable")), arguments.get(1, "start", 0)
    return Unknown() if items is None or not isinstance(start, int) else list(enumerate(items, start))


def _zip(interpreter: Interpreter, arguments: Arguments) -> Any:
    lists = [items_of(interpreter, value) for value in arguments.positional]
    whole = [items for items in lists if items is not None]
    return list(zip(*whole, strict=False)) if len(whole) == len(lists) else Unknown()


def _dict(interpreter: Interpreter, arguments: Arguments) -> Any:
    made: dict[Any, Any] = {}
    for value in arguments.positional:
        if isinstance(value, dict) and not interpreter.doubtful(value):
            made.update(value)
            continue
        pairs = items_of(interpreter, value)
        if pairs is None or not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in pairs):
            return Unknown()
        made.update((pair[0], pair[1]) for pair in pairs if hashable(pair[0]))
    return {**made, **arguments.keywords}


def _map(interpreter: Interpreter, arguments: Arguments) -> Any:
    items = items_of(interpreter, arguments.get(1, "iterable"))
    if items is None or len(arguments.positional) != 2:
        return Unknown()
    return [interpreter.call(arguments.positional[0], Arguments((item,))) for item in items]


def _filter(interpreter: Interpreter, arguments: Arguments) -> Any:
    items = items_of(interpreter, arguments.get(1, "iterable"))
    if items is None or len(arguments.positional) != 2:
        return Unknown()
    test = arguments.positional[0]
    results = [item if test is None else interpreter.call(test, Arguments((item,))) for item in items]
    truths = [truth(interpreter, result) for result in results]
    if None in truths:
        return Unknown()
    return [item for item, kept in zip(items, truths, strict=True) if kept]


def _len(interpreter: Interpreter, arguments: Arguments) -> Any:
    value = arguments.get(0, "obj")
    items = None if isinstance(value, Modelled) else items_of(interpreter, value)
    return Unknown() if items is None else len(items)


def _is_instance(interpreter: Interpreter, arguments: Arguments) -> Any:
    value, kinds = arguments.get(0, "obj"), as_list(arguments.get(1, "kind"))
    if isinstance(value, Instance) and all(isinstance(kind, Class) for kind in kinds):
        return any(kind in value.kind.line() for kind in kinds)
    names = [kind.name[9:] if isinstance(kind, Foreign) and kind.name.startswith("builtins.") else "" for kind in kinds]
    if known(value) and all(names):
        types = [getattr(builtins, name) for name in names]
        return any(isinstance(kind, type) and isinstance(value, kind) for kind in types)
    return Unknown()


def _has_attribute(interpreter: Interpreter, arguments: Arguments) -> Any:
    value, name = arguments.get(0, "obj"), arguments.get(1, "name")
    if isinstance(value, Instance) and value.modelled is None and not value.kind.foreign_bases():
        return name in value.names or value.kind.lookup(name) is not NOTHING
    return Unknown()


def _get_attribute(interpreter: Interpreter, arguments: Arguments) -> Any:
    name = arguments.get(1, "name")
    return interpreter.attribute(arguments.get(0, "obj"), name) if isinstance(name, str) else Unknown()


def _set_attribute(interpreter: Interpreter, arguments: Arguments) -> Any:
    if len(arguments.positional) == 3 and isinstance(arguments.positional[1], str):
        interpreter.set_attribute(*arguments.positional)


def _type(interpreter: Interpreter, arguments: Arguments) -> Any:
    value = arguments.get(0, "object")
    if isinstance(value, (Instance, Member)):
        return value.kind
    return Foreign(f"builtins.{type(value).__name__}") if known(value) else Unknown()


def _string(interpreter: Interpreter, arguments: Arguments) -> Any:
    value = arguments.get(0, "object", "")
    if isinstance(value, Member) and any(name.endswith("StrEnum") for name in value.kind.foreign_bases()):
        return value.value
    return str(value) if known(value) and not interpreter.doubtful(value) else Unknown()


def _partial(interpreter: Interpreter, arguments: Arguments) -> Any:
    if not arguments.positional:
        return Unknown()
    function, *first = arguments.positional
    return Method(
        lambda interpreter, later: interpreter.call(
            function,
            Arguments((*first, *later.positional), {**arguments.keywords, **later.keywords}, later.exact),
        )
    )


def _import_module(interpreter: Interpreter, arguments: Arguments) -> Any:
    from runctl.project.parameters.following.imports import module_named

    name = arguments.get(0, "name")
    if isinstance(name, str) and name.strip(".") == name:
        return module_named(interpreter, name)
    interpreter.unknown_import()
    return Unknown()


def _chain(interpreter: Interpreter, arguments: Arguments) -> Any:
    lists = [items_of(interpreter, value) for value in arguments.positional]
    whole = [items for items in lists if items is not None]
    return list(itertools.chain(*whole)) if len(whole) == len(lists) else Unknown()


def _product(interpreter: Interpreter, arguments: Arguments) -> Any:
    lists = [items_of(interpreter, value) for value in arguments.positional]
    whole = [items for items in lists if items is not None]
    if len(whole) < len(lists) or arguments.keywords or math.prod(map(len, whole)) > MOST_ITEMS:
        return Unknown()
    return list(itertools.product(*whole))


def _in_project(ask: Callable[[str], Any]) -> Callable[[Interpreter, Arguments], Any]:
    """A question about files, answered for those of the project: a plug-in's modules are often found by listing."""

    def call(interpreter: Interpreter, arguments: Arguments) -> Any:
        path = arguments.get(0, "path")
        if not isinstance(path, str) or interpreter.root not in Path(path).parents:
            return Unknown()
        try:
            return ask(path)
        except (OSError, ValueError):
            return Unknown()

    return call


def _on_texts(compute: Callable[..., Any]) -> Callable[[Interpreter, Arguments], Any]:
    def call(interpreter: Interpreter, arguments: Arguments) -> Any:
        if arguments.keywords or not arguments.exact or not all(isinstance(v, str) for v in arguments.positional):
            return Unknown()
        try:
            return compute(*arguments.positional)
        except TypeError:
            return Unknown()

    return call


def _same_thing(interpreter: Interpreter, arguments: Arguments) -> Any:
    return arguments.get(0, "x", Unknown())


def _exits(interpreter: Interpreter, arguments: Arguments) -> Any:
    return EXIT


FUNCTIONS: dict[str, Callable[[Interpreter, Arguments], Any]] = {
    "sys.exit": _exits,
    "os._exit": _exits,
    "functools.partial": _partial,
    "importlib.import_module": _import_module,
    "itertools.chain": _chain,
    "itertools.product": _product,
    # these are given a parser, and leave it as it is
    "argcomplete.autocomplete": lambda interpreter, arguments: None,
    "collections.OrderedDict": _dict,
    "copy.copy": _same_thing,
    "copy.deepcopy": _same_thing,
    "typing.cast": lambda interpreter, arguments: arguments.get(1, "val"),
    "os.listdir": _in_project(lambda path: sorted(os.listdir(path))),
    "os.path.exists": _in_project(os.path.exists),
    "os.path.isdir": _in_project(os.path.isdir),
    "os.path.isfile": _in_project(os.path.isfile),
    "os.path.abspath": _on_texts(lambda path: path if path.startswith("/") else Unknown()),
    "os.path.join": _on_texts(os.path.join),
    "os.path.basename": _on_texts(os.path.basename),
    "os.path.dirname": _on_texts(os.path.dirname),
    "os.path.splitext": _on_texts(os.path.splitext),
}
CONSTANTS: dict[str, Any] = {
    "math.inf": math.inf,
    "math.pi": math.pi,
    "math.e": math.e,
    **{f"string.{name}": getattr(string, name) for name in string.__all__ if isinstance(getattr(string, name), str)},
}
_STRUCTURAL: dict[str, Callable[[Interpreter, Arguments], Any]] = {
    "range": _range,
    "list": _listed(list),
    "tuple": _listed(tuple),
    "set": _listed(lambda items: set(items) if known(items) and all(map(hashable, items)) else items),
    "frozenset": _listed(lambda items: set(items) if known(items) and all(map(hashable, items)) else items),
    "reversed": _listed(lambda items: items[::-1]),
    "sorted": _sorted,
    "enumerate": _enumerate,
    "zip": _zip,
    "dict": _dict,
    "map": _map,
    "filter": _filter,
    "len": _len,
    "isinstance": _is_instance,
    "hasattr": _has_attribute,
    "getattr": _get_attribute,
    "setattr": _set_attribute,
    "type": _type,
    "str": _string,
    "print": lambda interpreter, arguments: None,
}
_PURE: dict[str, Callable[..., Any]] = {
    name: getattr(builtins, name)
    for name in "abs any all ascii bool chr float hex int max min ord repr round sum".split()  # noqa: SIM905
}
