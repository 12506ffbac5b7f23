"""List runctl's instances, oldest first.

examples:
  runctl aws list
  runctl aws list --all               also those that runctl did not make, and those that have ended
  runctl aws list --region all
"""

from __future__ import annotations

import argparse
import time

from runctl.cli.app import App
from runctl.cli.aws_options import add_account_options, config_of
from runctl.providers.aws.listing import list_instances
from runctl.ui.console import table
from runctl.ui.instances import HEADER, instance_document, instance_row


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-a", "--all", action="store_true", help="also foreign and ended instances")
    add_account_options(parser, all_regions=True)


def execute(args: argparse.Namespace, app: App) -> None:
    everywhere = args.region == "all"
    if everywhere:
        args.region = None
    listing = list_instances(config_of(args, app), everything=args.all, all_regions=everywhere)
    now = time.time()
    rows = [instance_row(instance, listing.prices[instance.id], now) for instance in listing.instances]
    app.answer(
        [instance_document(each, listing.prices[each.id], now) for each in listing.instances],
        table(HEADER, rows) if rows else [],
        [instance.id for instance in listing.instances],
    )
    for region, reason in listing.unreachable:
        app.console.warn(f"{region} could not be asked: {reason}")
    if not rows:
        app.console.note(f"no instances{'' if args.all else ' of runctl'} in {listing.where}")
