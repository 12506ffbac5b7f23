"""Wait until an instance runs, can be reached, is stopped or gone. Exits with 101 when it is not so in time.

examples:
  runctl aws wait trainer-1
  runctl aws wait i-0abc --for stopped --timeout 5m
"""

from __future__ import annotations

import argparse
import time

from runctl.cli.app import App
from runctl.cli.aws_options import INSTANCE_HELP, add_account_options, add_transport_option, config_of
from runctl.core.aws import Account
from runctl.core.durations import parse_duration
from runctl.machines.waiting import GOALS, wait_until
from runctl.providers.aws import instances
from runctl.ui.instances import instance_document, state_lines

NOT_YET = 101


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("instance", metavar="INSTANCE", help=INSTANCE_HELP)
    parser.add_argument("--for", dest="goal", choices=GOALS, default="reachable", help="what for (default: reachable)")
    parser.add_argument("--timeout", metavar="TIME", default="10m", help="how long at most (default: 10m)")
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> int:
    timeout_s = parse_duration(args.timeout, "--timeout")
    config = config_of(args, app)
    account = Account(config)
    instance = instances.find(account, args.instance)
    app.console.note(f"waiting until {instance.id} is {args.goal} …")
    reached = wait_until(account, config, instance, args.goal, timeout_s)
    instance = instances.get(account, instance.id)
    document = {**instance_document(instance, None, time.time()), "reached": reached}
    app.answer(document, state_lines([instance]), [instance.id])
    if not reached:
        app.console.warn(f"{instance.id} is not {args.goal} yet")
    return 0 if reached else NOT_YET
