"""What an annotation means: `Optional[List[int]]` and `list[int] | None` are one and the same."""

from __future__ import annotations

from typing import Any, NamedTuple

from runctl.project.parameters.following.hint_classes import kind_of_class
from runctl.project.parameters.following.values import NOTHING, Class, Foreign, Generic, Unknown

_TYPING = ("typing.", "typing_extensions.", "collections.abc.", "collections.", "builtins.", "types.")
_SCALARS = {
    "builtins.int": "int",
    "builtins.float": "float",
    "builtins.str": "str",
    "typing.Text": "str",
    "typing.AnyStr": "str",
    "builtins.bool": "bool",
    "builtins.bytes": "bytes",
    "builtins.complex": "complex",
    "builtins.object": "any",
    "typing.Any": "any",
    "typing_extensions.Any": "any",
    "types.NoneType": "none",
    "pathlib.Path": "path",
    "pathlib.PosixPath": "path",
    "pathlib.PurePath": "path",
    "pathlib.PurePosixPath": "path",
    "os.PathLike": "path",
    "datetime.datetime": "datetime",
    "datetime.date": "date",
    "datetime.time": "time",
    "datetime.timedelta": "timedelta",
    "decimal.Decimal": "decimal",
    "uuid.UUID": "uuid",
}
_LISTS = ("list", "List", "Sequence", "MutableSequence", "Iterable", "Iterator", "Collection", "deque", "Deque")
_SETS = ("set", "Set", "AbstractSet", "MutableSet", "frozenset", "FrozenSet")
_DICTS = ("dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "DefaultDict", "defaultdict")
_WRAPPERS = ("Final", "Required", "NotRequired", "ReadOnly", "InitVar")
_CONTAINERS = {
    **dict.fromkeys(_LISTS, "list"),
    **dict.fromkeys(_SETS, "set"),
    **dict.fromkeys(_DICTS, "dict"),
    "tuple": "tuple",
    "Tuple": "tuple",
    "Callable": "callable",
    "type": "type",
    "Type": "type",
    "ClassVar": "classvar",
}


class Hint(NamedTuple):
    """What an annotation means.

    `kind` is one of int, float, str, bool, bytes, complex, path, none, any, datetime, date, time, timedelta,
    decimal, uuid; literal, enum; list (and Sequence, Iterable, deque …), set, tuple, dict; dataclass (and attrs),
    pydantic, namedtuple, typeddict, class (any other of the project); union; callable, type, classvar;
    foreign (another class of a library) or unknown.

    `items` are the hints of what a container holds: one for list and set, two for dict, one each for tuple, where
    `endless` says that it is `tuple[X, ...]`, of any length. `optional` says that None is allowed besides. `choices`
    are the values of a Literal or the members of an Enum, `names` the names of the latter, in the same order.
    `members` are those of a union of several, None left out. `metadata` is what Annotated adds. `cls` is the class of
    the project, or of a library, that was named. `annotation` is what all of this was read from.
    """

    kind: str
    items: tuple[Hint, ...] = ()
    endless: bool = False
    optional: bool = False
    choices: tuple[Any, ...] = ()
    names: tuple[str, ...] = ()
    members: tuple[Hint, ...] = ()
    metadata: tuple[Any, ...] = ()
    cls: Class | Foreign | None = None
    annotation: Any = None

    @property
    def item(self) -> Hint:
        """What a container holds, when it is one type; `any` where nothing is said."""
        return self.items[0] if self.items else Hint("any")


def hint(annotation: Any) -> Hint:
    """What an evaluated annotation means; `any` for None, which stands for no annotation."""
    return _hint(annotation)._replace(annotation=annotation)


def _hint(annotation: Any) -> Hint:
    if annotation is None:
        return Hint("any")
    if isinstance(annotation, Foreign):
        return _named(annotation)
    if isinstance(annotation, Generic):
        return _with_arguments(annotation)
    if isinstance(annotation, Class):
        return _of_class(annotation)
    if isinstance(annotation, Unknown) or not isinstance(annotation, Hint):
        return Hint("unknown")
    return annotation


def _named(annotation: Foreign) -> Hint:
    if annotation.name in _SCALARS:
        return Hint(_SCALARS[annotation.name], cls=annotation)
    container = _container(annotation)
    if container:
        return Hint(container, endless=container == "tuple")
    return Hint("any") if _word(annotation) in _WRAPPERS else Hint("foreign", cls=annotation)


def _with_arguments(annotation: Generic) -> Hint:
    origin, arguments = annotation
    word = _word(origin)
    if word in ("Optional", "Union", "UnionType"):
        return _union((*arguments, None) if word == "Optional" else arguments)
    if word == "Literal":
        return Hint("literal", choices=tuple(_literals(arguments)))
    if word == "Annotated":
        inner = hint(arguments[0])
        return inner._replace(metadata=(*inner.metadata, *arguments[1:]))
    if word in _WRAPPERS:
        return hint(arguments[0])
    if _container(origin) == "tuple":
        return _tuple(arguments)
    if _container(origin):
        return Hint(_container(origin), items=tuple(map(hint, arguments)))
    return _hint(origin)


def _tuple(arguments: tuple[Any, ...]) -> Hint:
    items = tuple(hint(argument) for argument in arguments if argument is not Ellipsis)
    return Hint("tuple", items=items, endless=Ellipsis in arguments)


def _union(arguments: tuple[Any, ...]) -> Hint:
    hints = [Hint("none") if argument is None else hint(argument) for argument in arguments]
    optional = any(member.kind == "none" or member.optional for member in hints)
    members: list[Hint] = []
    for member in hints:
        members += member.members if member.kind == "union" else [member] if member.kind != "none" else []
    if not members:
        return Hint("none")
    if len(members) == 1:
        return members[0]._replace(optional=optional)
    return Hint("union", members=tuple(members), optional=optional)


def _literals(arguments: tuple[Any, ...]) -> list[Any]:
    values: list[Any] = []
    for argument in arguments:
        inner = isinstance(argument, Generic) and _word(argument.origin) == "Literal"
        values += _literals(argument.arguments) if inner else [argument]
    return values


def _of_class(found: Class) -> Hint:
    kind = kind_of_class(found)
    if kind != "enum":
        return Hint(kind, cls=found)
    members = enum_members(found)
    return Hint(kind, choices=tuple(members.values()), names=tuple(members), cls=found)


def enum_members(found: Class) -> dict[str, Any]:
    """The members of an Enum, names and values; a second name for the same value is left out, as Enum has it."""
    members: dict[str, Any] = {}
    for item in reversed(found.line()):
        for name, value in item.members().items() if isinstance(item, Class) else ():
            value = _auto(found, name, list(members.values())) if _is_auto(value) else value
            if isinstance(value, Unknown) or not any(_same(value, other) for other in members.values()):
                members[name] = value
    return members


def _is_auto(value: Any) -> bool:
    return isinstance(value, Unknown) and value.text.replace(" ", "") in ("auto()", "enum.auto()")


def _auto(found: Class, name: str, earlier: list[Any]) -> Any:
    bases = found.foreign_bases()
    if "enum.StrEnum" in bases:
        return name.lower()
    if bases & {"builtins.str", "enum.Flag", "enum.IntFlag"} or found.lookup("_generate_next_value_") is not NOTHING:
        return Unknown()
    return max((value for value in earlier if isinstance(value, int)), default=0) + 1


def _same(value: Any, other: Any) -> bool:
    return not isinstance(other, Unknown) and bool(value == other)


def _container(origin: Any) -> str:
    return _CONTAINERS.get(_word(origin), "")


def _word(origin: Any) -> str:
    """The last part of a name of the typing vocabulary: `List` for typing.List, `list` for builtins.list."""
    if isinstance(origin, Foreign) and (origin.name.startswith(_TYPING) or origin.name == "dataclasses.InitVar"):
        return origin.name.rpartition(".")[2]
    return ""
