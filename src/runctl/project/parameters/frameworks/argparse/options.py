"""One option of an ArgumentParser, from the arguments of `add_argument`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runctl.project.parameters import types
from runctl.project.parameters.following import library
from runctl.project.parameters.following.values import (
    Arguments,
    Class,
    Foreign,
    Function,
    Instance,
    Member,
    Modelled,
    Unknown,
    known,
    source_of,
)
from runctl.project.parameters.model import (
    COUNT,
    REPEATED,
    REST,
    SWITCH,
    VALUE,
    VALUES,
    Parameter,
    Unread,
    ValueType,
)

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

_TYPES = {
    "builtins.int": types.INT,
    "builtins.float": types.FLOAT,
    "builtins.str": types.STR,
    # bool("False") is True: of all texts only the empty one is false
    "builtins.bool": types.boolean("True", ""),
    "pathlib.Path": types.PATH,
    "json.loads": types.JSON,
}
_MANY = {"*": (0, None), "+": (1, None), "...": (0, None), "A...": (1, None)}


def is_positional(flags: list[str], prefix_chars: str) -> bool:
    """Whether `add_argument(*flags)` makes a positional argument."""
    return not flags or (len(flags) == 1 and (not flags[0] or flags[0][0] not in prefix_chars))


def dest_of(flags: list[str], arguments: Arguments, prefix_chars: str) -> str:
    """The name of its value in the namespace, as argparse makes it."""
    dest = arguments.keywords.get("dest")
    if isinstance(dest, str):
        return dest
    if is_positional(flags, prefix_chars):
        return flags[0] if flags else ""
    long = [flag for flag in flags if len(flag) > 1 and flag[1] in prefix_chars]
    return (long or flags)[0].lstrip(prefix_chars).replace("-", "_")


def read_option(
    interpreter: Interpreter, flags: list[str], arguments: Arguments, prefix_chars: str
) -> Parameter | None:
    """The parameter that `add_argument(*flags, …)` makes; None for one that a run is never given, like --help."""
    words = arguments.keywords
    action = words.get("action", "store")
    if action in ("help", "version"):
        return None
    name = dest_of(flags, arguments, prefix_chars)
    long = [flag for flag in flags if len(flag) > 1 and flag[1] in prefix_chars]
    ordered = (*long, *(flag for flag in flags if flag not in long))
    parameter = Parameter(
        name,
        _type(interpreter, words.get("type"), words.get("choices")),
        () if is_positional(flags, prefix_chars) else ordered,
        default=literal(words.get("default")),
        choices=_choices(interpreter, words.get("choices")),
        required=words.get("required") is True,
        help=_help(words.get("help"), words.get("default"), name),
    )
    if not parameter.flags and "metavar" in words and isinstance(words["metavar"], str):
        parameter = parameter._replace(keys=(words["metavar"],))
    if isinstance(action, Class):
        return _with_own_action(interpreter, parameter, action, words)
    return _with_action(parameter, action, words.get("nargs"), words)


class ActionBase(Modelled):
    """What argparse.Action makes of the arguments of a project's own action."""

    def __init__(self, interpreter: Interpreter, arguments: Arguments) -> None:
        self.nargs = arguments.keywords.get("nargs")


def _with_own_action(interpreter: Interpreter, parameter: Parameter, action: Class, words: Any) -> Parameter:
    """An action of the project's: its values may become anything, how many words it takes can be read."""
    given = {key: value for key, value in words.items() if key != "action"}
    made = interpreter.call(action, Arguments((), {"option_strings": [], "dest": parameter.name, **given}))
    base = made.modelled if isinstance(made, Instance) else None
    nargs = base.nargs if isinstance(base, ActionBase) else words.get("nargs")
    if nargs == 0:
        return parameter._replace(takes=SWITCH, type=types.boolean("true", "false"), choices=None)
    return _with_action(parameter, "store", nargs, words)


def either(one: Parameter, other: Parameter) -> Parameter:
    """One parameter that may be made in two ways."""
    same = (one.takes, one.at_least, one.at_most) == (other.takes, other.at_least, other.at_most)
    return one._replace(
        type=one.type if one.type.name == other.type.name else types.ANY,
        choices=one.choices if one.choices == other.choices else None,
        default=one.default if one.default == other.default else Unread(),
        required=one.required and other.required,
        takes=one.takes if same else VALUES,
        at_least=one.at_least if same else 0,
        at_most=one.at_most if same else None,
    )


