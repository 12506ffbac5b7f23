"""click's options and arguments: what `@click.option("-e", "--epochs", default=10)` declares."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

from runctl.project.parameters.following.values import (
    NOTHING,
    Arguments,
    Class,
    Function,
    Member,
    Modelled,
    Unknown,
    known,
)
from runctl.project.parameters.frameworks.click.types import BOOL, ClickType, click_type, without_dash
from runctl.project.parameters.model import COUNT, REPEATED, SWITCH, VALUES, Parameter, Unread, ValueType
from runctl.project.parameters.types import ANY, INT

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

# what a class derived from click.Option may do with a value before the script sees it
_CONVERSIONS = ("type_cast_value", "process_value", "full_process_value", "consume_value", "handle_parse_result")


class Names(NamedTuple):
    """What click makes of an option's declarations."""

    name: str
    flags: tuple[str, ...]
    off_flags: tuple[str, ...]


class Declared(Modelled):
    """An option or argument as declared; None where it could not be read.

    `asks` says that the user is asked for it when it is not given, which in a run nobody can answer.
    `environment` says that an environment variable may give it; `automatic` that one may that click names. `fills`
    says that its callback sets the defaults of other options (`ctx.default_map`), from a file mostly.
    """

    def __init__(self, parameter: Parameter | None, asks: bool = False, environment: bool = False) -> None:
        self.parameter = parameter
        self.asks = asks
        self.environment = environment
        self.automatic = True
        self.fills = False

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        if self.parameter is None or name not in ("name", "opts", "secondary_opts", "required"):
            return Unknown()
        read = self.parameter
        return {
            "name": read.name,
            "opts": list(read.flags),
            "secondary_opts": list(read.off_flags),
            "required": read.required,
        }[name]

    def set_attribute(self, name: str, value: Any) -> None:
        # what is set may be set under a condition: that it was set is all that is known
        if self.parameter is None:
            return
        if name == "default":
            self.parameter = self.parameter._replace(default=Unread(), required=False)
        elif name == "required":
            self.parameter = self.parameter._replace(required=False)
        elif name == "prompt":
            self.asks = False
        elif name in ("type", "nargs", "multiple", "is_flag", "opts", "name"):
            self.parameter = None


def names(declarations: tuple[Any, ...]) -> Names | None:
    """The name and flags of an option; None when a declaration is not known or none makes a name."""
    if not all(isinstance(declaration, str) and declaration for declaration in declarations):
        return None
    explicit, flags, off_flags = "", [], []
    for declaration in declarations:
        if declaration.isidentifier():
            explicit = declaration
            continue
        on, _, off = declaration.partition(";" if declaration.startswith("/") else "/")
        flags += [on.rstrip()] if on.rstrip() else []
        off_flags += [off.strip()] if off.strip() else []
    # stable: of equally long prefixes, the one declared first
    preferred = sorted(flags, key=lambda flag: -_prefix(flag))
    name = explicit or (preferred[0][_prefix(preferred[0]) :].replace("-", "_").lower() if preferred else "")
    if not name or not (flags or off_flags):
        return None
    return Names(name, tuple(preferred), tuple(sorted(off_flags, key=lambda flag: -_prefix(flag))))


def _prefix(flag: str) -> int:
    return 2 if flag[1:2] == flag[:1] else 1


def option(declarations: tuple[Any, ...], arguments: Arguments, maybe: bool) -> Declared:
    """The option that these declarations and keywords make. `maybe`: the script may not reach it."""
    given = arguments.keywords
    read = names(declarations)
    if read is None:
        return Declared(None)
    parameter = Parameter(
        name=read.name,
        type=ANY,
        flags=read.flags,
        off_flags=read.off_flags,
        default=default_of(given.get("default")),
        required=given.get("required") is True and "default" not in given,
        help=text_of(given.get("help")),
        maybe=maybe or not arguments.exact,
    )
    parameter = _with_action(parameter, given)
    if not arguments.exact or _converts(given.get("cls")):
        parameter = parameter._replace(type=ANY, required=False)
    asks = _asks(given)
    declared = Declared(parameter, asks, given.get("envvar") is not None)
    declared.automatic = given.get("allow_from_autoenv") is not False
    declared.fills = _sets_defaults(given.get("callback"))
    return declared


def _sets_defaults(callback: Any) -> bool:
    return isinstance(callback, Function) and any(
        isinstance(node, ast.Attribute) and node.attr == "default_map" for node in ast.walk(callback.node)
    )


def _asks(given: dict[str, Any]) -> bool:
    return given.get("prompt") not in (None, False) and (
        given.get("required") is True or given.get("prompt_required") is not False
    )


