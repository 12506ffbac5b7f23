"""`runctl init`

Every setting stands in the file, explained and commented out: remove a "#" to set it.
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.core.folder import current_folder
from runctl.core.text import printable


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="replace the file that is there, after asking")


def execute(args: argparse.Namespace, app: App) -> None:
    from runctl.core.config.editing import template_exists, write_template

    folder = current_folder()
    if args.force and template_exists(folder):
        app.confirm("Replace the .runctl.toml that is here?")
    path = write_template(folder, overwrite=args.force)
    app.answer({"path": str(path)}, [printable(f"wrote {path}")], [str(path)])
