"""argparse, and configargparse, whose parsers are made in the same way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runctl.project.parameters.following import library
from runctl.project.parameters.following.values import (
    Arguments,
    Foreign,
    Function,
    Instance,
    Method,
    Modelled,
    Unknown,
    known,
)
from runctl.project.parameters.frameworks.argparse.options import (
    ActionBase,
    dest_of,
    either,
    is_positional,
    literal,
    read_option,
)
from runctl.project.parameters.model import SWITCH, Command, Interface, Parameter, Syntax, Unread

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter


class Option:
    """A parameter of a parser, and its place in the parser's namespace."""

    def __init__(self, parameter: Parameter, dest: str) -> None:
        self.parameter = parameter
        self.dest = dest


class ParserModel(Modelled):
    """An ArgumentParser."""

    def __init__(self, interpreter: Interpreter, arguments: Arguments, name: str = "") -> None:
        settings = arguments.keywords
        self.name = name
        self.aliases: tuple[str, ...] = ()
        self.options: list[Option] = []
        self.subparsers: SubparsersModel | None = None
        self.unread: list[str] = [] if arguments.exact else ["the parser is made with arguments that can't be known"]
        self.groups: list[str] = []
        self.required_groups: list[str] = []
        self.defaults: dict[str, Any] = {}
        self.all_defaults_unread = False
        self.resolves_conflicts = settings.get("conflict_handler") == "resolve"
        self.suppressed = settings.get("argument_default") == Foreign("argparse.SUPPRESS")
        self.syntax = Syntax(
            _text(settings.get("prefix_chars"), "-"),
            _text(settings.get("fromfile_prefix_chars"), ""),
            settings.get("allow_abbrev", True) is not False,
        )
        for parent in library.items_of(interpreter, settings.get("parents", [])) or []:
            model = parser_of(parent)
            if model is None:
                self.unread.append("a parent parser that can't be read")
            else:
                self._inherit(model)

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        if name not in _METHODS:
            return Unknown()
        return Method(lambda inner, arguments: _METHODS[name](self, inner, arguments))

    def belongs_to(self, interpreter: Interpreter, instance: Instance) -> None:
        split = instance.kind.lookup("convert_arg_line_to_args")
        if isinstance(split, Function):
            self.syntax = self.syntax._replace(file_line=self._line_by(interpreter, split.bound(instance)))

    def _line_by(self, interpreter: Interpreter, split: Function) -> Callable[[str], list[str]]:
        def words(line: str) -> list[str]:
            made = interpreter.call(split, Arguments((line,)))
            return made if isinstance(made, list) and known(made) else [line]

        return words

    def passed_to_library(self) -> None:
        self.unread.append("options that a library's function may add")

    def add(self, interpreter: Interpreter, arguments: Arguments, one_of: str = "") -> Any:
        """`add_argument(…)`."""
        flags = list(arguments.positional)
        if not arguments.exact and not all(isinstance(flag, str) for flag in flags):
            self.unread.append("an option whose arguments can't be known")
            return Unknown()
        if not all(isinstance(flag, str) for flag in flags) or not (flags or "dest" in arguments.keywords):
            self.unread.append("an option whose name can't be known")
            return Unknown()
        if not arguments.exact and not flags:
            self.unread.append("an option whose name can't be known")
            return Unknown()
        if self.suppressed and "default" not in arguments.keywords:
            arguments = arguments._replace(keywords={**arguments.keywords, "default": None})
        parameter = read_option(interpreter, flags, arguments, self.syntax.prefix_chars)
        dest = dest_of(flags, arguments, self.syntax.prefix_chars)
        if parameter is None:
            return Unknown()
        parameter = parameter._replace(maybe=interpreter.uncertain, one_of=one_of)
        if self.resolves_conflicts and not is_positional(flags, self.syntax.prefix_chars):
            self._give_way(set(flags))
        option = self._merged(parameter, dest)
        if option is None:
            option = Option(parameter, dest)
            self.options.append(option)
        return ActionModel(option)

    def _merged(self, parameter: Parameter, dest: str) -> Option | None:
        """The option that is already there and takes this one in, if there is one."""
        for option in self.options:
            known = option.parameter
            same_flags = (known.flags, known.off_flags) == (parameter.flags, parameter.off_flags)
            if same_flags and not known.positional and known.maybe and parameter.maybe:
                # one of two ways to make it, on a condition that is not known
                option.parameter = either(known, parameter)
                return option
            if option.dest == dest and _is_turned_off_by(known, parameter):
                option.parameter = known._replace(off_flags=parameter.off_flags)
                return option
        return None

    def command(self) -> Command:
        """What it takes now."""
        parameters = tuple(map(self._with_default, self.options))
        commands: tuple[Command, ...] = ()
        required = False
        complete = not self.unread
        if self.subparsers is not None:
            commands = tuple(
                parser.command()._replace(name=parser.name, aliases=parser.aliases, syntax=parser.syntax)
                for parser in self.subparsers.parsers
            )
            required = self.subparsers.required
            complete = complete and self.subparsers.complete
        return Command(self.name, parameters, commands, required, complete, self.aliases, tuple(self.required_groups))

    def interface(self, lenient: bool) -> Interface:
        """What a script can be told that parses its command line with it; `lenient`: by parse_known_args."""
        return Interface("argparse", self.command(), tuple(self.notes()), self.syntax._replace(lenient=lenient))

    def notes(self) -> list[str]:
        """What could not be read, in it and its sub-commands."""
        below = self.subparsers.parsers if self.subparsers else []
        more = [note for parser in below for note in parser.notes()]
        if self.subparsers and not self.subparsers.complete:
            more.append("a sub-command whose name can't be known")
        return [*self.unread, *more]

    def _with_default(self, option: Option) -> Parameter:
        parameter = option.parameter
        if option.dest in self.defaults:
            value = self.defaults[option.dest]
            return parameter._replace(default=literal(value))
        if self.all_defaults_unread:
            return parameter._replace(default=Unread())
        # of several options with one dest, the first one's default is in force
        first = next(other for other in self.options if other.dest == option.dest)
        return parameter._replace(default=first.parameter.default)

    def _give_way(self, flags: set[str]) -> None:
        kept = []
        for option in self.options:
            left = tuple(flag for flag in option.parameter.flags if flag not in flags)
            left_off = tuple(flag for flag in option.parameter.off_flags if flag not in flags)
            if left or left_off or option.parameter.positional:
                option.parameter = option.parameter._replace(flags=left, off_flags=left_off)
                kept.append(option)
        self.options = kept

    def _inherit(self, parent: ParserModel) -> None:
        self.options += [Option(parent._with_default(option), option.dest) for option in parent.options]
        self.unread += parent.unread
        self.groups += parent.groups
        self.required_groups += parent.required_groups
        self.defaults.update(parent.defaults)
        if parent.subparsers is not None:
            self.subparsers = parent.subparsers


