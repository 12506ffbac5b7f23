"""simple-parsing's own word for what a script's parser has."""

from __future__ import annotations

import enum
from typing import Any

import simple_parsing

from truth import Parsed, Run
from truth.argparse import _options


def flags(run: Run) -> dict[str, dict[str, Any]]:
    """The options that the parser has when its dataclasses have been made into options."""
    found: dict[str, dict[str, Any]] = {}
    preprocess = simple_parsing.ArgumentParser._preprocessing

    def watch(parser: simple_parsing.ArgumentParser, *args: Any, **kwargs: Any) -> Any:
        preprocess(parser, *args, **kwargs)
        for command in _below(parser):
            preprocess(command, [])
        found.update({name: _plain(about) for name, about in _options(parser, []).items()})
        raise Parsed

    simple_parsing.ArgumentParser._preprocessing = watch
    try:
        run([])
    except Parsed:
        pass
    return found


def _below(parser: simple_parsing.ArgumentParser) -> list[Any]:
    actions = [action for action in parser._actions if isinstance(action.choices, dict)]
    return [command for action in actions for command in action.choices.values()]


def _plain(about: dict[str, Any]) -> dict[str, Any]:
    if isinstance(about.get("default"), enum.Enum):
        about["default"] = about["default"].name
    return about
