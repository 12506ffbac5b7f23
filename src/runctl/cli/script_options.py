"""What commands that start a script share: its arguments, variables and secrets."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from runctl.cli.app import App
from runctl.core.errors import UsageError

if TYPE_CHECKING:
    from runctl.runs.spec_parts import Asked


def add_script_options(parser: argparse._ActionsContainer) -> None:
    """Adds the options that say what a script receives, and `--grace` and `--stop-signal`."""
    parser.add_argument("--script-args", metavar="STRING", help="arguments for the script, split as a shell does")
    parser.add_argument(
        "--hyperparams",
        action="append",
        default=[],
        metavar="KEY=VALUE,…|@FILE",
        help="hyperparameters, spelled as the script's own parser spells them; `runctl params` lists them",
    )
    parser.add_argument("-e", "--env", action="append", default=[], metavar="KEY[=VALUE]", help="a variable for it")
    parser.add_argument("--env-file", action="append", default=[], metavar="FILE", help="variables, a line each")
    parser.add_argument(
        "--secret",
        action="append",
        default=[],
        metavar="KEY[=@FILE]",
        help="a variable never written to disk, and hidden in output; its value from your environment or a file",
    )
    parser.add_argument("--grace", metavar="SECONDS", help="from the stop signal to the kill (default 30)")
    parser.add_argument("--stop-signal", metavar="NAME", help="what `runs stop` sends (default SIGTERM)")


def asked(args: argparse.Namespace) -> Asked:
    """What the options say. Raises UsageError, NotFoundError."""
    from runctl.core.variables import parse_secrets, parse_variables
    from runctl.project.hyperparams import read_hyperparams
    from runctl.runs.spec_parts import Asked

    return Asked(
        args.script,
        _script_arguments(args),
        hyperparams=read_hyperparams(args.hyperparams),
        env=parse_variables(args.env),
        env_files=[Path(name) for name in args.env_file],
        secrets=parse_secrets(args.secret),
    )


def warn_of_secrets(args: argparse.Namespace, app: App) -> None:
    """Warns of secrets whose values were typed."""
    for item in args.secret:
        if "=" in item and "=@" not in item:
            name = item.partition("=")[0]
            app.console.warn(f"the value of --secret {name} is in your shell's history; --secret {name} is not")


def _script_arguments(args: argparse.Namespace) -> list[str]:
    try:
        written = shlex.split(args.script_args) if args.script_args is not None else []
    except ValueError as error:
        raise UsageError(f"--script-args: {str(error).lower()}", hint="quote it as in a shell") from error
    return written + list(args.after_dashes)