class GroupModel(Modelled):
    """A group of a parser's options; `one_of` names it when at most one of them may be given."""

    def __init__(self, parser: ParserModel, one_of: str = "") -> None:
        self.parser = parser
        self.one_of = one_of

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        if name == "add_argument":
            return Method(lambda inner, arguments: self.parser.add(inner, arguments, self.one_of))
        return self.parser.attribute(interpreter, name)

    def passed_to_library(self) -> None:
        self.parser.passed_to_library()


class SubparsersModel(Modelled):
    """What `add_subparsers` gives."""

    def __init__(self, required: bool) -> None:
        self.required = required
        self.parsers: list[ParserModel] = []
        self.complete = True

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        return Method(self._add_parser) if name == "add_parser" else Unknown()

    def set_attribute(self, name: str, value: Any) -> None:
        if name == "required":
            self.required = value is True

    def passed_to_library(self) -> None:
        self.complete = False

    def _add_parser(self, interpreter: Interpreter, arguments: Arguments) -> Any:
        name = arguments.get(0, "name")
        if not isinstance(name, str):
            self.complete = False
            return ParserModel(interpreter, Arguments())
        parser = ParserModel(interpreter, Arguments((), arguments.keywords, arguments.exact), name)
        aliases = arguments.keywords.get("aliases", ())
        parser.aliases = tuple(
            alias for alias in library.items_of(interpreter, aliases) or () if isinstance(alias, str)
        )
        self.parsers.append(parser)
        return parser


class ActionModel(Modelled):
    """What `add_argument` gives; scripts set its `default`, `required`, `help` or `completer`."""

    def __init__(self, option: Option) -> None:
        self.option = option

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        return self.option.dest if name == "dest" else Unknown()

    def set_attribute(self, name: str, value: Any) -> None:
        if name == "default":
            self.option.parameter = self.option.parameter._replace(default=literal(value))
        elif name == "required":
            self.option.parameter = self.option.parameter._replace(required=value is True)


