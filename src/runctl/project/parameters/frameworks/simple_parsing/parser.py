"""simple-parsing: an ArgumentParser that has dataclasses for groups of options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from runctl.project.parameters.following.values import (
    NOTHING,
    Arguments,
    Class,
    Foreign,
    Instance,
    Method,
    Unknown,
    known,
)
from runctl.project.parameters.frameworks.argparse.parser import NamespaceModel, ParserModel
from runctl.project.parameters.frameworks.dataclass_fields import FieldSpec, spec
from runctl.project.parameters.frameworks.simple_parsing.fields import option
from runctl.project.parameters.frameworks.simple_parsing.wrappers import (
    Naming,
    Wrapper,
    commands_of,
    kind_of,
    resolve_conflicts,
)
from runctl.project.parameters.model import VALUES, Command, Interface, Parameter
from runctl.project.parameters.types import PATH, STR

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

_FIELD_WORDS = ("default", "default_factory", "init", "repr", "hash", "compare", "metadata", "to_dict")


class SimpleParserModel(ParserModel):
    """A simple_parsing.ArgumentParser."""

    def __init__(self, interpreter: Interpreter, arguments: Arguments, nested: str = "DEFAULT") -> None:
        super().__init__(interpreter, arguments)
        self.interpreter = interpreter
        self.settings = arguments.keywords
        self.naming = _naming(arguments.keywords, nested)
        self.wrappers: list[Wrapper] = []

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        method = _METHODS.get(name)
        if method:
            return Method(lambda inner, arguments: method(self, inner, arguments))
        return super().attribute(interpreter, name)

    def add_dataclass(self, arguments: Arguments) -> None:
        """`add_arguments(Config, dest="config")`."""
        given, dest = arguments.get(0, "dataclass"), arguments.get(1, "dest")
        kind = kind_of(given)
        if kind is None or not isinstance(dest, str):
            self.unread.append("options of a dataclass that can't be known")
            return
        prefix = arguments.keywords.get("prefix", "")
        default = given if isinstance(given, Instance) else arguments.keywords.get("default")
        prefix = prefix if isinstance(prefix, str) else ""
        self.wrappers.append(Wrapper(self.interpreter, kind, dest, prefix, None, default))

    def command(self) -> Command:
        """What it takes now."""
        command = super().command()
        if not resolve_conflicts(self.wrappers, self.naming):
            self.unread.append("options of the same name, whose names can't be known")
        made: list[Parameter] = []
        for wrapper in (below for each in self.wrappers for below in each.flat()):
            made += [self._option(wrapper, index) for index in range(len(wrapper.fields))]
            self.unread += [note for note in wrapper.unread if note not in self.unread]
        file = self._config_file()
        parameters = (*command.parameters, *made, *file)
        commands, required = self._commands()
        return command._replace(
            parameters=parameters,
            commands=command.commands + commands,
            command_required=command.command_required or required,
            complete=command.complete and not self.unread,
            filled_by=tuple(flag for parameter in file for flag in parameter.flags),
        )

    def _option(self, wrapper: Wrapper, index: int) -> Parameter:
        field = wrapper.fields[index]
        # where its value goes, without the root that all of them have in common
        name = field.dest.partition(".")[2] if len(self.wrappers) == 1 else field.dest
        if field.field.extra.get("positional") is True:
            made = option(field.field, name, (), field.prefix)
            return made._replace(off_flags=(), at_least=int(made.required))
        made = option(field.field, name, field.flags(self.naming), field.prefix)
        groups = field.field.extra.get("subgroups")
        if isinstance(groups, dict):
            default = field.field.extra.get("subgroup_default")
            chosen = default if isinstance(default, str) else None
            made = made._replace(type=STR, choices=tuple(map(str, groups)), default=chosen, required=chosen is None)
        return made._replace(required=made.required and not wrapper.optional)

    def _config_file(self) -> tuple[Parameter, ...]:
        wanted = self.settings.get("add_config_path_arg")
        if wanted is None:
            wanted = self.settings.get("config_path") is not None
        if wanted is False:
            return ()
        name = wanted if isinstance(wanted, str) else "config_path"
        return (Parameter(name, PATH, (f"--{name}",), takes=VALUES, at_least=0, at_most=None),)

    def _commands(self) -> tuple[tuple[Command, ...], bool]:
        commands: list[Command] = []
        required = False
        for field in [field for each in self.wrappers for below in each.flat() for field in below.subparsers]:
            required = required or field.required
            for name, kind in commands_of(field).items():
                parser = SimpleParserModel(self.interpreter, Arguments((), self.settings), self.naming.nested)
                parser.add_dataclass(Arguments((kind, field.name)))
                commands.append(parser.command()._replace(name=name))
                self.unread += [note for note in parser.unread if note not in self.unread]
        return tuple(commands), required


def _naming(settings: Mapping[str, Any], nested: str) -> Naming:
    dashes = _word(settings.get("add_option_string_dash_variants"), "AUTO")
    generation = _word(settings.get("argument_generation_mode"), "FLAT")
    if settings.get("add_dest_to_option_strings"):
        generation = "BOTH"
    return Naming(
        {"True": "UNDERSCORE_AND_DASH", "only": "DASH"}.get(dashes, dashes),
        generation,
        _word(settings.get("nested_mode"), nested),
        _word(settings.get("conflict_resolution"), "AUTO"),
    )


def _word(value: Any, default: str) -> str:
    if isinstance(value, Foreign):
        return value.name.rpartition(".")[2]
    return default if value is None else str(value)


def _add_arguments(parser: SimpleParserModel, interpreter: Interpreter, arguments: Arguments) -> Any:
    parser.add_dataclass(arguments)
    return Unknown()


def _parse(parser: SimpleParserModel, interpreter: Interpreter, arguments: Arguments) -> Any:
    _found(parser, interpreter, arguments, lenient=False)
    return NamespaceModel()


def _parse_known(parser: SimpleParserModel, interpreter: Interpreter, arguments: Arguments) -> Any:
    _found(parser, interpreter, arguments, lenient=True)
    return (NamespaceModel(), Foreign("sys.argv[1:]"))


def _found(parser: SimpleParserModel, interpreter: Interpreter, arguments: Arguments, lenient: bool) -> None:
    words = arguments.get(0, "args")
    if words is not None and known(words):
        return
    command, notes = parser.command(), tuple(dict.fromkeys(parser.notes()))
    interface = Interface("simple_parsing", command, notes, parser.syntax._replace(lenient=lenient))
    interpreter.found(interface, final=not lenient and not interpreter.uncertain)


def _parse_class(lenient: bool) -> Callable[[Interpreter, Arguments], Any]:
    def parse(interpreter: Interpreter, arguments: Arguments) -> Any:
        words = arguments.keywords
        settings = {**words, "config_path": arguments.get(1, "config_path")}
        parser = SimpleParserModel(interpreter, Arguments((), settings), "WITHOUT_ROOT")
        dest = arguments.get(4, "dest", "config")
        named = {"prefix": words.get("prefix", ""), "default": arguments.get(3, "default")}
        parser.add_dataclass(Arguments((arguments.get(0, "config_class"), dest), named))
        given = arguments.get(2, "args")
        _found(parser, interpreter, Arguments((given,)), lenient)
        return Unknown()

    return parse


# the functions that make fields


def _field(interpreter: Interpreter, arguments: Arguments) -> FieldSpec:
    words = dict(arguments.keywords)
    for index, name in enumerate(("default", "alias", "cmd", "positional")):
        if index < len(arguments.positional):
            words[name] = arguments.positional[index]
    default = words.get("default", NOTHING)
    if default is NOTHING and words.get("action") in ("store_true", "store_false"):
        words["default"] = words["action"] == "store_false"
    extra = {name: value for name, value in words.items() if name not in _FIELD_WORDS}
    return spec(arguments._replace(positional=(), keywords=words), extra)


def _choice(interpreter: Interpreter, arguments: Arguments) -> FieldSpec:
    choices = arguments.positional
    one = choices[0] if len(choices) == 1 else list(choices)
    words = {**arguments.keywords, "choices": one}
    default = words.get("default")
    if isinstance(one, dict) and isinstance(default, str) and default not in one:
        words["default"] = Unknown()
    return _field(interpreter, Arguments((), words, arguments.exact))


def _made_by(kind: Any) -> Callable[[Interpreter, Arguments], FieldSpec]:
    def make(interpreter: Interpreter, arguments: Arguments) -> FieldSpec:
        items = kind(arguments)
        factory = Method(lambda inner, given: items)
        words = {name: value for name, value in arguments.keywords.items() if name != "default"}
        return _field(interpreter, Arguments((), {**words, "default_factory": factory}, arguments.exact))

    return make


def _list_items(arguments: Arguments) -> Any:
    default = arguments.keywords.get("default")
    return default if isinstance(default, list) else list(arguments.positional)


def _mutable(interpreter: Interpreter, arguments: Arguments) -> FieldSpec:
    settings = {name: value for name, value in arguments.keywords.items() if name in _FIELD_WORDS}
    rest = {name: value for name, value in arguments.keywords.items() if name not in _FIELD_WORDS}
    kind = arguments.get(0, "fn")
    factory = Method(lambda inner, given: inner.call(kind, Arguments(arguments.positional[1:], rest)))
    return spec(Arguments((), {**settings, "default_factory": factory}))


def _flag(interpreter: Interpreter, arguments: Arguments) -> FieldSpec:
    words = {name: value for name, value in arguments.keywords.items() if name not in ("action", "type", "nargs")}
    return _field(interpreter, arguments._replace(keywords=words))


def _subparsers(interpreter: Interpreter, arguments: Arguments) -> FieldSpec:
    words = {**arguments.keywords, "subparsers": arguments.get(0, "subcommands")}
    return _field(interpreter, Arguments((), words))


def _subgroups(interpreter: Interpreter, arguments: Arguments) -> FieldSpec:
    words = {name: value for name, value in arguments.keywords.items() if name not in ("default", "default_factory")}
    groups, default = arguments.get(0, "subgroups"), arguments.keywords.get("default", NOTHING)
    factory = arguments.keywords.get("default_factory")
    if isinstance(factory, Class) and isinstance(groups, dict):
        default = next((key for key, kind in groups.items() if kind is factory), NOTHING)
    return _field(interpreter, Arguments((), {**words, "subgroups": groups, "subgroup_default": default}))


_METHODS: dict[str, Callable[[SimpleParserModel, Interpreter, Arguments], Any]] = {
    "add_arguments": _add_arguments,
    "parse_args": _parse,
    "parse_known_args": _parse_known,
}
_FIELDS: dict[str, Callable[[Interpreter, Arguments], Any]] = {
    "field": _field,
    "choice": _choice,
    "list_field": _made_by(_list_items),
    "set_field": _made_by(lambda arguments: set(arguments.positional) if known(arguments.positional) else Unknown()),
    "dict_field": _made_by(lambda arguments: arguments.get(0, "default_items", {})),
    "mutable_field": _mutable,
    "flag": _flag,
    "subparsers": _subparsers,
    "subgroups": _subgroups,
}
FOREIGN: dict[str, Callable[[Interpreter, Arguments], Any]] = {
    "simple_parsing.ArgumentParser": SimpleParserModel,
    "simple_parsing.parse": _parse_class(lenient=False),
    "simple_parsing.parse_known_args": _parse_class(lenient=True),
    **{f"simple_parsing.{name}": make for name, make in _FIELDS.items()},
    **{f"simple_parsing.helpers.{name}": make for name, make in _FIELDS.items()},
    **{f"simple_parsing.helpers.fields.{name}": make for name, make in _FIELDS.items()},
}
