"""What words give to an argparse parser: asked of an argparse parser with the same options, made here."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from runctl.project.parameters.model import (
    COUNT,
    REPEATED,
    REST,
    SWITCH,
    VALUE,
    Command,
    Parameter,
    Received,
    Syntax,
)


class _Refused(Exception):
    pass


class _Parser(argparse.ArgumentParser):
    file_line: Callable[[str], list[str]] | None = None

    def error(self, message: str) -> NoReturn:
        raise _Refused(message)

    def convert_arg_line_to_args(self, arg_line: str) -> list[str]:
        return [arg_line] if self.file_line is None else self.file_line(arg_line)

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise _Refused("it prints its help, and ends")


class _Switch(argparse.Action):
    """Stores by which of its flags it was given; `const` are those that turn it off."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        setattr(namespace, self.dest, ["false" if option_string in self.const else "true"])


def receive(command: Command, syntax: Syntax, words: Sequence[str], whole: bool) -> Received:
    """What the script's parser makes of `words`; unless `whole`, nothing is missed that is required. Values are
    texts; their types were checked before."""
    table: dict[str, Parameter] = {}
    parser = _Parser(**_settings(syntax))
    parser.file_line = syntax.file_line
    demanding = whole and not _is_filled(command, words)
    _add(parser, syntax, command, "", table, demanding)
    try:
        found, rest = parser.parse_known_args(list(words))
    except (_Refused, argparse.ArgumentError, OSError) as error:
        # argparse's own words, the same in every Python that runctl runs under
        missing = str(error).startswith("the following arguments are required")
        return Received(problem=str(error), missing=missing)
    path: list[str] = []
    while True:
        chosen = getattr(found, "command" + "/".join(["", *path]), None)
        if chosen is None:
            break
        path.append(_real_name(command, path, chosen))
    given = [(table[key], _words(value)) for key, value in vars(found).items() if key in table]
    # a positional argument that may be missing is there with no words when it is
    values = tuple((parameter, words) for parameter, words in given if words or not parameter.positional)
    complete = all(command.complete for _, command in command.walk())
    problem = f"unrecognized arguments: {' '.join(rest)}" if rest and complete and not syntax.lenient else None
    return Received(tuple(path), values, problem)


def _is_filled(command: Command, words: Sequence[str]) -> bool:
    """Whether a file of settings is named, so that nothing is known to be missing."""
    return any(word.partition("=")[0] in command.filled_by for word in words)


def _settings(syntax: Syntax) -> dict[str, Any]:
    return {
        "prefix_chars": syntax.prefix_chars,
        "fromfile_prefix_chars": syntax.file_prefix_chars or None,
        "allow_abbrev": syntax.abbreviations,
        "argument_default": argparse.SUPPRESS,
        "conflict_handler": "resolve",
    }


def _add(
    parser: argparse.ArgumentParser,
    syntax: Syntax,
    command: Command,
    prefix: str,
    table: dict[str, Parameter],
    demanding: bool,
) -> None:
    groups: dict[str, Any] = {}
    for index, parameter in enumerate(command.parameters):
        key = f"{prefix}{index}"
        table[key] = parameter
        place: Any = parser
        if parameter.one_of:
            if parameter.one_of not in groups:
                required = demanding and parameter.one_of in command.one_required
                groups[parameter.one_of] = parser.add_mutually_exclusive_group(required=required)
            place = groups[parameter.one_of]
        action = _add_parameter(place, parameter, key)
        # its number of words decides what its neighbours get: only that it may be missing is changed
        action.required = demanding and action.required and not parameter.maybe
    if command.commands:
        below = parser.add_subparsers(
            dest="command" + ("/" + prefix.rstrip("/") if prefix else ""),
            required=demanding and command.command_required,
        )
        for sub in command.commands:
            _add(
                below.add_parser(sub.name, aliases=sub.aliases, **_settings(sub.syntax or syntax)),
                syntax,
                sub,
                f"{prefix}{sub.name}/",
                table,
                demanding,
            )


def _add_parameter(place: Any, parameter: Parameter, key: str) -> argparse.Action:
    if parameter.positional:
        action: argparse.Action = place.add_argument(key, metavar=parameter.name, **_values(parameter))
        return action
    if parameter.takes == SWITCH:
        flags = parameter.flags + parameter.off_flags
        action = place.add_argument(*flags, dest=key, action=_Switch, nargs=0, const=parameter.off_flags)
    elif parameter.takes == COUNT:
        action = place.add_argument(*parameter.flags, dest=key, action="append_const", const="1")
    else:
        action = place.add_argument(*parameter.flags, dest=key, **_values(parameter))
        if parameter.off_flags:
            place.add_argument(*parameter.off_flags, dest=key, action=_Switch, nargs=0, const=parameter.off_flags)
    action.required = parameter.required
    return action


def _values(parameter: Parameter) -> dict[str, Any]:
    settings: dict[str, Any] = {"action": "append" if parameter.takes == REPEATED else "store"}
    nargs = _nargs(parameter)
    if nargs is not None:
        settings["nargs"] = nargs
    return {**settings, "const": []} if nargs == "?" else settings


def _nargs(parameter: Parameter) -> str | int | None:
    if parameter.takes == REST:
        return argparse.REMAINDER
    if parameter.takes in (VALUE, REPEATED):
        optional = parameter.at_least == 0 or (parameter.positional and not parameter.required)
        return "?" if optional and parameter.takes == VALUE else None
    if parameter.at_least == parameter.at_most:
        return parameter.at_most
    return "*" if parameter.at_least == 0 else "+"


def _words(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def _real_name(command: Command, path: list[str], chosen: str) -> str:
    """The name of the sub-command that `chosen`, perhaps an alias, stands for."""
    for name in path:
        command = next(sub for sub in command.commands if sub.name == name)
    return next(sub.name for sub in command.commands if chosen in (sub.name, *sub.aliases))
