"""Detach a volume: everything is written out, it is unmounted, then taken from its instance.

Refused while a process uses it, with its id and command. `--force` is for a machine that can't be reached any more:
the volume is taken away as it is, and what the machine has not written is lost.

examples:
  runctl aws ebs detach imagenet
"""

from __future__ import annotations

import argparse
import time

from runctl.cli.app import App
from runctl.cli.aws_options import add_account_options, add_transport_option, config_of
from runctl.core.aws import Account
from runctl.machines.volumes import agents_of, unmount_and_detach
from runctl.providers.aws import volumes
from runctl.ui.volumes import detached_lines


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("volume", metavar="VOLUME", help="its id, the beginning of it, or its name")
    parser.add_argument("--force", action="store_true", help="also when it can't be unmounted; may lose data")
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    config = config_of(args, app)
    account = Account(config)
    volume = volumes.find(account, args.volume)
    if args.force:
        app.confirm(f"Detach {volume.id} even if it can't be unmounted, and lose what is not written?")
    detached = unmount_and_detach(account, volume, args.force, agents_of(account, config), time.sleep)
    document = {"volume": volume.id, "instance": detached.instance_id, "unmounted": detached.unmounted}
    app.answer(document, detached_lines(detached), [volume.id])
