"""Unmount a volume; it stays attached. Refused while a process uses it, with its id and command.

examples:
  runctl aws ebs unmount imagenet
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.aws_options import add_account_options, add_transport_option, config_of
from runctl.core.aws import Account
from runctl.core.text import printable
from runctl.machines.volumes import agents_of, unmount
from runctl.providers.aws import volumes


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("volume", metavar="VOLUME", help="its id, the beginning of it, or its name")
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    config = config_of(args, app)
    account = Account(config)
    volume = volumes.find(account, args.volume)
    points = unmount(account, volume, agents_of(account, config))
    lines = [f"{volume.id} is unmounted from {printable(point)}" for point in points]
    document = {"volume": volume.id, "unmounted": points}
    app.answer(document, lines or [f"{volume.id} is not mounted"], [volume.id])
