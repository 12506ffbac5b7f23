"""Create an EBS volume. What it costs a month is shown and asked for first.

A volume can be attached only to instances of its own zone. No second one of the same name is made, and a creation that
fails or is interrupted is taken back.

examples:
  runctl aws ebs create --size 500
  VOLUME_ID=$(runctl aws ebs create --size 500 --name imagenet --yes -q)
  runctl aws ebs create --size 2000 --type gp3 --iops 6000 --throughput 500 --zone eu-west-1b
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.volume_options import add_volume_options, make_volume


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--size", metavar="GIB", help="its size in GiB (default: the snapshot's)")
    parser.add_argument("--snapshot", metavar="SNAPSHOT", help="a copy of this snapshot: id, beginning of an id, name")
    add_volume_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    make_volume(args, app, args.snapshot)
