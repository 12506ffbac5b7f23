"""Stop instances: their disks stay and go on costing, the rest does not. Refused while a run is live on one.

examples:
  runctl aws stop trainer-1
  runctl aws stop i-0abc i-0def --wait
  runctl aws stop trainer-1 --force
"""

from __future__ import annotations

import argparse
import time

from runctl.cli.app import App
from runctl.cli.aws_options import INSTANCE_HELP, add_account_options, add_transport_option, config_of
from runctl.core.aws import Account
from runctl.machines.ending import STOP, check_may_end, stop_all
from runctl.providers.aws import instances
from runctl.ui.instances import instance_document, state_lines


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("instances", nargs="+", metavar="INSTANCE", help=INSTANCE_HELP)
    parser.add_argument("--force", action="store_true", help="though a run is live, or it is not runctl's")
    parser.add_argument("--wait", action="store_true", help="until they are stopped")
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    config = config_of(args, app)
    account = Account(config)
    found = instances.find_all(account, args.instances)
    if not args.force:
        check_may_end(account, config, found, STOP)
    stopped = stop_all(account, config.home, found, time.sleep, args.wait)
    documents = [instance_document(instance, None, time.time()) for instance in stopped]
    app.answer(documents, state_lines(stopped), [instance.id for instance in stopped])
