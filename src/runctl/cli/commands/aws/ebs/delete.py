"""Delete a volume and all that is on it, for good. Refused while it is attached.

examples:
  runctl aws ebs delete imagenet
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.aws_options import account_of, add_account_options
from runctl.core.errors import RefusedError
from runctl.core.text import local_time
from runctl.providers.aws import snapshots, volumes


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("volume", metavar="VOLUME", help="its id, the beginning of it, or its name")
    parser.add_argument("--force", action="store_true", help="also a volume that runctl did not make")
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    account = account_of(args, app)
    volume = volumes.find(account, args.volume)
    for attachment in volume.attachments:
        raise RefusedError(
            f"{volume.id} is attached to {attachment.instance_id}", hint=f"runctl aws ebs detach {volume.id}"
        )
    if not volume.managed and not args.force:
        raise RefusedError(f"{volume.id} was not made by runctl", hint="if it is yours to delete: --force")
    taken = [each for each in snapshots.of_volume(account, volume.id) if each.state == snapshots.COMPLETED]
    last = (
        f"its last snapshot is {taken[-1].id} of {local_time(taken[-1].started_at)}" if taken else "no snapshot of it"
    )
    app.confirm(f"Delete {volume.id} ({volume.name or 'no name'}, {volume.size_gib} GiB; {last})?")
    volumes.delete(account, volume.id)
    document = {"volume": volume.id, "last_snapshot": taken[-1].id if taken else None}
    app.answer(document, [f"{volume.id} is deleted; {last}"], [volume.id])
