"""Show what a script can be told.

Read from the script's own parser (argparse, click, typer, dataclass parsers, fire, absl, Hydra) without running it.

examples:
  runctl params train.py
  runctl params train.py --json
  runctl local train.py --hyperparams epochs=10,lr=3e-4
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.core.text import printable
from runctl.runs.parameters import parameters_of
from runctl.ui.console import table
from runctl.ui.parameters import HEADER, row


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("script", help="the script: Python")


def execute(args: argparse.Namespace, app: App) -> None:
    found = parameters_of(args.script)
    rows = [row(parameter) for parameter in found["parameters"]]
    app.answer(found, table(HEADER, rows) if rows else [], [p["name"] for p in found["parameters"]])
    if found["framework"] is None:
        app.console.note(f"no parser of {printable(args.script)} could be read: its hyperparameters can't be checked")
    elif not rows:
        app.console.note(f"{printable(args.script)} takes no parameters ({found['framework']})")
    for note in found["notes"]:
        app.console.note(f"not read: {printable(note)}")
