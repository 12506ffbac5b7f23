"""End instances for good. Data volumes stay, and it is said what they cost. Refused while a run is live on one.

examples:
  runctl aws terminate trainer-1
  runctl aws terminate i-0abc i-0def --yes --wait
  runctl aws terminate trainer-1 --force       though a run is live, it can't be reached, is protected or not runctl's
"""

from __future__ import annotations

import argparse
import time

from runctl.cli.app import App
from runctl.cli.aws_options import INSTANCE_HELP, add_account_options, add_transport_option, config_of
from runctl.core.aws import Account
from runctl.machines.ending import TERMINATE, check_may_end, terminate_all
from runctl.providers.aws import instances
from runctl.providers.aws.staying import staying_volumes
from runctl.ui.instances import instance_document, state_lines
from runctl.ui.staying import staying_document, staying_lines


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("instances", nargs="+", metavar="INSTANCE", help=INSTANCE_HELP)
    parser.add_argument("--force", action="store_true", help="though a run is live, or it is protected or not runctl's")
    parser.add_argument("--wait", action="store_true", help="until they are gone")
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    config = config_of(args, app)
    account = Account(config)
    found = instances.find_all(account, args.instances)
    if not args.force:
        check_may_end(account, config, found, TERMINATE)
    staying = [each for instance in found for each in staying_volumes(account, config, instance)]
    for line in staying_lines(staying):
        app.console.note(line)
    app.confirm(f"Terminate {', '.join(state_lines(found))}?")
    ended = terminate_all(account, config.home, found, time.sleep, args.wait, args.force)
    document = {
        "instances": [instance_document(instance, None, time.time()) for instance in ended],
        "volumes_staying": [staying_document(each) for each in staying],
    }
    app.answer(document, state_lines(ended), [instance.id for instance in ended])