def _converts(cls: Any) -> bool:
    if cls is None:
        return False
    return not isinstance(cls, Class) or any(cls.lookup(name) is not NOTHING for name in (*_CONVERSIONS, "__init__"))


def _with_action(parameter: Parameter, given: dict[str, Any]) -> Parameter:
    if given.get("count") is True:
        return parameter._replace(type=INT, takes=COUNT, default=parameter.default or 0)
    if _is_flag(parameter, given):
        return _flag(parameter, given)
    read = click_type(given.get("type"), given.get("default"))
    parameter = parameter._replace(type=read.value, choices=read.choices)
    if _value_may_be_left_out(given):
        parameter = parameter._replace(type=without_dash(read.value), at_least=0)
    count = _nargs(given, read)
    if count is None:
        return parameter._replace(type=ANY)
    if count != 1:
        return parameter._replace(takes=VALUES, at_least=count, at_most=count)
    return parameter._replace(takes=REPEATED) if given.get("multiple") is True else parameter


def _nargs(given: dict[str, Any], read: ClickType) -> int | None:
    nargs = given.get("nargs")
    if nargs is None:
        return 1 if read.arity is None else read.arity
    return nargs if isinstance(nargs, int) else None


def _is_flag(parameter: Parameter, given: dict[str, Any]) -> bool:
    if given.get("is_flag") is not None:
        return given["is_flag"] is True
    if given.get("flag_value") is not None:
        return True
    return bool(parameter.off_flags) and (given.get("prompt") is None or given.get("prompt_required") is not False)


def _value_may_be_left_out(given: dict[str, Any]) -> bool:
    if given.get("prompt") not in (None, False) and given.get("prompt_required") is False:
        return True
    return given.get("is_flag") is False and (given.get("flag_value") is not None or given.get("default") is None)


def _flag(parameter: Parameter, given: dict[str, Any]) -> Parameter:
    value = given.get("flag_value")
    if given.get("multiple") is True:
        return parameter._replace(type=INT, takes=COUNT, default=parameter.default or 0)
    parameter = parameter._replace(type=BOOL, takes=SWITCH)
    if value is False:
        return parameter._replace(flags=(), off_flags=parameter.flags)
    if value is not None and value is not True and parameter.flags:
        # one of several values for the same name: each flag is a switch of its own
        flag = parameter.flags[0]
        chosen = parameter.default in (True, value)
        name = flag[_prefix(flag) :].replace("-", "_")
        return parameter._replace(name=name, default=chosen, one_of=parameter.name)
    if parameter.default is None and "default" not in given:
        return parameter._replace(default=False)
    if value is None and not parameter.off_flags and parameter.default is True:
        return parameter._replace(flags=(), off_flags=parameter.flags, type=_ALREADY_ON)
    return parameter


def _only_true(text: str) -> str:
    if BOOL.spell(text) == "false":
        raise ValueError("true: before version 8.3 click turns this flag off when it is given, since then it stays on")
    return "true"


_ALREADY_ON = ValueType("bool", _only_true)


def argument(declarations: tuple[Any, ...], arguments: Arguments, maybe: bool) -> Declared:
    """The positional argument that these declarations and keywords make."""
    given = arguments.keywords
    if len(declarations) != 1 or not isinstance(declarations[0], str):
        return Declared(None)
    read = click_type(given.get("type"), given.get("default"))
    count = _nargs(given, read)
    required = given.get("required")
    if required is None:
        required = "default" not in given and count is not None and count > 0
    parameter = Parameter(
        name=declarations[0].replace("-", "_").lower(),
        type=read.value,
        choices=read.choices,
        default=default_of(given.get("default")),
        required=required is True and arguments.exact,
        help=text_of(given.get("help")),
        maybe=maybe or not arguments.exact,
    )
    if count is None:
        parameter = parameter._replace(takes=VALUES, type=ANY, at_least=0, at_most=None)
    elif count < 0:
        parameter = parameter._replace(takes=VALUES, at_least=int(parameter.required), at_most=None)
    elif count > 1:
        parameter = parameter._replace(takes=VALUES, at_least=count, at_most=count)
    return Declared(parameter, environment=given.get("envvar") is not None)


def default_of(value: Any) -> Any:
    """A default as `Parameter` has it: Unread for what takes running the script."""
    if isinstance(value, Member):
        return value.name
    if known(value):
        return value
    return Unread(
        value.text if isinstance(value, Unknown) else f"{value.name}()" if isinstance(value, Function) else ""
    )


def text_of(value: Any) -> str:
    """A help text, unindented; "" where there is none or it is not known."""
    return inspect.cleandoc(value) if isinstance(value, str) else ""
