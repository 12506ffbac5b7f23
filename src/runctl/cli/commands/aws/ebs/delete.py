"""Delete volumes and all that is on them, for good. Refused, before anything is deleted, while one is attached.

examples:
  runctl aws ebs delete imagenet
  runctl aws ebs delete vol-0123456789abcdef0 vol-0fedcba9876543210 --yes
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.aws_options import account_of, add_account_options
from runctl.providers.aws import snapshots, volumes
from runctl.ui.volumes import deletion_document, deletion_line


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("volumes", nargs="+", metavar="VOLUME", help="its id, the beginning of it, or its name")
    parser.add_argument("--force", action="store_true", help="also volumes that runctl did not make")
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    account = account_of(args, app)
    found = volumes.find_all(account, args.volumes)
    volumes.check_may_delete(found, args.force)
    last = {volume.id: snapshots.last_of(account, volume.id) for volume in found}
    for volume in found:
        app.console.note(deletion_line(volume, last[volume.id]))
    app.confirm(f"Delete {len(found)} volume{'s' if len(found) > 1 else ''} for good?")
    for volume in found:
        volumes.delete(account, volume.id)
        app.console.note(f"{volume.id} is deleted")
    ids = [volume.id for volume in found]
    app.answer({"volumes": [deletion_document(volume, last[volume.id]) for volume in found]}, [], ids)
