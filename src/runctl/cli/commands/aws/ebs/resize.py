"""Make a volume larger while it is in use, and its file system with it. What more it costs is asked for first.

EC2 allows one change of a volume within six hours. A command that is ended goes on when it is given again.

examples:
  runctl aws ebs resize imagenet --size 1000
"""

from __future__ import annotations

import argparse
import time

from runctl.cli.app import App
from runctl.cli.aws_options import add_account_options, add_transport_option, config_of
from runctl.core.aws import Account
from runctl.machines.volume_care import resize
from runctl.machines.volumes import agents_of
from runctl.providers.aws import volumes, wanted
from runctl.providers.aws.prices import Prices
from runctl.ui.volumes import monthly, resized_document, resized_lines


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("volume", metavar="VOLUME", help="its id, the beginning of it, or its name")
    parser.add_argument("--size", metavar="GIB", required=True, help="the new size in GiB")
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    size = wanted.parse_size(args.size, "--size")
    config = config_of(args, app)
    account = Account(config)
    volume = volumes.find(account, args.volume)
    price = Prices(config, account.region).volume(volume.type, size, volume.iops, volume.throughput)
    if size > volume.size_gib:
        app.confirm(f"Resize {volume.id} from {volume.size_gib} to {size} GiB, for ${monthly(price):.2f} per month?")
    resized = resize(account, volume, size, agents_of(account, config), time.sleep)
    app.answer(resized_document(resized), resized_lines(resized), [volume.id])
