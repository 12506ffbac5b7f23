"""List runctl's EBS volumes, oldest first, with what each costs a month.

examples:
  runctl aws ebs list
  runctl aws ebs list --all           also those that runctl did not make
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.aws_options import add_account_options, config_of
from runctl.core.aws import Account
from runctl.providers.aws import volumes
from runctl.providers.aws.prices import Prices
from runctl.ui.console import table
from runctl.ui.volumes import HEADER, volume_document, volume_row


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-a", "--all", action="store_true", help="also foreign volumes")
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    config = config_of(args, app)
    account = Account(config)
    found = volumes.describe(account) if args.all else volumes.own(account)
    prices = Prices(config, account.region)
    priced = [(each, prices.volume(each.type, each.size_gib, each.iops, each.throughput)) for each in found]
    rows = [volume_row(volume, price) for volume, price in priced]
    app.answer(
        [volume_document(volume, price) for volume, price in priced],
        table(HEADER, rows) if rows else [],
        [volume.id for volume in found],
    )
    if not rows:
        app.console.note(f"no volumes{'' if args.all else ' of runctl'} in {account.region}")
