"""Answers a shell that asks how the command line under the cursor may go on."""

from __future__ import annotations

import argparse
import importlib
import os
from pathlib import Path
from typing import Any

from runctl.cli.app import add_common_options
from runctl.cli.main import COMMANDS, GROUPS, module_of
from runctl.core.errors import RunctlError


def complete() -> None:
    """Writes the completions to where the shell reads them, and ends the process."""
    import argcomplete

    words = os.environ.get("COMP_LINE", "").split()
    exclude = _Options() if "--" in words[:-1] else None
    argcomplete.autocomplete(full_parser(words), always_complete_options=False, exclude=exclude)


class _Options:
    """All that begin with a dash: behind `--` they are the script's, and runctl's own would mislead."""

    def __contains__(self, word: object) -> bool:
        return str(word).startswith("-")


def full_parser(words: list[str]) -> argparse.ArgumentParser:
    """One parser of all commands; only those that `words` name are imported and have their arguments."""
    parser = argparse.ArgumentParser(prog="runctl", allow_abbrev=False)
    parser.add_argument("--version", action="store_true", help="show the version")
    groups = {"": parser.add_subparsers()}
    for name, text in GROUPS.items():
        outer, _, word = name.rpartition(" ")
        groups[name] = groups[outer].add_parser(word, help=text).add_subparsers()
    for name, text in COMMANDS.items():
        group, _, word = name.rpartition(" ")
        command = groups[group].add_parser(word, help=text, allow_abbrev=False)
        if set(name.split()) <= set(words):
            importlib.import_module(module_of(name)).configure(command)
            add_common_options(command)
            _add_completers(command)
    return parser


def _add_completers(parser: argparse.ArgumentParser) -> None:
    for action in parser._actions:
        if action.dest in COMPLETERS:
            action.completer = COMPLETERS[action.dest]  # type: ignore[attr-defined]


def _run_ids(**context: Any) -> list[str]:
    from runctl.core.config import load
    from runctl.runs.store import run_ids

    try:
        return run_ids(load(Path.cwd()).home)
    except (RunctlError, OSError):
        # a wrong setting is reported by the command itself; there is nowhere to say so here
        return []


def _setting_names(**context: Any) -> list[str]:
    from runctl.core.config.table import SETTINGS

    return list(SETTINGS)


COMPLETERS = {"run": _run_ids, "runs": _run_ids, "key": _setting_names}
