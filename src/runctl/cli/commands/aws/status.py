"""Show one instance: state and why, addresses, cost so far, volumes, spot request.

examples:
  runctl aws status i-0abc
  runctl aws status trainer-1 --json
"""

from __future__ import annotations

import argparse
import time

from runctl.cli.app import App
from runctl.cli.aws_options import INSTANCE_HELP, add_account_options, config_of
from runctl.core.aws import Account
from runctl.providers.aws import instances
from runctl.providers.aws.prices import prices_of
from runctl.ui.instances import instance_document, instance_lines


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("instance", metavar="INSTANCE", help=INSTANCE_HELP)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    config = config_of(args, app)
    account = Account(config)
    instance = instances.find(account, args.instance)
    price = prices_of(account, config, [instance], ask=True)[instance.id]
    details = instances.details(account, instance)
    now = time.time()
    app.answer(
        {**instance_document(instance, price, now), **details._asdict()},
        instance_lines(instance, price, details, now),
        [instance.id],
    )
