"""Dataclasses as every parser that is built on them reads them: their fields, in order, with defaults and metadata."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from runctl.project.parameters.following.hint_classes import kind_of_class
from runctl.project.parameters.following.hints import Hint, hint
from runctl.project.parameters.following.values import (
    NOTHING,
    Arguments,
    Class,
    Field,
    Foreign,
    Generic,
    Instance,
    Member,
    Method,
    Modelled,
    Unknown,
    known,
)
from runctl.project.parameters.model import Unread, ValueType

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

# bases that add no fields
_WITHOUT_FIELDS = ("builtins.", "abc.", "typing.", "typing_extensions.", "collections.", "enum.", "dataclasses.")
_SERIALIZABLE = ("Serializable", "FrozenSerializable", "SimpleSerializable", "JsonSerializable", "YamlSerializable")


class FieldSpec(Modelled):
    """What `dataclasses.field(…)` gives, and the functions of libraries that call it. `extra` is what a library's
    own function was told besides."""

    def __init__(self, default: Any, factory: Any, metadata: dict[Any, Any], init: Any, extra: dict[str, Any]) -> None:
        self.default = default
        self.factory = factory
        self.metadata = metadata
        self.init = init
        self.extra = extra


class DataField(NamedTuple):
    """One field of a dataclass. `default` is NOTHING where it must be given. `true_default` says whether it stands in
    `default=`, not in a factory. `inner` is false for one that `__init__` has but the object has not (InitVar)."""

    name: str
    hint: Hint
    default: Any
    help: str
    metadata: dict[Any, Any]
    extra: dict[str, Any]
    true_default: bool = True
    inner: bool = True

    @property
    def required(self) -> bool:
        """Whether it has no default."""
        return self.default is NOTHING


def fields_of(interpreter: Interpreter, kind: Class, given: Any = None) -> list[DataField]:
    """The fields that `kind` takes when it is made, in the order of its definition, bases first.

    `given` is an object of it (or a dict) from which the defaults are taken; None: those of the class.
    """
    fields = []
    for field in _declared(kind):
        read = _read(interpreter, field)
        if read is not None:
            fields.append(read if given is None else _with_default_of(interpreter, read, given))
    return fields


def library_bases(kind: Class) -> list[str]:
    """The classes of libraries that it derives from and that may have fields of their own."""
    return [
        name
        for name in sorted(kind.foreign_bases())
        if not name.startswith(_WITHOUT_FIELDS) and name.rpartition(".")[2] not in _SERIALIZABLE
    ]


def as_default(value: Any) -> Any:
    """A value as a Parameter's default: Python's literals, else Unread. Members of an Enum are given by value."""
    if value is NOTHING:
        return None
    if isinstance(value, Member):
        return as_default(value.value)
    if type(value) in (list, tuple):
        values = [as_default(item) for item in value]
        return Unread() if any(isinstance(item, Unread) for item in values) else type(value)(values)
    if known(value):
        return value
    return Unread(value.text if isinstance(value, Unknown) else "")


def attribute_of(interpreter: Interpreter, value: Any, name: str) -> Any:
    """A field's value in an object, as its class has it where the object was made without it."""
    if isinstance(value, dict):
        return value.get(name, NOTHING)
    if not isinstance(value, Instance):
        return Unknown()
    if name in value.names:
        return value.names[name]
    found = next((field for field in _declared(value.kind) if field.name == name), None)
    read = _read(interpreter, found) if found else None
    return read.default if read else Unknown()


def spec(arguments: Arguments, extra: dict[str, Any] | None = None) -> FieldSpec:
    """The field that `dataclasses.field` makes of these keywords."""
    words = arguments.keywords
    metadata = words.get("metadata")
    return FieldSpec(
        default=words.get("default", NOTHING if arguments.exact else Unknown()),
        factory=words.get("default_factory", NOTHING),
        metadata=dict(metadata) if isinstance(metadata, dict) else {},
        init=words.get("init", True),
        extra=extra or {},
    )


def one_of(name: str, texts: tuple[str, ...]) -> ValueType:
    """A value that is one of these words, letter by letter."""

    def spell(text: str) -> str:
        if text not in texts:
            raise ValueError(f"one of {', '.join(texts)}")
        return text

    return ValueType(name, spell)


def no_default(value: Any) -> Any:
    """`value`, NOTHING for `dataclasses.MISSING`."""
    return NOTHING if isinstance(value, Foreign) and value.name.rpartition(".")[2] == "MISSING" else value


