"""What the attributes of values are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runctl.project.parameters.following import imports, library
from runctl.project.parameters.following.modules import Module
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

LARGEST = 1_000_000
_DATACLASSES = {
    "dataclasses.dataclass",
    "attr.s",
    "attr.define",
    "attrs.define",
    "attrs.frozen",
    "pydantic.dataclasses.dataclass",
    "flax.struct.dataclass",
    "chex.dataclass",
    "simple_parsing.helpers.dataclass",
}
_COMPUTED = {"builtins.property", "functools.cached_property"}
_PLAIN_TYPES = (str, bytes, list, tuple, dict, set)
_PURE: dict[type, frozenset[str]] = {
    str: frozenset(
        """capitalize casefold count encode endswith find format index isalnum isalpha isdigit isidentifier islower
        isnumeric isspace isupper join lower lstrip partition removeprefix removesuffix replace rfind rindex
        rpartition rsplit rstrip split splitlines startswith strip swapcase title upper zfill""".split()  # noqa: SIM905
    ),
    bytes: frozenset(["decode"]),
    list: frozenset(["copy", "count", "index"]),
    tuple: frozenset(["count", "index"]),
    set: frozenset(["union", "intersection", "difference", "copy", "issubset", "issuperset"]),
}


def of(interpreter: Interpreter, value: Any, name: str) -> Any:
    """What `value.name` is; Unknown where that can't be known."""
    if isinstance(value, Foreign):
        full = f"{value.name}.{name}"
        return library.CONSTANTS.get(full, Foreign(full))
    if isinstance(value, Modelled):
        return value.attribute(interpreter, name)
    if isinstance(value, Module):
        return imports.resolve(interpreter, imports.member(interpreter, value, name))
    if isinstance(value, imports.Package):
        return _in_package(interpreter, value, name)
    if isinstance(value, Instance):
        return _of_instance(interpreter, value, name)
    if isinstance(value, Member):
        return {"name": value.name, "value": value.value}.get(name, Unknown())
    if isinstance(value, Class):
        return _of_class(value, name)
    if isinstance(value, Function):
        return {"__name__": value.name, "__doc__": value.doc or None}.get(name, Unknown())
    if isinstance(value, _PLAIN_TYPES):
        return _of_plain(value, name)
    return Unknown()


def is_dataclass(kind: Class) -> bool:
    """Whether the class, or one that it derives from in the project, is a dataclass (attrs and the like too)."""
    return any(
        isinstance(item, Class) and any(_names_dataclass(decorator) for decorator in item.decorators)
        for item in kind.line()
    )


def _names_dataclass(decorator: Any) -> bool:
    if isinstance(decorator, Unknown):
        return decorator.made_by in _DATACLASSES
    return isinstance(decorator, Foreign) and decorator.name in _DATACLASSES


def member_of(kind: Class, arguments: Arguments) -> Any:
    """`Color("red")`: the member of that value."""
    value = arguments.get(0, "value", NOTHING)
    for name, own in kind.members().items():
        if known(value) and known(own) and own == value:
            return Member(kind, name, own)
    return Unknown()


def _in_package(interpreter: Interpreter, package: imports.Package, name: str) -> Any:
    full = f"{package.name}.{name}"
    module = interpreter.modules.find(full)
    if module is not None:
        interpreter.import_module(module)
        return module
    return imports.Package(full) if interpreter.modules.has_folder(full) else Foreign(full)


def _of_instance(interpreter: Interpreter, instance: Instance, name: str) -> Any:
    if name in instance.names:
        return instance.names[name]
    if name == "__class__":
        return instance.kind
    if name == "__dict__":
        return instance.names
    found = instance.kind.lookup(name)
    if isinstance(found, Function):
        return _bound(interpreter, found, instance)
    if found is not NOTHING:
        return found
    if instance.modelled is not None:
        return instance.modelled.attribute(interpreter, name)
    return Unknown()


def _bound(interpreter: Interpreter, function: Function, instance: Any) -> Any:
    kinds = {decorator.name for decorator in function.decorators if isinstance(decorator, Foreign)}
    if "builtins.staticmethod" in kinds:
        return function
    if "builtins.classmethod" in kinds:
        return function.bound(instance.kind)
    method = function.bound(instance)
    return interpreter.call(method, Arguments()) if kinds & _COMPUTED else method


def _of_class(kind: Class, name: str) -> Any:
    if name == "__name__":
        return kind.name
    if name == "__doc__":
        return kind.doc or None
    if kind.is_enum:
        members = kind.members()
        if name == "__members__":
            return {key: Member(kind, key, value) for key, value in members.items()}
        if name in members:
            return Member(kind, name, members[name])
    if name in ("__annotations__", "__dataclass_fields__"):
        return {field.name: field.annotation for field in kind.fields()}
    found = kind.lookup(name)
    if isinstance(found, Function):
        is_classmethod = Foreign("builtins.classmethod") in [d for d in found.decorators if isinstance(d, Foreign)]
        return found.bound(kind) if is_classmethod else found
    if found is NOTHING:
        bases = sorted(kind.foreign_bases())
        return Foreign(f"{bases[0]}.{name}") if len(bases) == 1 else Unknown()
    return found


