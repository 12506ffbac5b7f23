"""`runctl config show`

examples:
  runctl config show                 what is in force in this folder
  runctl config show --origins       and which file, line or variable it came from
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.core.config.setting import plain, shown
from runctl.ui.console import table


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--origins", action="store_true", help="also show where each value came from")


def execute(args: argparse.Namespace, app: App) -> None:
    settings = app.config.origins()
    columns = 3 if args.origins else 2
    app.answer(
        {each.key: {"value": plain(each.value), "origin": each.origin} for each in settings},
        table(
            ("SETTING", "VALUE", "ORIGIN")[:columns],
            [(each.key, shown(each.value), each.origin)[:columns] for each in settings],
        ),
        [each.key for each in settings],
    )
