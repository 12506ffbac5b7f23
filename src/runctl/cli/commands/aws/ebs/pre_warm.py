"""Read every block of an attached volume, so that one restored from a snapshot is as fast as any.

A command that is ended goes on where it was when it is given again.

examples:
  runctl aws ebs pre-warm imagenet
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.aws_options import add_account_options, add_transport_option, config_of
from runctl.core.aws import Account
from runctl.core.text import size
from runctl.machines.volume_care import pre_warm
from runctl.machines.volumes import agents_of
from runctl.providers.aws import volumes
from runctl.ui.volume_progress import VolumeProgress


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("volume", metavar="VOLUME", help="its id, the beginning of it, or its name")
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    config = config_of(args, app)
    account = Account(config)
    volume = volumes.find(account, args.volume)
    with VolumeProgress(app.console) as report:
        warmed = pre_warm(account, volume, agents_of(account, config), report)
    document = {"volume": volume.id, "instance": warmed.instance_id, "read_bytes": warmed.read_bytes}
    app.answer(document, [f"{volume.id} is warm; {size(warmed.read_bytes)} read now"], [volume.id])
