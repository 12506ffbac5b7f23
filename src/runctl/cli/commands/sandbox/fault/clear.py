"""Clear all faults, and let pass again what was cut.

examples:
  runctl sandbox fault clear
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App


def configure(parser: argparse.ArgumentParser) -> None:
    del parser  # it takes nothing but the common options


def execute(args: argparse.Namespace, app: App) -> None:
    from runctl.sandbox.asking import ask
    from runctl.sandbox.control import running

    cleared = ask(running(app.config.home), "DELETE", "faults")
    app.answer(cleared, [f"{len(cleared)} faults cleared"], [str(each["id"]) for each in cleared])
