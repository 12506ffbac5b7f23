"""Start stopped instances. Their disks are as they were; public addresses are new.

examples:
  runctl aws start trainer-1
  runctl aws start i-0abc i-0def --wait
"""

from __future__ import annotations

import argparse
import time

from runctl.cli.app import App
from runctl.cli.aws_options import INSTANCE_HELP, add_account_options, add_transport_option, config_of
from runctl.core.aws import Account
from runctl.machines.launch_instance import make_usable
from runctl.providers.aws import instances
from runctl.providers.aws.prices import prices_of
from runctl.ui.instances import instance_document, state_lines
from runctl.ui.volume_progress import VolumeProgress


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("instances", nargs="+", metavar="INSTANCE", help=INSTANCE_HELP)
    parser.add_argument("--wait", action="store_true", help="until they can be reached and their volumes are mounted")
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    config = config_of(args, app)
    account = Account(config)
    found = instances.find_all(account, args.instances)
    started = [instances.start(account, instance, time.sleep) for instance in found]
    if args.wait:
        with VolumeProgress(app.console) as progress:
            started = [make_usable(account, config, each, app.console.note, progress) for each in started]
    prices = prices_of(account, config, started, ask=False)
    documents = [instance_document(instance, prices[instance.id], time.time()) for instance in started]
    app.answer(documents, state_lines(started), [instance.id for instance in started])
