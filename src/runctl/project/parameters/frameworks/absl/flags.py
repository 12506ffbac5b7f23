"""absl: flags are defined by whatever is imported, and parsed by `app.run(main)` or `flags.FLAGS(sys.argv)`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from runctl.project.parameters.following.hints import enum_members
from runctl.project.parameters.following.library import items_of
from runctl.project.parameters.following.values import Arguments, Class, Foreign, Member, Modelled, Unknown
from runctl.project.parameters.frameworks.absl import config_dict as absl_config_dict
from runctl.project.parameters.frameworks.absl import types as absl_types
from runctl.project.parameters.frameworks.absl.defined import Holder, defined_in
from runctl.project.parameters.frameworks.absl.own import APP, LOGGING
from runctl.project.parameters.frameworks.dataclass_fields import as_default
from runctl.project.parameters.model import (
    REPEATED,
    SWITCH,
    VALUE,
    Command,
    Interface,
    OwnSyntax,
    Parameter,
    ValueType,
)
from runctl.project.parameters.types import ANY, STR

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

# where a DEFINE_ function has its arguments, after name and default
_PLACES = {"help": 2, "lower_bound": 3, "upper_bound": 4}
_PLACES_OF_CHOICE = {"enum_values": 2, "enum_class": 2, "help": 3}


class _Flag(Modelled):
    """A Flag object that is made before it is given to DEFINE_flag."""

    def __init__(self, flag: Parameter) -> None:
        self.flag = flag


class _Kind(NamedTuple):
    """How a DEFINE_ function's flag takes what it is given."""

    type: ValueType
    takes: str = VALUE
    choices: tuple[str, ...] | None = None


def _define(kind_of: Callable[[Arguments], _Kind], places: dict[str, int]) -> Callable[[Interpreter, Arguments], Any]:
    def define(interpreter: Interpreter, arguments: Arguments) -> Any:
        defined = defined_in(interpreter)
        name = arguments.get(0, "name")
        if not isinstance(name, str):
            defined.notes.append("a flag whose name is not known here")
            return Unknown()
        help_text = arguments.get(places["help"], "help", "")
        flag = _flag(name, kind_of(arguments), arguments.get(1, "default"), help_text, arguments.keywords)
        defined.add(interpreter, flag)
        if arguments.keywords.get("required") is True:
            defined.required.add(name)
        return Holder(defined, name)

    return define


def _flag(name: str, kind: _Kind, default: Any, help_text: Any, keywords: dict[str, Any]) -> Parameter:
    short = keywords.get("short_name")
    dashes = "--" if len(name) > 1 else "-"
    return Parameter(
        name,
        kind.type,
        flags=(f"{dashes}{name}", *([f"{'-' if len(short) == 1 else '--'}{short}"] if isinstance(short, str) else [])),
        off_flags=(f"--no{name}",) if kind.takes == SWITCH else (),
        takes=kind.takes,
        default=_default(default, kind),
        choices=kind.choices,
        help=help_text if isinstance(help_text, str) else "",
    )


def _default(value: Any, kind: _Kind) -> Any:
    if isinstance(value, Member):
        return value.name.lower()
    if kind.type.name == "float" and type(value) is int:
        return float(value)
    return as_default(value)


def _text(arguments: Arguments) -> _Kind:
    return _Kind(STR)


def _boolean(arguments: Arguments) -> _Kind:
    return _Kind(absl_types.BOOL, SWITCH)


def _number(make: Callable[[float | None, float | None], ValueType], takes: str) -> Callable[[Arguments], _Kind]:
    def kind(arguments: Arguments) -> _Kind:
        bounds = [arguments.get(_PLACES[name], name) for name in ("lower_bound", "upper_bound")]
        low, high = (bound if isinstance(bound, (int, float)) else None for bound in bounds)
        return _Kind(make(low, high), takes)

    return kind


def _choice(takes: str) -> Callable[[Arguments], _Kind]:
    def kind(arguments: Arguments) -> _Kind:
        values = arguments.get(2, "enum_values")
        if not isinstance(values, (list, tuple)) or not all(isinstance(value, str) for value in values):
            return _Kind(STR, takes)
        case_sensitive = arguments.keywords.get("case_sensitive", True) is not False
        return _Kind(absl_types.choice(values, case_sensitive), takes, tuple(values))

    return kind