class RestModel(Modelled):
    """The words that parse_known_args left over. Where they are used other than by another parser, the script has
    options that are not known."""

    truth = None

    def __init__(self, parser: ParserModel) -> None:
        self.parser = parser

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        return self if name.startswith("[") else Unknown()

    def passed_to_library(self) -> None:
        self.parser.unread.append("what parse_known_args leaves over is used by the script itself")


class NamespaceModel(Modelled):
    """What parse_args gives: its attributes are known when the script runs."""


def parser_of(value: Any) -> ParserModel | None:
    """The parser that a value is, or derives from; None when it is none."""
    if isinstance(value, Instance):
        value = value.modelled
    if isinstance(value, GroupModel):
        value = value.parser
    return value if isinstance(value, ParserModel) else None


def _is_turned_off_by(switch: Parameter, other: Parameter) -> bool:
    """Whether they are a pair such as `--amp` and `--no-amp`."""
    both = switch.takes == other.takes == SWITCH and switch.type.name == other.type.name == "bool"
    return both and bool(switch.flags and other.off_flags) and not switch.off_flags and not other.flags


def _text(value: Any, default: str) -> str:
    return value if isinstance(value, str) else default


def _group(parser: ParserModel, interpreter: Interpreter, arguments: Arguments) -> GroupModel:
    return GroupModel(parser)


def _exclusive_group(parser: ParserModel, interpreter: Interpreter, arguments: Arguments) -> GroupModel:
    name = f"group {len(parser.groups) + 1}"
    parser.groups.append(name)
    if arguments.get(0, "required", False) is True:
        parser.required_groups.append(name)
    return GroupModel(parser, name)


def _subparsers(parser: ParserModel, interpreter: Interpreter, arguments: Arguments) -> SubparsersModel:
    parser.subparsers = SubparsersModel(arguments.keywords.get("required") is True)
    return parser.subparsers


def _set_defaults(parser: ParserModel, interpreter: Interpreter, arguments: Arguments) -> None:
    if not arguments.exact:
        parser.all_defaults_unread = True
    for name, value in arguments.keywords.items():
        parser.defaults[name] = Unknown() if interpreter.uncertain else value


def _get_default(parser: ParserModel, interpreter: Interpreter, arguments: Arguments) -> Any:
    wanted = arguments.get(0, "dest")
    for option in parser.options:
        if option.dest == wanted:
            default = parser._with_default(option).default
            return Unknown(default.text) if isinstance(default, Unread) else default
    return Unknown()


def _parse(parser: ParserModel, interpreter: Interpreter, arguments: Arguments) -> Any:
    _found(parser, interpreter, arguments, lenient=False)
    return NamespaceModel()


def _parse_known(parser: ParserModel, interpreter: Interpreter, arguments: Arguments) -> Any:
    _found(parser, interpreter, arguments, lenient=True)
    return (NamespaceModel(), RestModel(parser))


def _found(parser: ParserModel, interpreter: Interpreter, arguments: Arguments, lenient: bool) -> None:
    words = arguments.get(0, "args")
    if known(words) and words is not None:
        return  # a list that is written in the script: not what its user says
    final = not lenient and not interpreter.uncertain
    interpreter.found_by(lambda: parser.interface(lenient), final)


_METHODS: dict[str, Callable[..., Any]] = {
    "add_argument": ParserModel.add,
    "add": ParserModel.add,  # configargparse's
    "add_argument_group": _group,
    "add_mutually_exclusive_group": _exclusive_group,
    "add_subparsers": _subparsers,
    "set_defaults": _set_defaults,
    "get_default": _get_default,
    "parse_args": _parse,
    "parse_intermixed_args": _parse,
    "parse_known_args": _parse_known,
    "parse_known_intermixed_args": _parse_known,
    "error": lambda parser, interpreter, arguments: library.EXIT,
    "exit": lambda parser, interpreter, arguments: library.EXIT,
}
FOREIGN = {
    "argparse.ArgumentParser": ParserModel,
    "configargparse.ArgumentParser": ParserModel,
    "configargparse.ArgParser": ParserModel,
    "argparse.Action": ActionBase,
}
