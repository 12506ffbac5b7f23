"""tyro: command lines made of dataclasses, functions and unions of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runctl.project.parameters.following import library
from runctl.project.parameters.following.values import (
    NOTHING,
    Arguments,
    Class,
    Foreign,
    Function,
    Generic,
    Instance,
    Method,
    Modelled,
    Unknown,
    known,
)
from runctl.project.parameters.frameworks.tyro.commands import Place, command_of, top_level
from runctl.project.parameters.frameworks.tyro.conf import Configured, marker
from runctl.project.parameters.model import Interface, OwnSyntax

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

_ANNOTATED = Foreign("typing.Annotated")


def _cli(interpreter: Interpreter, arguments: Arguments) -> Any:
    return _parse(interpreter, arguments.get(0, "f"), arguments)


def _parse(interpreter: Interpreter, thing: Any, arguments: Arguments, markers: frozenset[str] = frozenset()) -> Any:
    words = arguments.keywords
    given = words.get("args")
    if given is not None and known(given):
        return Unknown()
    config = library.items_of(interpreter, words.get("config") or ()) or []
    place = Place(
        markers=markers | frozenset(marker(item) for item in config) - {""},
        delimiter="_" if words.get("use_underscores", False) is True else "-",
    )
    node = top_level(interpreter, thing, words.get("default", NOTHING), place)
    lenient = words.get("return_unknown_args", False) is not False
    syntax = OwnSyntax(lenient=lenient)
    interface = Interface("tyro", command_of(node), tuple(dict.fromkeys(node.notes())), syntax)
    interpreter.found(interface, final=not lenient and not interpreter.uncertain)
    return Unknown()


def _union(options: list[Any]) -> Generic:
    return Generic(Foreign("typing.Union"), tuple(options))


def _option(kind: Any, name: str, **settings: Any) -> Generic:
    return Generic(_ANNOTATED, (kind, Configured("subcommand", Arguments((name,), settings))))


def _type_from_defaults(interpreter: Interpreter, arguments: Arguments) -> Any:
    defaults = arguments.get(0, "defaults")
    prefixed = arguments.keywords.get("prefix_names", True) is not False
    return _of_defaults(interpreter, defaults, prefixed)


def _of_defaults(interpreter: Interpreter, defaults: Any, prefixed: bool) -> Any:
    if not isinstance(defaults, dict) or interpreter.doubtful(defaults):
        return Unknown()
    if not all(isinstance(default, Instance) for default in defaults.values()):
        return Unknown()
    return _union(
        [_option(made.kind, str(name), default=made, prefix_name=prefixed) for name, made in defaults.items()]
    )


def _overridable(interpreter: Interpreter, arguments: Arguments) -> Any:
    configs = arguments.get(0, "configs")
    defaults = (
        {name: pair[1] for name, pair in configs.items() if isinstance(pair, (tuple, list)) and len(pair) == 2}
        if isinstance(configs, dict)
        else configs
    )
    kind = _of_defaults(interpreter, defaults, prefixed=True)
    return _parse(interpreter, kind, arguments, frozenset(["AvoidSubcommands"]))


def _from_dict(interpreter: Interpreter, arguments: Arguments) -> Any:
    subcommands = arguments.get(0, "subcommands")
    if not isinstance(subcommands, dict) or interpreter.doubtful(subcommands):
        return _parse(interpreter, Unknown(), arguments)
    options = [_option(Foreign("typing.Any"), str(name), constructor=made) for name, made in subcommands.items()]
    return _parse(interpreter, _union(options), arguments)


class _SubcommandApp(Modelled):
    """`tyro.extras.SubcommandApp`: functions that are put into it by a decorator."""

    def __init__(self) -> None:
        self.subcommands: dict[str, Function] = {}

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        return {"command": Method(self._command), "cli": Method(self._run)}.get(name, Unknown())

    def _command(self, interpreter: Interpreter, arguments: Arguments) -> Any:
        if arguments.positional and isinstance(arguments.positional[0], Function):
            return self._add(arguments.positional[0], None)
        name = arguments.keywords.get("name")
        return Method(lambda inner, given: self._add(given.get(0, "func"), name))

    def _add(self, function: Any, name: Any) -> Any:
        if isinstance(function, Function):
            own = function.name.strip("_").replace("_", "-")
            self.subcommands[name if isinstance(name, str) else own] = function
        return function

    def _run(self, interpreter: Interpreter, arguments: Arguments) -> Any:
        if len(self.subcommands) == 1:
            return _parse(interpreter, next(iter(self.subcommands.values())), arguments)
        return _from_dict(interpreter, Arguments((self.subcommands,), arguments.keywords))


def _configure(interpreter: Interpreter, arguments: Arguments) -> Any:
    markers = [marker(value) for value in arguments.positional]

    def put_on(inner: Interpreter, given: Arguments) -> Any:
        thing = given.get(0, "callable")
        if isinstance(thing, (Class, Function)):
            vars(thing)["tyro_markers"] = frozenset(markers) - {""}
        return thing

    return Method(put_on)


def _literal_from_choices(interpreter: Interpreter, arguments: Arguments) -> Any:
    items = library.items_of(interpreter, arguments.get(0, "choices"))
    return Generic(Foreign("typing.Literal"), tuple(items)) if items else Unknown()


FOREIGN: dict[str, Callable[[Interpreter, Arguments], Any]] = {
    "tyro.cli": _cli,
    "tyro.conf.arg": lambda interpreter, arguments: Configured("arg", arguments),
    "tyro.conf.subcommand": lambda interpreter, arguments: Configured("subcommand", arguments),
    "tyro.conf.configure": _configure,
    "tyro.extras.subcommand_type_from_defaults": _type_from_defaults,
    "tyro.extras.subcommand_cli_from_dict": _from_dict,
    "tyro.extras.overridable_config_cli": _overridable,
    "tyro.extras.literal_type_from_choices": _literal_from_choices,
    "tyro.extras.SubcommandApp": lambda interpreter, arguments: _SubcommandApp(),
}
