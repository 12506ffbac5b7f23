"""HfArgumentParser's own word for what a script's parser has."""

from __future__ import annotations

from typing import Any

from transformers import HfArgumentParser

from truth import Parsed, Run
from truth.argparse import _options


def flags(run: Run) -> dict[str, dict[str, Any]]:
    """The options of the parser that the script makes of its dataclasses."""
    found: dict[str, dict[str, Any]] = {}

    def watch(parser: HfArgumentParser, *args: Any, **kwargs: Any) -> Any:
        found.update(_options(parser, []))
        raise Parsed

    HfArgumentParser.parse_args_into_dataclasses = watch
    HfArgumentParser.parse_args = watch
    try:
        run([])
    except Parsed:
        pass
    return found