def _member(takes: str) -> Callable[[Arguments], _Kind]:
    def kind(arguments: Arguments) -> _Kind:
        enum = arguments.get(2, "enum_class")
        if not isinstance(enum, Class):
            return _Kind(STR, takes)
        case_sensitive = arguments.keywords.get("case_sensitive", False) is True
        names = [name if case_sensitive else name.lower() for name in enum_members(enum)]
        return _Kind(absl_types.choice(names, case_sensitive), takes, tuple(names))

    return kind


def _as_kind(kind: _Kind) -> Callable[[Arguments], _Kind]:
    return lambda arguments: kind


def _other(interpreter: Interpreter, arguments: Arguments) -> Any:
    """DEFINE(parser, name, default, help): of its values nothing is known."""
    rest = arguments._replace(positional=arguments.positional[1:])
    return _define(_as_kind(_Kind(ANY)), _PLACES)(interpreter, rest)


def _define_flag(interpreter: Interpreter, arguments: Arguments) -> Any:
    defined, flag = defined_in(interpreter), arguments.get(0, "flag")
    if not isinstance(flag, _Flag):
        defined.notes.append("a flag that is made by a class of its own")
        return Unknown()
    defined.add(interpreter, flag.flag)
    return Holder(defined, flag.flag.name)


def _boolean_flag(interpreter: Interpreter, arguments: Arguments) -> Any:
    name, short = arguments.get(0, "name"), arguments.get(3, "short_name")
    if not isinstance(name, str):
        return Unknown()
    help_text = arguments.get(2, "help", "")
    kind = _Kind(absl_types.BOOL, SWITCH)
    return _Flag(_flag(name, kind, arguments.get(1, "default"), help_text, {"short_name": short}))


def _alias(interpreter: Interpreter, arguments: Arguments) -> Any:
    defined = defined_in(interpreter)
    name, original = arguments.get(0, "name"), arguments.get(1, "original_name")
    if not isinstance(name, str) or original not in defined.flags:
        defined.notes.append("an alias of a flag that is not known here")
        return Unknown()
    flag = defined.flags[original]
    off_flags = (*flag.off_flags, f"--no{name}") if flag.off_flags else ()
    defined.flags[original] = flag._replace(flags=(*flag.flags, f"--{name}"), off_flags=off_flags)
    return Holder(defined, original)


def _names(interpreter: Interpreter, value: Any) -> list[str]:
    items = items_of(interpreter, value) if isinstance(value, (list, tuple, set)) else [value]
    names = [item.name if isinstance(item, Holder) else item for item in items or []]
    return [name for name in names if isinstance(name, str)]


def _mark(interpreter: Interpreter, arguments: Arguments) -> Any:
    given = arguments.get(0, "flag_name", arguments.keywords.get("flag_names"))
    if not interpreter.uncertain:
        defined_in(interpreter).required.update(_names(interpreter, given))


def _mark_exclusive(interpreter: Interpreter, arguments: Arguments) -> Any:
    defined = defined_in(interpreter)
    names = _names(interpreter, arguments.get(0, "flag_names"))
    group = ", ".join(names)
    for name in names:
        if name in defined.flags and defined.flags[name].default is None:
            defined.flags[name] = defined.flags[name]._replace(one_of=group)
    if arguments.get(1, "required", False) is True:
        defined.exclusive.append(group)


def _set_default(interpreter: Interpreter, arguments: Arguments) -> Any:
    defined = defined_in(interpreter)
    value = arguments.get(1, "value")
    for name in _names(interpreter, arguments.get(0, "flag_holder", arguments.keywords.get("name"))):
        if name in defined.flags:
            default = Unknown() if interpreter.uncertain else value
            defined.flags[name] = defined.flags[name]._replace(default=as_default(default))


def _run(interpreter: Interpreter, arguments: Arguments) -> Any:
    if not arguments.keywords.get("argv"):
        _found(interpreter, [*LOGGING, *APP], lenient=False)


