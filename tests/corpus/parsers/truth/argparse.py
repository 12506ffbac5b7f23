"""argparse's own word for what a script's parsers have."""

from __future__ import annotations

import argparse
from typing import Any

from truth import Parsed, Run


def flags(run: Run) -> dict[str, dict[str, Any]]:
    """The options of every parser that the script uses, until one does not let unknown arguments pass."""
    found: dict[str, dict[str, Any]] = {}
    parse_known_args = argparse.ArgumentParser.parse_known_args

    def watch_known(parser: argparse.ArgumentParser, *args: Any, **kwargs: Any) -> Any:
        found.update(_options(parser, []))
        return parse_known_args(parser, *args, **kwargs)

    def watch(parser: argparse.ArgumentParser, *args: Any, **kwargs: Any) -> Any:
        found.update(_options(parser, []))
        raise Parsed

    argparse.ArgumentParser.parse_known_args = watch_known  # type: ignore[method-assign]
    argparse.ArgumentParser.parse_args = watch  # type: ignore[method-assign]
    argparse.ArgumentParser.parse_intermixed_args = watch  # type: ignore[method-assign]
    try:
        run([])
    except (Parsed, SystemExit):
        pass
    return found


def _options(parser: argparse.ArgumentParser, command: list[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            first_names = {id(below): name for name, below in reversed(action.choices.items())}
            for name, below in action.choices.items():
                if first_names[id(below)] == name:
                    found.update(_options(below, [*command, name]))
        elif not isinstance(action, (argparse._HelpAction, argparse._VersionAction)):
            for flag in action.option_strings or [action.dest]:
                found[" ".join([*command, flag])] = _about(parser, action)
    return found


def _about(parser: argparse.ArgumentParser, action: argparse.Action) -> dict[str, Any]:
    about: dict[str, Any] = {}
    if action.nargs not in (argparse.OPTIONAL, argparse.ZERO_OR_MORE, argparse.REMAINDER) or action.option_strings:
        about["required"] = action.required
    if action.choices is not None and len(list(action.choices)) < 1000:
        about["choices"] = [str(choice) for choice in action.choices]
    # the namespace gets the default of the first option with that dest
    defaults = [other.default for other in parser._actions if other.dest == action.dest]
    default = next((default for default in defaults if default != argparse.SUPPRESS), argparse.SUPPRESS)
    if default is None or (isinstance(default, (bool, int, float, str)) and default != argparse.SUPPRESS):
        about["default"] = default
    return about
