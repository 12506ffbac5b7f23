"""click, and rich_click, which has the same functions: what its decorators and classes make."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runctl.project.parameters.following.values import Arguments, Foreign, Function, Method, Unknown
from runctl.project.parameters.frameworks.click import types as click_types
from runctl.project.parameters.frameworks.click.model import ClickCommand, as_command
from runctl.project.parameters.frameworks.click.parameters import Declared, argument, option

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

_SUFFIXES = ("command", "cmd", "group", "grp")


def declared_on(function: Function) -> list[Any]:
    """The options that decorators have put on a function so far, the one nearest to it first."""
    found: list[Any] = vars(function).setdefault("click_parameters", [])
    return found


def innermost(function: Function) -> Function:
    """The function that this one wraps (`functools.wraps`), whose name, help and signature it shows."""
    wrapped = vars(function).get("wrapped_function")
    return innermost(wrapped) if isinstance(wrapped, Function) else function


def _put_on(target: Any, declared: Any) -> Any:
    command = as_command(target)
    if command is not None:
        command.parameters.append(declared)
    elif isinstance(target, Function):
        declared_on(target).append(declared)
    return target


def _decorator(declared: Declared) -> Method:
    return Method(lambda interpreter, arguments: _put_on(arguments.get(0, "f", Unknown()), declared))


def _option(interpreter: Interpreter, arguments: Arguments) -> Any:
    return _decorator(option(arguments.positional, arguments, interpreter.uncertain))


def _argument(interpreter: Interpreter, arguments: Arguments) -> Any:
    return _decorator(argument(arguments.positional, arguments, interpreter.uncertain))


def _option_object(interpreter: Interpreter, arguments: Arguments) -> Any:
    return option(_declarations(arguments), arguments, interpreter.uncertain)


def _argument_object(interpreter: Interpreter, arguments: Arguments) -> Any:
    return argument(_declarations(arguments), arguments, interpreter.uncertain)


def _declarations(arguments: Arguments) -> tuple[Any, ...]:
    given = arguments.get(0, "param_decls", ())
    return tuple(given) if isinstance(given, (list, tuple)) else (given,)


def _option_with(flags: tuple[str, ...], **preset: Any) -> Callable[[Interpreter, Arguments], Any]:
    """One of click's ready-made options."""

    def call(interpreter: Interpreter, arguments: Arguments) -> Any:
        declarations = arguments.positional or flags
        keywords = {**preset, **arguments.keywords}
        return _decorator(option(declarations, arguments._replace(keywords=keywords), interpreter.uncertain))

    return call


def _command(interpreter: Interpreter, arguments: Arguments) -> Any:
    return _made(arguments, group=False, parent=None)


def _group(interpreter: Interpreter, arguments: Arguments) -> Any:
    return _made(arguments, group=True, parent=None)


def _made(arguments: Arguments, group: bool, parent: ClickCommand | None) -> Any:
    """`@command`, `@command("name", …)` and the same of a group: the command, or what makes it of a function."""
    name = arguments.get(0, "name")
    keywords = {**dict(zip(("name", "cls"), arguments.positional, strict=False)), **arguments.keywords}
    if isinstance(name, Function):
        return _command_of(name, {}, True, group, parent)
    return Method(lambda interpreter, given: _command_of(given.get(0, "f"), keywords, arguments.exact, group, parent))


def _command_of(function: Any, keywords: dict[str, Any], exact: bool, group: bool, parent: ClickCommand | None) -> Any:
    if not isinstance(function, Function):
        return Unknown()
    own = keywords.get("params")
    parameters = [*own] if isinstance(own, list) else [] if own is None else [Unknown()]
    name, aliases = command_name(innermost(function).name)
    given = keywords.get("name")
    known_name = given if isinstance(given, str) and given else name
    made = ClickCommand(known_name, parameters + declared_on(function)[::-1], keywords, group or _is_group(keywords))
    if given is not None and not isinstance(given, str):
        made.unread.append(f"the name of {name}")
    made.callback = function
    made.aliases = () if given else aliases
    made.unread += [] if exact else [f"what {made.name} is made with"]
    if "__click_params__" in function.scope.module.source:
        made.unread.append(f"options that a decorator moves to {made.name}")
    declared_on(function).clear()
    if parent is not None:
        _add(parent, made, None)
    return made


def _is_group(keywords: dict[str, Any]) -> bool:
    cls = keywords.get("cls")
    return isinstance(cls, Foreign) and cls.name.endswith("Group")


def command_name(function_name: str) -> tuple[str, tuple[str, ...]]:
    """The name that click makes of a function's, and beside it the one that click before 8.2 made of it."""
    name = function_name.lower().replace("_", "-")
    stem, dash, suffix = name.rpartition("-")
    return (stem, (name,)) if dash and suffix in _SUFFIXES else (name, ())


def _command_object(interpreter: Interpreter, arguments: Arguments) -> Any:
    return _object(arguments, ("name", "context_settings", "callback", "params"), group=False)