def _declared(kind: Class) -> list[Field]:
    """The annotated names of the dataclasses among it and its bases; what a mixin annotates is no field."""
    found: dict[str, Field] = {}
    for item in reversed(kind.line()):
        if isinstance(item, Class) and _makes_fields(item):
            found.update({field.name: field for field in item.own_fields})
    return list(found.values())


def _makes_fields(kind: Class) -> bool:
    alone = Class(kind.name, kind.node, [base for base in kind.bases if isinstance(base, Foreign)])
    alone.decorators = kind.decorators
    return kind_of_class(alone) != "class"


def _read(interpreter: Interpreter, field: Field) -> DataField | None:
    annotation = field.annotation
    if hint(annotation).kind == "classvar" or annotation == Foreign("dataclasses.KW_ONLY"):
        return None
    inner = not (isinstance(annotation, Generic) and annotation.origin == Foreign("dataclasses.InitVar"))
    if not isinstance(field.default, FieldSpec):
        default = no_default(field.default)
        return DataField(field.name, _hint(annotation, default), default, field.help, {}, {}, True, inner)
    made = field.default
    if made.init is False:
        return None
    default, factory = no_default(made.default), no_default(made.factory)
    from_factory = default is NOTHING and factory is not NOTHING
    if from_factory:
        default = interpreter.call(factory, Arguments())
    found = _hint(annotation, default)
    return DataField(field.name, found, default, field.help, made.metadata, made.extra, not from_factory, inner)


def _hint(annotation: Any, default: Any) -> Hint:
    """The type of a field: that of its default where the annotation names a class that is defined further below."""
    found = hint(annotation)
    return hint(default.kind) if found.kind == "unknown" and isinstance(default, Instance) else found


def _with_default_of(interpreter: Interpreter, field: DataField, given: Any) -> DataField:
    if isinstance(given, Unknown) or not isinstance(given, (dict, Instance)):
        return field._replace(default=Unknown())
    if isinstance(given, Instance) and field.name not in given.names:
        return field
    value = attribute_of(interpreter, given, field.name)
    return field if value is NOTHING else field._replace(default=value, true_default=True)


# dataclasses' own functions


def _field(interpreter: Interpreter, arguments: Arguments) -> FieldSpec:
    return spec(arguments)


class _FieldObject(Modelled):
    """An item of `dataclasses.fields(Config)`: scripts make options of them in a loop."""

    def __init__(self, field: DataField) -> None:
        self.field = field

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        if name == "default":
            missing = self.field.required or not self.field.true_default
            return Foreign("dataclasses.MISSING") if missing else self.field.default
        if name == "type":
            return self.field.hint.annotation
        return {"name": self.field.name, "metadata": self.field.metadata, "init": True}.get(name, Unknown())


def _fields(interpreter: Interpreter, arguments: Arguments) -> Any:
    given = arguments.get(0, "class_or_instance")
    kind = given.kind if isinstance(given, Instance) else given
    if not isinstance(kind, Class) or library_bases(kind):
        return Unknown()
    return [_FieldObject(field) for field in fields_of(interpreter, kind) if field.inner]


def _replace(interpreter: Interpreter, arguments: Arguments) -> Any:
    given = arguments.get(0, "obj")
    if not isinstance(given, Instance) or not arguments.exact:
        return Unknown()
    made = Instance(given.kind)
    made.names = {**given.names, **arguments.keywords}
    return made


def _as_dict(interpreter: Interpreter, arguments: Arguments) -> Any:
    given = arguments.get(0, "obj")
    return _plain(interpreter, given) if isinstance(given, Instance) else Unknown()


def _plain(interpreter: Interpreter, value: Any) -> Any:
    if not isinstance(value, Instance):
        return value
    fields = [field for field in fields_of(interpreter, value.kind, value) if field.inner]
    return {field.name: Unknown() if field.required else _plain(interpreter, field.default) for field in fields}


def _is_dataclass(interpreter: Interpreter, arguments: Arguments) -> Any:
    given = arguments.get(0, "obj")
    kind = given.kind if isinstance(given, Instance) else given
    return kind_of_class(kind) == "dataclass" if isinstance(kind, Class) else Unknown()


def decorator(interpreter: Interpreter, arguments: Arguments) -> Any:
    """A decorator that leaves what it decorates as it is, with or without a call."""
    if arguments.positional:
        return arguments.positional[0]
    return Method(lambda interpreter, given: given.get(0, "thing"))


FOREIGN: dict[str, Callable[[Interpreter, Arguments], Any]] = {
    "dataclasses.field": _field,
    "dataclasses.fields": _fields,
    "dataclasses.replace": _replace,
    "dataclasses.asdict": _as_dict,
    "dataclasses.is_dataclass": _is_dataclass,
}
