"""transformers' HfArgumentParser, and trl's TrlParser, which derives from it: parsers made of dataclasses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runctl.project.parameters.following import library
from runctl.project.parameters.following.values import Arguments, Class, Foreign, Method, Modelled, Unknown, known
from runctl.project.parameters.frameworks.argparse.parser import Option, ParserModel
from runctl.project.parameters.frameworks.dataclass_fields import FieldSpec, fields_of, library_bases, spec
from runctl.project.parameters.frameworks.hf.fields import option
from runctl.project.parameters.frameworks.hf.library import LIBRARY_VERSIONS, library_options
from runctl.project.parameters.model import Command, Interface, Parameter
from runctl.project.parameters.types import PATH

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter


class HfParserModel(ParserModel):
    """An HfArgumentParser: an ArgumentParser that has the fields of dataclasses as options."""

    def __init__(self, interpreter: Interpreter, arguments: Arguments) -> None:
        super().__init__(interpreter, arguments)
        # a file beside the script gives values to options: then none can be said to be missing
        self.filled_from_file = False
        self.filled_by: tuple[str, ...] = ()
        self.whole_files: tuple[str, ...] = ()
        for kind in _listed(interpreter, arguments.get(0, "dataclass_types", ())):
            self._add_dataclass(interpreter, kind)

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        method = _METHODS.get(name)
        if method:
            return Method(lambda inner, arguments: method(self, inner, arguments))
        return super().attribute(interpreter, name)

    def add_options(self, parameters: list[Parameter]) -> None:
        """Has these options too; one of a name that it has takes the other's place."""
        names = {parameter.name for parameter in parameters}
        self.options = [made for made in self.options if made.dest not in names]
        self.options += [Option(parameter, parameter.name) for parameter in parameters]

    def command(self) -> Command:
        """What it takes now."""
        command = super().command()._replace(filled_by=self.filled_by, whole_files=self.whole_files)
        if not self.filled_from_file:
            return command
        return command._replace(parameters=tuple(p._replace(required=False) for p in command.parameters))

    def _add_dataclass(self, interpreter: Interpreter, kind: Any) -> None:
        if isinstance(kind, Foreign):
            self._add_library_class(kind.name)
        elif isinstance(kind, Class):
            for base in library_bases(kind):
                self._add_library_class(base)
            self.add_options([option(field) for field in fields_of(interpreter, kind) if field.inner])
        else:
            self.unread.append("a dataclass that can't be known")

    def _add_library_class(self, name: str) -> None:
        word = name.rpartition(".")[2]
        found = library_options(word)
        self.add_options(found)
        versions = f"only those that {LIBRARY_VERSIONS} have are known" if found else "they are not known"
        self.unread.append(f"options of {name}, whose names depend on the installed version: {versions}")


def _listed(interpreter: Interpreter, kinds: Any) -> list[Any]:
    if isinstance(kinds, (Class, Foreign)):
        return [kinds]
    if kinds is None:
        return []
    items = library.items_of(interpreter, kinds)
    return [Unknown()] if items is None else items


class _Parsed(Modelled):
    """The dataclasses' objects, and what else a call returned: known when the script runs."""

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        return Unknown()


def _into_dataclasses(parser: HfParserModel, interpreter: Interpreter, arguments: Arguments) -> Any:
    words = arguments.get(0, "args")
    if words is not None and known(words):
        return _Parsed()
    lenient = arguments.get(1, "return_remaining_strings", False) is not False
    flag = arguments.get(4, "args_file_flag")
    if isinstance(flag, str):
        parser.add_options([Parameter(flag.lstrip("-"), PATH, (flag,), help="a file of further arguments")])
        parser.filled_by = (flag,)
    looks = arguments.get(2, "look_for_args_file", True) is not False
    beside_script = looks and Path(interpreter.script).with_suffix(".args").is_file()
    parser.filled_from_file = beside_script or arguments.get(3, "args_filename") is not None
    return _found(parser, interpreter, lenient)


def _with_config(parser: HfParserModel, interpreter: Interpreter, arguments: Arguments) -> Any:
    parser.filled_by = ("--config",)
    parser.add_options([Parameter("config", PATH, ("--config",), help="a YAML file of arguments")])
    return _found(parser, interpreter, arguments.get(1, "return_remaining_strings", False) is not False)


def _parse_args(parser: HfParserModel, interpreter: Interpreter, arguments: Arguments) -> Any:
    words = arguments.get(0, "args")
    return _Parsed() if words is not None and known(words) else _found(parser, interpreter, lenient=False)


def _parse_known_args(parser: HfParserModel, interpreter: Interpreter, arguments: Arguments) -> Any:
    words = arguments.get(0, "args")
    return _Parsed() if words is not None and known(words) else _found(parser, interpreter, lenient=True)


def _found(parser: HfParserModel, interpreter: Interpreter, lenient: bool) -> Any:
    interface = Interface("hf", parser.command(), tuple(parser.notes()), parser.syntax._replace(lenient=lenient))
    interpreter.found(interface, final=not lenient and not interpreter.uncertain)
    return _Parsed()


def _hf_arg(interpreter: Interpreter, arguments: Arguments) -> FieldSpec:
    made = spec(arguments)
    for name in ("aliases", "help"):
        if arguments.keywords.get(name) is not None:
            made.metadata[name] = arguments.keywords[name]
    return made


def _from_file(*suffixes: str) -> Callable[[HfParserModel, Interpreter, Arguments], Any]:
    def parse(parser: HfParserModel, interpreter: Interpreter, arguments: Arguments) -> Any:
        parser.whole_files += suffixes
        return _Parsed()

    return parse


_METHODS: dict[str, Callable[[HfParserModel, Interpreter, Arguments], Any]] = {
    "parse_args_into_dataclasses": _into_dataclasses,
    "parse_args_and_config": _with_config,
    "parse_args": _parse_args,
    "parse_known_args": _parse_known_args,
    "parse_json_file": _from_file(".json"),
    "parse_yaml_file": _from_file(".yaml", ".yml"),
    "parse_dict": _from_file(),
}
FOREIGN: dict[str, Callable[[Interpreter, Arguments], Any]] = {
    "transformers.HfArgumentParser": HfParserModel,
    "transformers.hf_argparser.HfArgumentParser": HfParserModel,
    "transformers.hf_argparser.HfArg": _hf_arg,
    "trl.TrlParser": HfParserModel,
    "trl.scripts.TrlParser": HfParserModel,
    "trl.scripts.utils.TrlParser": HfParserModel,
    "trl.commands.cli_utils.TrlParser": HfParserModel,
}