def _with_action(parameter: Parameter, action: Any, nargs: Any, words: Any) -> Parameter:
    flags = parameter.flags
    switch = parameter._replace(takes=SWITCH, type=types.boolean("true", "false"), choices=None)
    if action == "store_true":
        return switch._replace(default=_default(words, False))
    if action == "store_false":
        return switch._replace(flags=(), off_flags=flags, default=_default(words, True))
    if action == Foreign("argparse.BooleanOptionalAction"):
        return switch._replace(off_flags=tuple("--no-" + flag[2:] for flag in flags if flag.startswith("--")))
    if action in ("store_const", "append_const"):
        # several of them may set one value: each is known by its flag
        name = flags[0].lstrip("-").replace("-", "_") if flags else parameter.name
        return switch._replace(name=name, sets=parameter.name, type=types.boolean("true", "false")._replace(name=""))
    if action == "count":
        return parameter._replace(takes=COUNT, type=types.INT)
    takes, at_least, at_most = _number_of_values(nargs)
    if action == "append" and takes == VALUE:
        takes = REPEATED
    if not flags:
        parameter = parameter._replace(required=at_least > 0 and takes != REST)
    return parameter._replace(takes=takes, at_least=at_least, at_most=at_most)


def _number_of_values(nargs: Any) -> tuple[str, int, int | None]:
    if nargs == "?":
        return VALUE, 0, 1
    if isinstance(nargs, int):
        return VALUES, nargs, nargs
    if nargs == Foreign("argparse.REMAINDER") or nargs == "...":
        return REST, 0, None
    if isinstance(nargs, str) and nargs in _MANY:
        return (VALUES, *_MANY[nargs])
    return VALUE, 1, 1


def _default(words: Any, otherwise: bool) -> Any:
    return literal(words["default"]) if "default" in words else otherwise


def literal(value: Any) -> Any:
    """A default as Parameter has it."""
    if known(value):
        return value
    return None if value == Foreign("argparse.SUPPRESS") else Unread(source_of(value))


def _help(text: Any, default: Any, name: str) -> str:
    if not isinstance(text, str):
        return ""
    shown = " ".join(text.split())
    return shown.replace("%(default)s", str(default) if known(default) else "").replace("%(dest)s", name)


def _choices(interpreter: Interpreter, value: Any) -> tuple[str, ...] | None:
    if value is None or interpreter.doubtful(value):
        return None
    items = library.items_of(interpreter, value)
    if items is None:
        return None
    texts = [_choice(item) for item in items]
    return tuple(text for text in texts if text is not None) if None not in texts else None


def _choice(item: Any) -> str | None:
    if isinstance(item, Member):
        return item.value if isinstance(item.value, str) else None
    return str(item) if known(item) else None


def _type(interpreter: Interpreter, kind: Any, choices: Any) -> ValueType:
    if kind is None:
        return types.STR
    if isinstance(kind, Foreign):
        return _TYPES.get(kind.name, types.ANY._replace(name=kind.name.removeprefix("builtins.")))
    if isinstance(kind, Class):
        return _enumeration(kind) if kind.is_enum else types.ANY._replace(name=kind.name)
    if isinstance(kind, Function):
        return _converted_by(interpreter, kind)
    if isinstance(kind, Unknown) and kind.made_by == "argparse.FileType":
        return types.PATH
    return types.ANY


def _enumeration(kind: Class) -> ValueType:
    """`type=Color`: a member by its value, which is a text."""
    values = [value for value in kind.members().values() if isinstance(value, str)]

    def spell(text: str) -> str:
        if text not in values:
            raise ValueError(f"one of {', '.join(values)}")
        return text

    return ValueType(kind.name, spell)


def _converted_by(interpreter: Interpreter, function: Function) -> ValueType:
    """The type of a function of the project: truth values where it turns words into them, else anything that it
    does not refuse."""
    results = {word: interpreter.call(function, Arguments((word,))) for word in ("True", "true", "1", "yes", "y")}
    true = next((word for word, result in results.items() if result is True), None)
    results = {word: interpreter.call(function, Arguments((word,))) for word in ("False", "false", "0", "no", "n")}
    false = next((word for word, result in results.items() if result is False), None)
    if true is not None and false is not None:
        return types.boolean(true, false)

    def spell(text: str) -> str:
        if interpreter.call(function, Arguments((text,))) is library.EXIT:
            raise ValueError(f"what its type, {function.name}, takes")
        return text

    return ValueType("" if function.name == "<lambda>" else function.name, spell)