def _group_object(interpreter: Interpreter, arguments: Arguments) -> Any:
    return _object(arguments, ("name", "commands"), group=True)


def _collection(interpreter: Interpreter, arguments: Arguments) -> Any:
    made = _object(arguments, ("name", "sources"), group=True)
    sources = made.keywords.get("sources") or []
    made.sources = sources if isinstance(sources, list) else [sources]
    return made


def _object(arguments: Arguments, order: tuple[str, ...], group: bool) -> ClickCommand:
    keywords = {**dict(zip(order, arguments.positional, strict=False)), **arguments.keywords}
    parameters = keywords.get("params") or []
    name = keywords.get("name")
    made = ClickCommand(
        name if isinstance(name, str) else "",
        parameters if isinstance(parameters, list) else [parameters],
        keywords,
        group,
    )
    made.callback = keywords.get("callback")
    made.unread += [] if arguments.exact else [f"what {made.name} is made with"]
    commands = keywords.get("commands") if group else None
    if isinstance(commands, dict):
        made.commands = commands
    elif commands is not None:
        for command in commands if isinstance(commands, (list, tuple)) else [commands]:
            _add(made, command, None)
    return made


def _add(group: ClickCommand, value: Any, name: Any) -> None:
    command = as_command(value)
    if group.commands is None:
        return
    if command is None or not (name is None or isinstance(name, str)):
        group.unread.append(f"a command of {group.name or 'the script'}")
    else:
        group.commands[name or command.name] = command


def method(command: ClickCommand, name: str) -> Any:
    """A method of a command or group."""
    if name == "main":
        return Method(command.parse)
    if name in ("command", "group"):
        return Method(lambda interpreter, arguments: _made(arguments, name == "group", command))
    if name == "add_command":
        return Method(lambda interpreter, given: _add(command, given.get(0, "cmd"), given.get(1, "name")))
    if name == "add_source":
        return Method(lambda interpreter, given: command.sources.append(given.get(0, "group")))
    if name in ("result_callback", "resultcallback"):
        return Method(lambda interpreter, arguments: Method(_same))
    return Unknown()


def _same(interpreter: Interpreter, arguments: Arguments) -> Any:
    return arguments.positional[0] if arguments.positional else Unknown()


def _identity_decorator(interpreter: Interpreter, arguments: Arguments) -> Any:
    return Method(_same)


def _wraps(interpreter: Interpreter, arguments: Arguments) -> Any:
    wrapped = arguments.get(0, "wrapped")
    return Method(lambda interpreter, given: _wrap(given.get(0, "wrapper"), wrapped))


def _update_wrapper(interpreter: Interpreter, arguments: Arguments) -> Any:
    return _wrap(arguments.get(0, "wrapper"), arguments.get(1, "wrapped"))


def _wrap(wrapper: Any, wrapped: Any) -> Any:
    if isinstance(wrapper, Function) and isinstance(wrapped, Function):
        vars(wrapper)["wrapped_function"] = wrapped
        # wraps() copies the function's attributes, so that both have one list
        vars(wrapper)["click_parameters"] = declared_on(wrapped)
    return wrapper


_NAMES: dict[str, Callable[[Interpreter, Arguments], Any]] = {
    "command": _command,
    "group": _group,
    "option": _option,
    "argument": _argument,
    "version_option": _identity_decorator,
    "custom_version_option": _identity_decorator,
    "confirmation_option": _option_with(("--yes",), is_flag=True, prompt=True),
    "password_option": _option_with(("--password",), prompt=True),
    "help_option": _identity_decorator,
    "pass_context": _same,
    "pass_obj": _same,
    "make_pass_decorator": _identity_decorator,
    "pass_meta_key": _identity_decorator,
    "Command": _command_object,
    "Group": _group_object,
    "CommandCollection": _collection,
    "Option": _option_object,
    "Argument": _argument_object,
    "Choice": click_types.choice,
    "IntRange": click_types.int_range,
    "FloatRange": click_types.float_range,
    "DateTime": click_types.date_time,
    "Path": click_types.path,
    "File": click_types.path,
    "Tuple": click_types.tuple_of,
}
_RICH = {
    "RichCommand": _command_object,
    "RichGroup": _group_object,
    "rich_config": _identity_decorator,
    "option_panel": _identity_decorator,
    "command_panel": _identity_decorator,
}
_MODULES = ("click", "click.core", "click.decorators", "click.types", "rich_click", "asyncclick")

FOREIGN: dict[str, Callable[[Interpreter, Arguments], Any]] = {
    **{f"{module}.{name}": call for module in _MODULES for name, call in _NAMES.items()},
    **{f"rich_click.{name}": call for name, call in _RICH.items()},
    "click_option_group.optgroup": _identity_decorator,
    "click_option_group.optgroup.group": _identity_decorator,
    "click_option_group.optgroup.option": _option,
    "functools.wraps": _wraps,
    "functools.update_wrapper": _update_wrapper,
}
