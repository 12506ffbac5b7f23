"""jsonargparse: an ArgumentParser that takes signatures, and `auto_cli` (`CLI`), which makes a parser of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runctl.project.parameters.following.values import (
    Arguments,
    Class,
    Function,
    Instance,
    Unknown,
    known,
)
from runctl.project.parameters.frameworks.jsonargparse.model import JsonParserModel, JsonSubcommands, parse
from runctl.project.parameters.frameworks.jsonargparse.signatures import Read, options, signature
from runctl.project.parameters.model import Command, Interface

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter


def _auto_cli(interpreter: Interpreter, arguments: Arguments) -> Any:
    words = arguments.get(1, "args")
    if words is not None and known(words):
        return Unknown()
    parser = JsonParserModel(interpreter, Arguments((), arguments.keywords))
    components = arguments.get(0, "components")
    if components is None:
        components = _own_components(interpreter)
    if isinstance(components, list) and len(components) == 1:
        components = components[0]
    as_positional = arguments.get(4, "as_positional", True) is not False
    whole = arguments.get(5, "return_instance", False) is True
    if isinstance(components, list):
        names = [getattr(component, "name", "") for component in components]
        components = dict(zip(names, components, strict=True))
    _add_component(parser, interpreter, components, as_positional, whole)
    given = arguments.get(3, "set_defaults")
    parser.defaults.update(given if isinstance(given, dict) else {})
    for option in parser.options:
        if option.dest in parser.defaults:
            option.parameter = option.parameter._replace(required=False)
    return parse(parser, interpreter, Arguments())


def _own_components(interpreter: Interpreter) -> list[Any]:
    main = interpreter.main
    names = main.scope.names if main is not None else {}
    own = [value for name, value in names.items() if not name.startswith("_") and isinstance(value, (Function, Class))]
    return [value for value in own if main is not None and value.node in main.tree.body]


def _add_component(
    parser: JsonParserModel, interpreter: Interpreter, component: Any, as_positional: bool, whole: bool
) -> None:
    if isinstance(component, dict) or not _has_config(component):
        parser.add_config("--config")
    if isinstance(component, dict):
        parser.commands_below = JsonSubcommands(True)
        for name, below in component.items():
            if name != "_help":
                made = JsonParserModel(interpreter, Arguments())
                _add_component(made, interpreter, below, as_positional, whole)
                parser.commands_below.parsers[str(name)] = _without_idle_config(made)
        return
    wanted, notes = signature(interpreter, component)
    read = options(interpreter, wanted, "", as_positional)
    parser.take(Read(read.parameters, read.configs, [*notes, *read.unread]))
    methods = _methods(component) if isinstance(component, Class) and not whole else []
    if isinstance(component, Class) and not whole and component.foreign_bases() - {"builtins.object"}:
        parser.unread.append(f"the commands that {component.name} has from a library")
    if methods:
        parser.commands_below = JsonSubcommands(True)
    for name, method in methods:
        made = JsonParserModel(interpreter, Arguments())
        _add_component(made, interpreter, method, as_positional, whole)
        assert parser.commands_below is not None
        parser.commands_below.parsers[name] = _without_idle_config(made)


def _without_idle_config(parser: JsonParserModel) -> JsonParserModel:
    """A command that takes nothing takes no file of settings either."""
    if len(parser.options) == 1 and parser.configs == ["--config"] and parser.commands_below is None:
        parser.options, parser.configs = [], []
    return parser


def _has_config(component: Any) -> bool:
    if isinstance(component, Function):
        return any(argument.name == "config" for argument in component.arguments)
    initialise = component.lookup("__init__") if isinstance(component, Class) else None
    return isinstance(initialise, Function) and any(one.name == "config" for one in initialise.defaults)


def _methods(kind: Class) -> list[tuple[str, Function]]:
    found: dict[str, Function] = {}
    for item in reversed(kind.line()):
        if isinstance(item, Class):
            found.update(
                {name: value for name, value in item.names.items() if isinstance(value, Function) and name[0] != "_"}
            )
    return [(name, method.bound(Instance(kind))) for name, method in sorted(found.items())]


def _lightning(interpreter: Interpreter, arguments: Arguments) -> Any:
    note = "LightningCLI's options come from the model, the data and the installed Trainer: they are not known"
    interface = Interface("jsonargparse", Command(complete=False), (note,))
    interpreter.found(interface, final=not interpreter.uncertain)
    return Unknown()


FOREIGN: dict[str, Callable[[Interpreter, Arguments], Any]] = {
    "jsonargparse.ArgumentParser": JsonParserModel,
    "jsonargparse.CLI": _auto_cli,
    "jsonargparse.auto_cli": _auto_cli,
    **{
        f"{library_name}.LightningCLI": _lightning
        for library_name in (
            "lightning.pytorch.cli",
            "pytorch_lightning.cli",
            "pytorch_lightning.utilities.cli",
            "lightning.cli",
        )
    },
}
