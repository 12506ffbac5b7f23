"""Make a volume of a snapshot, in whichever zone it is needed.

The copy is usable at once. What is on it is fetched when it is first read; `runctl aws ebs pre-warm` reads all of it.

examples:
  runctl aws ebs restore snap-0123456789abcdef0
  runctl aws ebs restore imagenet-1 --zone eu-west-1c --size 1000
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.volume_options import add_volume_options, make_volume


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("snapshot", metavar="SNAPSHOT", help="its id, the beginning of it, or its name")
    parser.add_argument("--size", metavar="GIB", help="a larger size in GiB; the file system grows when it is mounted")
    add_volume_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    make_volume(args, app, args.snapshot)
