"""List runctl's snapshots, oldest first.

examples:
  runctl aws ebs snapshots
  runctl aws ebs snapshots --volume imagenet
  runctl aws ebs snapshots --all           also those that runctl did not make
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.aws_options import account_of, add_account_options
from runctl.providers.aws import snapshots, volumes
from runctl.ui.console import table
from runctl.ui.volumes import SNAPSHOTS_HEADER, snapshot_document, snapshot_row


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--volume", metavar="VOLUME", help="only those of this volume, whoever made them")
    parser.add_argument("-a", "--all", action="store_true", help="also foreign snapshots of this account")
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    account = account_of(args, app)
    if args.volume is not None:
        found = snapshots.of_volume(account, volumes.find(account, args.volume).id)
    else:
        found = snapshots.describe(account) if args.all else snapshots.own(account)
    rows = [snapshot_row(snapshot) for snapshot in found]
    app.answer(
        [snapshot_document(snapshot) for snapshot in found],
        table(SNAPSHOTS_HEADER, rows) if rows else [],
        [snapshot.id for snapshot in found],
    )
    if not rows:
        app.console.note(f"no snapshots in {account.region}")
