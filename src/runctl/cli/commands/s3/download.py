"""Download an object, or everything below a prefix: in parallel, verified, and only what is not there yet.

Room on the disk is checked first. A download that was cut off is gone on with.

examples:
  runctl s3 download s3://my-bucket/data data
  runctl s3 download s3://my-bucket/models/model.pt
  runctl s3 download s3://my-bucket/data data --dry-run
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.aws_options import account_of, add_account_options
from runctl.cli.s3_transfers import Download, show
from runctl.storage.s3 import open_s3


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="S3URI", help="an object or a prefix, such as s3://my-bucket/data/")
    parser.add_argument("target", nargs="?", default=".", metavar="FOLDER", help="where to (default: this folder)")
    parser.add_argument("--dry-run", action="store_true", help="list what would be downloaded")
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    transfer = Download(open_s3(account_of(args, app)), args.source, args.target, False, app)
    show(app, transfer.planned() if args.dry_run else transfer.carry_out())
