"""Make a snapshot of a volume. What is mounted is written out and held still for that moment; processes go on.

examples:
  runctl aws ebs snapshot imagenet
  runctl aws ebs snapshot vol-0123456789abcdef0 --name imagenet-1 --wait
"""

from __future__ import annotations

import argparse
import time

from runctl.cli.app import App
from runctl.cli.aws_options import add_account_options, add_transport_option, config_of
from runctl.cli.volume_options import noting
from runctl.core.aws import Account
from runctl.machines.volume_care import snapshot
from runctl.machines.volumes import agents_of
from runctl.providers.aws import new_volume, snapshots, volumes
from runctl.ui.volumes import snapshot_cost, snapshot_document


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("volume", metavar="VOLUME", help="its id, the beginning of it, or its name")
    parser.add_argument("--name", metavar="NAME", help="the snapshot's name (default: the volume's, and the time)")
    parser.add_argument("--wait", action="store_true", help="until it is complete")
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    config = config_of(args, app)
    account = Account(config)
    volume = volumes.find(account, args.volume)
    name = new_volume.parse_name(args.name) if args.name is not None else snapshots.default_name(volume, time.time())
    made = snapshot(account, volume, name, agents_of(account, config), app.console.warn)
    app.console.note(snapshot_cost(made))
    if args.wait:
        made = snapshots.wait_until_complete(account, made.id, time.sleep, noting(app))
    app.answer(snapshot_document(made), [f"{made.id} of {volume.id} {made.state}"], [made.id])
