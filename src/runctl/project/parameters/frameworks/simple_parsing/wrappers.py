"""Dataclasses in dataclasses as simple-parsing has them: which option gets which name when two would have the same.
After its `wrappers/dataclass_wrapper.py` and `conflicts.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runctl.project.parameters.following.hints import Hint, hint
from runctl.project.parameters.following.values import Class, Instance
from runctl.project.parameters.frameworks.dataclass_fields import DataField, fields_of, library_bases

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

MOST_ATTEMPTS = 50


class Naming:
    """How an ArgumentParser names options: its `add_option_string_dash_variants`, `argument_generation_mode` and
    `nested_mode`, each by the last word of its name."""

    def __init__(self, dashes: str, generation: str, nested: str, resolution: str) -> None:
        self.dashes = dashes
        self.generation = generation
        self.nested = nested
        self.resolution = resolution


class FieldWrapper:
    """A field that becomes an option, `dest` being where its value goes."""

    def __init__(self, field: DataField, parent: Wrapper, prefix: str) -> None:
        self.field = field
        self.parent = parent
        self.prefix = prefix

    @property
    def dest(self) -> str:
        """`config.optimizer.lr`."""
        return f"{self.parent.dest}.{self.field.name}"

    def flags(self, naming: Naming) -> tuple[str, ...]:
        """The words that set it, the preferred one first."""
        name = f"{self.prefix}{self.field.name}"
        nested = self.dest if naming.nested == "DEFAULT" else self.dest.partition(".")[2]
        if naming.dashes == "DASH":
            name, nested = name.replace("_", "-"), nested.replace("_", "-")
        names = {"FLAT": [name], "NESTED": [nested]}.get(naming.generation, [name, nested])
        flags = [f"--{one}" for one in names]
        if len(self.field.name) == 1:
            flags += [f"-{one}" for one in names]
        flags += [self._alias(alias) for alias in self._aliases()]
        if naming.dashes == "UNDERSCORE_AND_DASH":
            flags += [_dashed(flag) for flag in flags if "_" in flag]
        return tuple(dict.fromkeys(flags))

    def _aliases(self) -> list[str]:
        given = self.field.extra.get("alias", [])
        return [alias for alias in ([given] if isinstance(given, str) else given or []) if isinstance(alias, str)]

    def _alias(self, alias: str) -> str:
        word = alias.removeprefix("-").removeprefix("-")
        dashes = alias[: len(alias) - len(word)] or ("-" if len(word) == 1 else "--")
        return f"{dashes}{self.prefix}{word}"


def _dashed(flag: str) -> str:
    word = flag.lstrip("-").replace("_", "-")
    return f"-{word}" if len(word) == 1 else f"--{word}"


class Wrapper:
    """A dataclass that becomes options. `subparsers` are its fields that become sub-commands, `subgroups` those
    that let one choose which other options there are."""

    def __init__(
        self, interpreter: Interpreter, kind: Class, name: str, prefix: str, parent: Wrapper | None, default: Any
    ) -> None:
        self.dest: str = f"{parent.dest}.{name}" if parent else name
        self.level: int = parent.level + 1 if parent else 0
        self.fields: list[FieldWrapper] = []
        self.children: list[Wrapper] = []
        self.subparsers: list[DataField] = []
        self.unread = [
            f"options of {base}, whose names depend on the installed version" for base in library_bases(kind)
        ]
        self.optional = False
        self.kinds: list[Class] = [*parent.kinds, kind] if parent else [kind]
        for field in fields_of(interpreter, kind, default):
            self._wrap(interpreter, field, prefix)

    def flat(self) -> list[Wrapper]:
        """It and those below it."""
        return [self, *(below for child in self.children for below in child.flat())]

    def _wrap(self, interpreter: Interpreter, field: DataField, prefix: str) -> None:
        if field.extra.get("cmd") is False:
            return
        if field.extra.get("subgroups") is not None:
            self.unread.append(f"options of the subgroups of {field.name}")
            self.fields.append(FieldWrapper(field, self, prefix))
            return
        nested = _nested(field)
        if field.extra.get("subparsers") is not None or (nested is None and _classes(field.hint)):
            self.subparsers.append(field)
        elif nested is not None and nested in self.kinds:
            self.unread.append(f"options of {nested.name}, which contains itself")
        elif nested is not None and field.extra.get("choices") is None:
            given = field.default if isinstance(field.default, (Instance, dict)) else None
            child = Wrapper(interpreter, nested, field.name, "", self, given)
            child.optional = field.hint.optional or field.default is None or self.optional
            self.children.append(child)
        else:
            self.fields.append(FieldWrapper(field, self, prefix))


def _nested(field: DataField) -> Class | None:
    """The dataclass that a field holds."""
    found = field.hint
    return found.cls if found.kind == "dataclass" and isinstance(found.cls, Class) else None


def _classes(found: Hint) -> bool:
    return found.kind == "union" and all(member.kind == "dataclass" for member in found.members)


def commands_of(field: DataField) -> dict[str, Any]:
    """The dataclasses of a field that becomes sub-commands, by the names of these."""
    given = field.extra.get("subparsers")
    if isinstance(given, dict):
        return {str(name): kind for name, kind in given.items()}
    classes = [member.cls for member in field.hint.members]
    return {kind.name.lower(): kind for kind in classes if isinstance(kind, Class)}


def resolve_conflicts(wrappers: list[Wrapper], naming: Naming) -> bool:
    """Gives options of the same name prefixes; whether that could be done."""
    fields = [field for wrapper in wrappers for below in wrapper.flat() for field in below.fields]
    for _ in range(MOST_ATTEMPTS):
        conflict = _conflict(fields, naming)
        if not conflict:
            return True
        if naming.resolution == "EXPLICIT":
            for field in conflict:
                field.prefix = f"{field.parent.dest}."
        elif naming.resolution != "AUTO" or not _lengthen(conflict):
            return False
    return False


def _conflict(fields: list[FieldWrapper], naming: Naming) -> list[FieldWrapper]:
    by_flag: dict[str, list[FieldWrapper]] = {}
    for field in fields:
        for flag in field.flags(naming):
            by_flag.setdefault(flag, []).append(field)
    return next((several for several in by_flag.values() if len(several) > 1), [])


def _lengthen(conflict: list[FieldWrapper]) -> bool:
    """Adds one more word of their places to the prefixes; the outermost alone keeps its name."""
    several = sorted(conflict, key=lambda field: field.parent.level)
    if several[0].parent.level < several[1].parent.level:
        del several[0]
    for field in several:
        words = field.parent.dest.split(".")
        used = len([word for word in field.prefix.split(".") if word])
        if used >= len(words):
            return False
        field.prefix = f"{words[len(words) - 1 - used]}.{field.prefix}"
    return True


def kind_of(value: Any) -> Class | None:
    """The dataclass that was given, or that an object is of."""
    if isinstance(value, Instance):
        return value.kind
    return value if isinstance(value, Class) and hint(value).kind == "dataclass" else None
