"""Print the sandbox's log: every request, and what went wrong.

examples:
  runctl sandbox logs
  runctl sandbox logs --follow
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App, whole_number
from runctl.core.text import printable


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-n", "--tail", type=whole_number, default=200, help="how many of the last lines (default 200)")
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the sandbox is down, or Ctrl-C")


def execute(args: argparse.Namespace, app: App) -> None:
    from runctl.sandbox.logs import follow, last_lines

    lines = last_lines(app.config.home, args.tail)
    shown = [printable(line) for line in lines]
    app.answer({"lines": lines}, shown, shown)
    if args.follow and not app.json:
        for line in follow(app.config.home):
            app.console.data(printable(line))