def _of_plain(value: Any, name: str) -> Any:
    if name in _PURE.get(type(value), ()):
        return Method(_pure(getattr(value, name)))
    change = _CHANGES.get((type(value), name))
    return Method(lambda interpreter, arguments: change(interpreter, value, arguments)) if change else Unknown()


def _pure(method: Callable[..., Any]) -> Callable[[Interpreter, Arguments], Any]:
    def call(interpreter: Interpreter, arguments: Arguments) -> Any:
        values = [*arguments.positional, *arguments.keywords.values()]
        owner = getattr(method, "__self__", None)
        if not arguments.exact or not all(map(known, values)) or interpreter.doubtful(owner):
            return Unknown()
        if _may_be_large(owner, method.__name__, values):
            return Unknown()
        try:
            return method(*arguments.positional, **arguments.keywords)
        except Exception:
            # the script's own call would fail, or do something that is not known here
            return Unknown()

    return call


def _may_be_large(owner: Any, name: str, values: list[Any]) -> bool:
    """Whether the result could be so large that computing it would hold us up."""
    if any(isinstance(value, int) and abs(value) > LARGEST for value in values):
        return True
    if name == "format" and library.widens(owner):
        return True
    return library.size(owner) * max([1, *map(library.size, values)]) > LARGEST


def _append(interpreter: Interpreter, value: list[Any], arguments: Arguments) -> None:
    value.extend(arguments.positional)
    interpreter.changed(value)


def _extend(interpreter: Interpreter, value: list[Any], arguments: Arguments) -> None:
    items = library.items_of(interpreter, arguments.get(0, "iterable"))
    if items is None:
        interpreter.doubt(value)
    else:
        value.extend(items)
        interpreter.changed(value)


def _insert(interpreter: Interpreter, value: list[Any], arguments: Arguments) -> None:
    if len(arguments.positional) == 2 and isinstance(arguments.positional[0], int):
        value.insert(*arguments.positional)
        interpreter.changed(value)


def _other_change(interpreter: Interpreter, value: Any, arguments: Arguments) -> Any:
    interpreter.doubt(value)
    return Unknown()


def _add(interpreter: Interpreter, value: set[Any], arguments: Arguments) -> None:
    item = arguments.get(0, "element")
    if known(item) and library.hashable(item):
        value.add(item)
        interpreter.changed(value)
    else:
        interpreter.doubt(value)


def _get(interpreter: Interpreter, value: dict[Any, Any], arguments: Arguments) -> Any:
    key = arguments.get(0, "key")
    if not known(key) or not library.hashable(key) or interpreter.doubtful(value):
        return Unknown()
    return value.get(key, arguments.get(1, "default"))


def _pop(interpreter: Interpreter, value: dict[Any, Any], arguments: Arguments) -> Any:
    key = arguments.get(0, "key")
    if interpreter.uncertain or not known(key) or not library.hashable(key) or interpreter.doubtful(value):
        interpreter.doubt(value)
        return Unknown()
    return value.pop(key, arguments.get(1, "default"))


def _set_default(interpreter: Interpreter, value: dict[Any, Any], arguments: Arguments) -> Any:
    key = arguments.get(0, "key")
    if not known(key) or not library.hashable(key):
        interpreter.doubt(value)
        return Unknown()
    interpreter.changed(value)
    return value.setdefault(key, arguments.get(1, "default"))


def _update(interpreter: Interpreter, value: dict[Any, Any], arguments: Arguments) -> None:
    other = arguments.get(0, "other", {})
    if isinstance(other, dict) and arguments.exact and not interpreter.doubtful(other):
        value.update(other)
        value.update(arguments.keywords)
        interpreter.changed(value)
    else:
        interpreter.doubt(value)


def _view(read: Callable[[dict[Any, Any]], Any]) -> Callable[[Interpreter, dict[Any, Any], Arguments], Any]:
    def call(interpreter: Interpreter, value: dict[Any, Any], arguments: Arguments) -> Any:
        return Unknown() if interpreter.doubtful(value) else list(read(value))

    return call


_CHANGES: dict[tuple[type, str], Callable[..., Any]] = {
    (list, "append"): _append,
    (list, "extend"): _extend,
    (list, "insert"): _insert,
    (list, "pop"): _other_change,
    (list, "remove"): _other_change,
    (list, "sort"): lambda interpreter, value, arguments: None,
    (list, "reverse"): lambda interpreter, value, arguments: None,
    (list, "clear"): _other_change,
    (set, "add"): _add,
    (set, "update"): _other_change,
    (dict, "get"): _get,
    (dict, "pop"): _pop,
    (dict, "setdefault"): _set_default,
    (dict, "update"): _update,
    (dict, "items"): _view(dict.items),
    (dict, "keys"): _view(dict.keys),
    (dict, "values"): _view(dict.values),
    (dict, "copy"): lambda interpreter, value, arguments: Unknown() if interpreter.doubtful(value) else dict(value),
}
