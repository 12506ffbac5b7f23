"""The option that simple-parsing makes of a dataclass's field: `get_arg_options` of its `field_wrapper.py`."""

from __future__ import annotations

from typing import Any

from runctl.project.parameters.following.hints import Hint
from runctl.project.parameters.following.values import NOTHING, Class, Foreign, Member
from runctl.project.parameters.frameworks.dataclass_fields import DataField, as_default, one_of
from runctl.project.parameters.model import SWITCH, VALUES, Parameter, ValueType
from runctl.project.parameters.types import ANY, FLOAT, INT, PATH, STR, boolean

BOOL = boolean("true", "false")
_TYPES = {"int": INT, "float": FLOAT, "str": STR, "path": PATH, "bool": BOOL, "bytes": STR}
_BY_FUNCTION = {"builtins.int": INT, "builtins.float": FLOAT, "builtins.str": STR, "pathlib.Path": PATH}


def option(field: DataField, name: str, flags: tuple[str, ...], prefix: str) -> Parameter:
    """The option for a field. `name` is where its value goes, `prefix` what was put before its flags."""
    made = Parameter(
        name=name,
        type=ANY,
        flags=flags,
        default=_default(field),
        required=field.required and not field.hint.optional,
        help=_help(field),
    )
    choices = choices_of(field)
    if choices is not None:
        return _choice(made, field, choices)
    found = field.hint
    if found.optional or field.default is None:
        return _with_settings(_optional(made, found), field)
    if found.kind == "enum":
        return _with_settings(made._replace(type=one_of("enum", found.names), choices=found.names), field)
    if found.kind in ("list", "tuple"):
        return _with_settings(_several(made, found), field)
    if found.kind == "bool":
        return _boolean(made, field, prefix)
    return _with_settings(made._replace(type=_type(found)), field)


def choices_of(field: DataField) -> tuple[str, ...] | None:
    """The words that a field made by `choice(…)`, or of a Literal, may be given."""
    given = field.extra.get("choices")
    if isinstance(given, dict):
        return tuple(key for key in given if isinstance(key, str))
    if isinstance(given, Class):
        return tuple(given.members())
    if isinstance(given, (list, tuple)):
        # argparse compares words with them: a number among them can't be chosen
        return tuple(item for item in given if isinstance(item, str))
    if field.hint.kind == "literal" and not field.hint.optional:
        return _texts(field.hint)
    return None


def _texts(found: Hint) -> tuple[str, ...]:
    return tuple(value.name if isinstance(value, Member) else str(value) for value in found.choices)


def _default(field: DataField) -> Any:
    if isinstance(field.default, Member):
        return field.default.name
    if field.default is NOTHING and field.extra.get("action") in ("store_true", "store_false"):
        return field.extra["action"] == "store_false"
    return as_default(field.default)


def _help(field: DataField) -> str:
    for text in (field.extra.get("help"), field.metadata.get("help")):
        if isinstance(text, str):
            return text
    return field.help


def _choice(made: Parameter, field: DataField, choices: tuple[str, ...]) -> Parameter:
    made = made._replace(type=one_of("str", choices), choices=choices, required=field.required)
    if field.hint.kind == "list":
        return made._replace(takes=VALUES, at_least=0, at_most=None)
    return made


def _optional(made: Parameter, found: Hint) -> Parameter:
    if found.kind in ("list", "tuple"):
        return _several(made, found)._replace(required=False)
    choices = found.names if found.kind == "enum" else _texts(found) if found.kind == "literal" else None
    return made._replace(type=_type(found), at_least=0, required=False, choices=choices)


def _several(made: Parameter, found: Hint) -> Parameter:
    fixed = found.kind == "tuple" and not found.endless
    kinds = {item.kind for item in found.items}
    kind = _type(found.item) if len(kinds) == 1 else STR if not found.items else ANY
    if found.item.kind == "any":
        kind = STR
    choices = found.item.names if found.item.kind == "enum" and len(kinds) == 1 else None
    count = len(found.items)
    return made._replace(
        type=kind,
        takes=VALUES,
        at_least=count if fixed else 0,
        at_most=count if fixed else None,
        choices=choices,
    )


def _boolean(made: Parameter, field: DataField, prefix: str) -> Parameter:
    action = field.extra.get("action")
    if action in ("store_true", "store_false"):
        switch = made._replace(type=BOOL, takes=SWITCH, required=False)
        return switch if action == "store_true" else switch._replace(flags=(), off_flags=made.flags)
    start = field.extra.get("negative_prefix")
    single = field.extra.get("negative_option")
    if isinstance(single, str):
        word = prefix + single.lstrip("-")
        dashes = len(single) - len(single.lstrip("-")) or (2 if len(word) > 1 else 1)
        off: tuple[str, ...] = ("-" * dashes + word,)
    else:
        off = tuple(dict.fromkeys(_negative(flag, start if isinstance(start, str) else "--no") for flag in made.flags))
    return made._replace(type=BOOL, at_least=0, off_flags=off)


def _negative(flag: str, start: str) -> str:
    parts = flag.lstrip("-").split(".")
    if len(parts) == 1:
        return start + parts[0]
    dashes = "-" * (len(start) - len(start.lstrip("-")))
    return dashes + ".".join([*parts[:-1], start.lstrip("-") + parts[-1]])


def _with_settings(made: Parameter, field: DataField) -> Parameter:
    """What `field(…)` was told for argparse stands above what comes from the annotation."""
    settings = field.extra
    kind = settings.get("type")
    if kind is not None:
        known_type = _BY_FUNCTION.get(kind.name) if isinstance(kind, Foreign) else None
        made = made._replace(type=known_type or ANY)
    if settings.get("nargs") in ("*", "+"):
        made = made._replace(takes=VALUES, at_least=int(settings["nargs"] == "+"), at_most=None)
    if settings.get("nargs") == "?":
        made = made._replace(at_least=0, required=False)
    if isinstance(settings.get("required"), bool):
        made = made._replace(required=settings["required"])
    if settings.get("action") in ("store_true", "store_false"):
        return _boolean(made, field, "")
    return made


def _type(found: Hint) -> ValueType:
    if found.kind in _TYPES:
        return _TYPES[found.kind]
    if found.kind in ("enum", "literal"):
        return one_of(found.kind, found.names if found.kind == "enum" else _texts(found))
    if found.kind == "any":
        return STR
    if found.kind in ("dict", "set"):
        return _untakable(found.kind)
    if found.kind == "union":
        kinds = {member.kind for member in found.members}
        return STR if "str" in kinds else FLOAT if kinds == {"int", "float"} else ANY
    return ANY


def _untakable(kind: str) -> ValueType:
    def spell(text: str) -> str:
        raise ValueError(f"nothing: simple-parsing can't take a {kind} from the command line")

    return ValueType(kind, spell)
