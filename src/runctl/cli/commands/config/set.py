"""`runctl config set`

examples:
  runctl config set grace 2m                 in the nearest .runctl.toml, or a new one in this folder
  runctl config set --user home /data/runs   in your own file, for every project
  runctl config set python ""                none, whatever your own file says

Relative paths are relative to the file's folder.
"""

from __future__ import annotations

import argparse
import os

from runctl.cli.app import App
from runctl.core.folder import current_folder
from runctl.core.text import printable


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", help="name of the setting; `runctl config show` lists them")
    parser.add_argument("value", metavar="VALUE", help="its value, as text")
    parser.add_argument("--user", action="store_true", help="write to the user's file, not the project's")


def execute(args: argparse.Namespace, app: App) -> None:
    from runctl.core.config.editing import set_value

    written = set_value(current_folder(), args.key, args.value, user=args.user, environ=os.environ)
    app.answer(
        {"key": written.key, "value": written.value, "path": str(written.path)},
        [printable(f"{written.key} = {written.value!r} in {written.path}")],
        [written.key],
    )
