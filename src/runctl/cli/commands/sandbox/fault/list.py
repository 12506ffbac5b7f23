"""List the faults that are set.

examples:
  runctl sandbox fault list
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.commands.sandbox.status import said
from runctl.ui.console import table


def configure(parser: argparse.ArgumentParser) -> None:
    del parser  # it takes nothing but the common options


def execute(args: argparse.Namespace, app: App) -> None:
    from runctl.sandbox.asking import ask
    from runctl.sandbox.control import running

    faults = ask(running(app.config.home), "GET", "faults")
    rows = [[each["name"], said(each["settings"]), str(each["times_left"] or "ever")] for each in faults]
    app.answer(
        faults, table(["FAULT", "FOR", "TIMES LEFT"], rows) if rows else [], [str(each["id"]) for each in faults]
    )
    if not faults:
        app.console.note("no faults are set")
