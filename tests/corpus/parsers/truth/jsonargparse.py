"""jsonargparse's own word for what a script's parser has."""

from __future__ import annotations

import argparse
import enum
from typing import Any

import jsonargparse

from truth import Parsed, Run

# they print something, or are no option at all
_NOT_FOR_RUNS = {"_HelpAction", "_ActionHelpClassPath", "_ActionPrintConfig", "ActionLink"}


def flags(run: Run) -> dict[str, dict[str, Any]]:
    """The options of the parser and its sub-commands, without those that print and end."""
    found: dict[str, dict[str, Any]] = {}

    def watch(parser: jsonargparse.ArgumentParser, *args: Any, **kwargs: Any) -> Any:
        found.update(_options(parser, []))
        raise Parsed

    jsonargparse.ArgumentParser.parse_args = watch
    try:
        run([])
    except Parsed:
        pass
    return found


def _options(parser: Any, command: list[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action._name_parser_map.items():
                found.update(_options(below, [*command, name]))
        elif type(action).__name__ not in _NOT_FOR_RUNS:
            for flag in action.option_strings or [action.dest]:
                found[" ".join([*command, flag])] = _about(action)
    return found


def _about(action: argparse.Action) -> dict[str, Any]:
    about: dict[str, Any] = {"required": bool(action.required)}
    if action.choices is not None:
        about["choices"] = [str(choice) for choice in action.choices]
    default = action.default.name if isinstance(action.default, enum.Enum) else action.default
    if default is None or (isinstance(default, (bool, int, float, str)) and default != argparse.SUPPRESS):
        about["default"] = default
    return about
