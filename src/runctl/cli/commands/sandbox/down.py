"""Take the sandbox down, with everything that was made in it.

It works after the sandbox's daemon was killed, too, and says so when anything can't be removed.

examples:
  runctl sandbox down
  runctl sandbox down --image      and remove the image of the instances; the next `up` builds it again
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--image", action="store_true", help="remove the image of the instances, too")


def execute(args: argparse.Namespace, app: App) -> None:
    from runctl.sandbox.control import down, remove_image

    state = down(app.config.home)
    if args.image:
        remove_image()
    said = f"the sandbox {state.id} is down; nothing of it is left" if state else "there was no sandbox"
    app.answer({"id": state and state.id, "image_removed": args.image}, [said], [state.id] if state else [])
