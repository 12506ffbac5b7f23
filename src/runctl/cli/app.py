"""What every command gets: the common options, the console, the settings, one way to answer and to ask."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from runctl.core.errors import RefusedError, UsageError
from runctl.core.folder import current_folder
from runctl.ui.console import Console

if TYPE_CHECKING:
    from runctl.core.config import Config


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options that every command takes."""
    group = parser.add_argument_group("common options")
    group.add_argument("--json", action="store_true", help="print one JSON document to stdout, nothing else")
    group.add_argument("-q", "--quiet", action="store_true", help="print ids alone, and no notes")
    group.add_argument("-y", "--yes", action="store_true", help="answer yes to every question")
    group.add_argument("--debug", action="store_true", help="show the traceback when something fails")


def whole_number(text: str) -> int:
    """An option's value that counts something. Raises ArgumentTypeError."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return int(text)


class App:
    """One command's surroundings."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.json: bool = args.json
        self.quiet: bool = args.quiet
        self.yes: bool = args.yes
        self.console = Console(quiet=args.quiet or args.json)

    @cached_property
    def config(self) -> Config:
        """The settings in force for the current folder."""
        from runctl.core.config import load

        return load(current_folder())

    def answer(self, document: Any, lines: Iterable[str], ids: Iterable[str] = ()) -> None:
        """Prints a command's result once: as JSON, as ids (`--quiet`), or as lines for people."""
        if self.json:
            self.console.data(json.dumps(document, indent=2, allow_nan=False))
            return
        for line in ids if self.quiet else lines:
            self.console.data(line)

    def confirm(self, question: str) -> None:
        """Asks, unless --yes. Raises RefusedError on anything but yes, UsageError where nobody can answer."""
        if self.yes:
            return
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError(f"{question} Nobody can be asked here.", hint="add --yes to go ahead")
        sys.stderr.write(f"{question} [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise RefusedError("not confirmed; nothing was changed")
