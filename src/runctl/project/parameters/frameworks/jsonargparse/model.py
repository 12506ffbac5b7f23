"""jsonargparse's ArgumentParser, which takes signatures of functions and classes besides options."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runctl.project.parameters.following.hints import hint
from runctl.project.parameters.following.values import (
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
from runctl.project.parameters.frameworks.argparse.parser import NamespaceModel, Option, ParserModel
from runctl.project.parameters.frameworks.dataclass_fields import as_default
from runctl.project.parameters.frameworks.jsonargparse.signatures import Read, group, options, signature
from runctl.project.parameters.frameworks.jsonargparse.types import choices_of, value_type
from runctl.project.parameters.model import SWITCH, VALUE, Command, Interface, Parameter
from runctl.project.parameters.types import PATH, boolean

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

_CONFIG_ACTIONS = ("ActionConfigFile", "config")
_PLAIN_TYPES = ("builtins.int", "builtins.float", "builtins.str", "builtins.bool")


class JsonParserModel(ParserModel):
    """A jsonargparse.ArgumentParser."""

    def __init__(self, interpreter: Interpreter, arguments: Arguments, name: str = "") -> None:
        super().__init__(interpreter, arguments, name)
        self.configs: list[str] = []
        self.commands_below: JsonSubcommands | None = None
        # files that the script may read settings from before anything else
        self.has_default_files = bool(arguments.keywords.get("default_config_files"))

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        method = _METHODS.get(name)
        if method:
            return Method(lambda inner, arguments: method(self, inner, arguments))
        return super().attribute(interpreter, name)

    def take(self, read: Read) -> None:
        """Has these options too."""
        self.options += [Option(parameter, parameter.name) for parameter in read.parameters]
        self.configs += read.configs
        self.unread += read.unread

    def add_config(self, flag: str) -> None:
        """Has an option that names a file of settings."""
        parameter = Parameter(flag.lstrip("-"), PATH, (flag,), help="a file of settings")
        self.options.append(Option(parameter, parameter.name))
        self.configs.append(flag)

    def command(self) -> Command:
        """What it takes now."""
        command = super().command()
        if self.has_default_files:
            relaxed = tuple(parameter._replace(required=False) for parameter in command.parameters)
            command = command._replace(parameters=relaxed)
        below = self.commands_below
        if below is not None:
            commands = tuple(parser.command()._replace(name=name) for name, parser in below.parsers.items())
            command = command._replace(
                commands=commands, command_required=below.required, complete=command.complete and below.complete
            )
        return command._replace(filled_by=tuple(self.configs))

    def notes(self) -> list[str]:
        """What could not be read, in it and its sub-commands."""
        below = self.commands_below.parsers.values() if self.commands_below else ()
        return [*super().notes(), *(note for parser in below for note in parser.notes())]


class JsonSubcommands(Modelled):
    """What `add_subcommands` gives."""

    def __init__(self, required: bool) -> None:
        self.required = required
        self.complete = True
        self.parsers: dict[str, JsonParserModel] = {}

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        return Method(self._add) if name == "add_subcommand" else Unknown()

    def _add(self, interpreter: Interpreter, arguments: Arguments) -> Any:
        name, parser = arguments.get(0, "name"), arguments.get(1, "parser")
        parser = parser.modelled if isinstance(parser, Instance) else parser
        if isinstance(name, str) and isinstance(parser, JsonParserModel):
            self.parsers[name] = parser
        else:
            self.complete = False
        return parser


def _add_argument(parser: JsonParserModel, interpreter: Interpreter, arguments: Arguments) -> Any:
    flag, words = arguments.get(0, "flag"), arguments.keywords
    action = words.get("action")
    word = action.name.rpartition(".")[2] if isinstance(action, Foreign) else action
    if isinstance(flag, str) and word in _CONFIG_ACTIONS:
        parser.add_config(flag)
        return Unknown()
    if isinstance(action, (Unknown, Foreign)):
        return _special_action(parser, interpreter, arguments, action)
    kind = words.get("type")
    found = hint(kind)
    if isinstance(flag, str) and flag.startswith("--") and found.kind == "dataclass" and not found.optional:
        parser.take(group(interpreter, found.cls, flag[2:], words.get("default")))
        return Unknown()
    made = parser.add(interpreter, arguments)
    if parser.options and isinstance(kind, (Foreign, Generic, Class)):
        _with_type(parser.options[-1], kind, arguments)
    return made


def _with_type(option: Option, kind: Any, arguments: Arguments) -> None:
    made = option.parameter
    found = hint(kind)
    typed = found._replace(optional=True) if arguments.keywords.get("default", 0) is None else found
    option.parameter = made._replace(type=value_type(typed), choices=made.choices or choices_of(found))
    if found.kind == "list" and made.takes == VALUE:
        more = tuple(f"{flag}+" for flag in made.flags if flag.startswith("--"))
        option.parameter = option.parameter._replace(flags=made.flags + more)


def _special_action(parser: JsonParserModel, interpreter: Interpreter, arguments: Arguments, action: Any) -> Any:
    name = action.name if isinstance(action, Foreign) else action.made_by
    flags = [flag for flag in arguments.positional if isinstance(flag, str)]
    if name.endswith("ActionYesNo") and flags and isinstance(action, Foreign):
        made = Parameter(
            flags[0].lstrip("-"),
            boolean("true", "false"),
            tuple(flags),
            tuple("--no_" + flag[2:] for flag in flags if flag.startswith("--")),
            SWITCH,
            default=as_default(arguments.keywords.get("default", False)),
        )
        parser.options.append(Option(made, made.name))
    else:
        parser.unread.append(f"the option {flags[0] if flags else ''}, whose action can't be read")
    return Unknown()


def _add_signature(parser: JsonParserModel, interpreter: Interpreter, arguments: Arguments) -> Any:
    """`add_class_arguments`, `add_function_arguments`, `add_dataclass_arguments`."""
    thing, key = arguments.get(0, "theclass"), arguments.get(1, "nested_key")
    thing = arguments.keywords.get("function", thing)
    words = arguments.keywords
    skipped = words.get("skip") or ()
    if not (known(skipped) and all(isinstance(name, str) for name in skipped)):
        parser.unread.append("options of which some are left out")
        skipped = ()
    prefix = key if isinstance(key, str) else ""
    default = words.get("default")
    wanted, notes = signature(interpreter, thing, default if isinstance(default, Instance) else None)
    read = options(interpreter, wanted, prefix, words.get("as_positional") is True, frozenset(skipped))
    if prefix and words.get("as_group", True) is not False:
        parser.take(Read([Parameter(prefix, PATH, (f"--{prefix}",), help="a file of these")], [f"--{prefix}"], []))
    parser.take(Read(read.parameters, read.configs, [*notes, *read.unread]))
    return Unknown()


def _add_method(parser: JsonParserModel, interpreter: Interpreter, arguments: Arguments) -> Any:
    kind, name = arguments.get(0, "theclass"), arguments.get(1, "themethod")
    method = kind.lookup(name) if isinstance(kind, Class) and isinstance(name, str) else None
    if not isinstance(method, Function):
        parser.unread.append("options of a method that can't be known")
        return Unknown()
    bound = method.bound(Instance(kind))
    words = {**arguments.keywords, "nested_key": arguments.get(2, "nested_key")}
    return _add_signature(parser, interpreter, Arguments((bound,), words))


def _add_open(parser: JsonParserModel, interpreter: Interpreter, arguments: Arguments) -> Any:
    key = arguments.get(1, "nested_key")
    parser.unread.append(f"keys below --{key}, whose class is chosen on the command line")
    return Unknown()


def _add_subcommands(parser: JsonParserModel, interpreter: Interpreter, arguments: Arguments) -> JsonSubcommands:
    parser.commands_below = JsonSubcommands(arguments.keywords.get("required", True) is not False)
    return parser.commands_below


def _link(parser: JsonParserModel, interpreter: Interpreter, arguments: Arguments) -> None:
    target = arguments.get(1, "target")
    if not isinstance(target, str):
        parser.unread.append("options that are computed from others")
        return
    parser.options = [
        option
        for option in parser.options
        if option.parameter.name != target and not option.parameter.name.startswith(f"{target}.")
    ]


def parse(parser: JsonParserModel, interpreter: Interpreter, arguments: Arguments) -> Any:
    """`parse_args(…)`: the script's command line is parsed here."""
    words = arguments.get(0, "args")
    if words is None or not known(words):
        interface = Interface("jsonargparse", parser.command(), tuple(dict.fromkeys(parser.notes())), parser.syntax)
        interpreter.found(interface, final=not interpreter.uncertain)
    return NamespaceModel()


_METHODS: dict[str, Callable[[JsonParserModel, Interpreter, Arguments], Any]] = {
    "add_argument": _add_argument,
    "add_class_arguments": _add_signature,
    "add_function_arguments": _add_signature,
    "add_dataclass_arguments": _add_signature,
    "add_method_arguments": _add_method,
    "add_subclass_arguments": _add_open,
    "add_subcommands": _add_subcommands,
    "link_arguments": _link,
    "parse_args": parse,
}
