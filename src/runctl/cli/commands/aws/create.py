"""Create an instance.

What it costs is shown and asked for first. Everything is made in one request and tagged as runctl's; when anything
fails, or you press Ctrl-C, all that was made is taken back.

examples:
  runctl aws create g5.xlarge --spot
  runctl aws create g5.xlarge --volume 500:/mnt/data --wait
  ID=$(runctl aws create t3.medium --yes -q)
  runctl aws create p4d.24xlarge --spot --spot-fallback --dry-run
"""

from __future__ import annotations

import argparse
import time

from runctl.cli.app import App
from runctl.cli.aws_options import add_account_options, add_transport_option, config_of
from runctl.cli.create_options import add_create_options, wanted_of
from runctl.core.aws import Account
from runctl.machines.launch_instance import launch, make_usable
from runctl.providers.aws.creation_plan import plan_creation
from runctl.ui.creation import plan_document, plan_lines
from runctl.ui.instances import instance_document, state_lines
from runctl.ui.volume_progress import VolumeProgress


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("type", nargs="?", metavar="TYPE", help="instance type, such as g5.xlarge (default: t3.medium)")
    add_create_options(parser)
    parser.add_argument("--wait", action="store_true", help="until it can be reached and its volumes are mounted")
    parser.add_argument("--dry-run", action="store_true", help="show what would be made, make nothing")
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    wish = wanted_of(args, args.type)
    config = config_of(args, app).override(max_instances=args.max_instances)
    account = Account(config)
    plan = plan_creation(account, config, wish)
    if args.dry_run:
        app.answer({"plan": plan_document(plan), "instance": None}, plan_lines(plan), [])
        return
    for line in plan_lines(plan):
        app.console.note(line)
    app.confirm(f"Create {plan.name}?")
    instance = launch(account, config, plan, app.console.note, app.confirm)
    if args.wait:
        with VolumeProgress(app.console) as progress:
            instance = make_usable(account, config, instance, app.console.note, progress)
    price = plan.price_of(instance)
    document = {"plan": plan_document(plan), "instance": instance_document(instance, price, time.time())}
    app.answer(document, state_lines([instance]), [instance.id])