def _parse(interpreter: Interpreter, arguments: Arguments) -> Any:
    if isinstance(arguments.get(0, "argv"), list):
        return []  # a list that is written in the script: not what its user says
    own = (
        [*LOGGING, *APP]
        if _imports(interpreter, "absl.app")
        else LOGGING
        if _imports(interpreter, "absl.logging")
        else []
    )
    _found(interpreter, own, lenient=arguments.get(1, "known_only", False) is not False)
    return Unknown()


def _found(interpreter: Interpreter, own: Sequence[Parameter], lenient: bool) -> None:
    interpreter.import_all()
    defined = defined_in(interpreter)
    flags = [
        flag._replace(required=flag.name in defined.required and flag.default is None)
        for flag in defined.flags.values()
    ]
    flags += [flag for flag in own if flag.name not in defined.flags]
    complete = not defined.notes and not lenient
    command = Command(parameters=tuple(flags), complete=complete, one_required=tuple(defined.exclusive))
    notes = [*defined.notes, *(["flags that are not known are passed over"] if lenient else [])]
    interface = Interface(
        "absl", command, tuple(notes), OwnSyntax(lenient=lenient, joined=True, any_dashes=True, extra_words=True)
    )
    interpreter.found(interface, final=not interpreter.uncertain)


def _imports(interpreter: Interpreter, library: str) -> bool:
    """Whether one of the modules that were followed uses a library."""
    values = [value for module in interpreter.modules.evaluated() for value in module.scope.names.values()]
    return any(isinstance(value, Foreign) and f"{value.name}.".startswith(f"{library}.") for value in values)


_FUNCTIONS: dict[str, Callable[[Interpreter, Arguments], Any]] = {
    "DEFINE": _other,
    "DEFINE_string": _define(_text, _PLACES),
    "DEFINE_bool": _define(_boolean, _PLACES),
    "DEFINE_boolean": _define(_boolean, _PLACES),
    "DEFINE_integer": _define(_number(absl_types.integer, VALUE), _PLACES),
    "DEFINE_float": _define(_number(absl_types.number, VALUE), _PLACES),
    "DEFINE_enum": _define(_choice(VALUE), _PLACES_OF_CHOICE),
    "DEFINE_enum_class": _define(_member(VALUE), _PLACES_OF_CHOICE),
    "DEFINE_list": _define(_as_kind(_Kind(absl_types.LIST)), _PLACES),
    "DEFINE_spaceseplist": _define(_as_kind(_Kind(absl_types.WORDS)), _PLACES),
    "DEFINE_multi_string": _define(_as_kind(_Kind(STR, REPEATED)), _PLACES),
    "DEFINE_multi_integer": _define(_number(absl_types.integer, REPEATED), _PLACES),
    "DEFINE_multi_float": _define(_number(absl_types.number, REPEATED), _PLACES),
    "DEFINE_multi_enum": _define(_choice(REPEATED), _PLACES_OF_CHOICE),
    "DEFINE_multi_enum_class": _define(_member(REPEATED), _PLACES_OF_CHOICE),
    "DEFINE_alias": _alias,
    "DEFINE_flag": _define_flag,
    "BooleanFlag": _boolean_flag,
    "mark_flag_as_required": _mark,
    "mark_flags_as_required": _mark,
    "mark_flags_as_mutual_exclusive": _mark_exclusive,
    "set_default": _set_default,
    "FLAGS": _parse,
    "FLAGS.set_default": _set_default,
}
_FLAGS = (
    "absl.flags",
    "tensorflow.flags",
    "tensorflow.app.flags",
    "tensorflow.compat.v1.flags",
    "tensorflow.compat.v1.app.flags",
)
_APPS = ("absl.app", "tensorflow.app", "tensorflow.compat.v1.app")
FOREIGN = {
    **{f"{prefix}.{name}": function for prefix in _FLAGS for name, function in _FUNCTIONS.items()},
    **{f"{prefix}.run": _run for prefix in _APPS},
    **absl_config_dict.FOREIGN,
}
