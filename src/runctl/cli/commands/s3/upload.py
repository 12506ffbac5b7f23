"""Upload a file or a folder to S3: in parallel, verified, and only what is not there yet.

A folder's contents go below the URI. An upload that was cut off is gone on with.

examples:
  runctl s3 upload data s3://my-bucket/data
  runctl s3 upload model.pt s3://my-bucket/models/
  runctl s3 upload data s3://my-bucket/data --dry-run
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.aws_options import account_of, add_account_options
from runctl.cli.s3_transfers import Upload, show
from runctl.storage.s3 import open_s3


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="FILE|FOLDER")
    parser.add_argument("target", metavar="S3URI", help="such as s3://my-bucket/data/")
    parser.add_argument("--dry-run", action="store_true", help="list what would be uploaded")
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    transfer = Upload(open_s3(account_of(args, app)), args.source, args.target, False, app)
    show(app, transfer.planned() if args.dry_run else transfer.carry_out())
