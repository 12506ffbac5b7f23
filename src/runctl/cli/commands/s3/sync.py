"""Make a folder and a prefix of S3 the same, in the direction given: what has changed is copied, and verified.

With --delete, what the source does not have is deleted from the target, after a question.

examples:
  runctl s3 sync data s3://my-bucket/data
  runctl s3 sync s3://my-bucket/data data --dry-run
  runctl s3 sync s3://my-bucket/data data --delete
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.aws_options import account_of, add_account_options
from runctl.cli.s3_transfers import Download, Upload, show
from runctl.core.errors import UsageError
from runctl.storage.s3 import is_uri, open_s3
from runctl.ui.transfers import deletion_question


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SRC", help="a folder, or a prefix such as s3://my-bucket/data/")
    parser.add_argument("target", metavar="DST", help="the other of the two")
    parser.add_argument("--delete", action="store_true", help="delete what the source does not have (asks)")
    parser.add_argument("--dry-run", action="store_true", help="list what would be copied and deleted")
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    if is_uri(args.source) == is_uri(args.target):
        raise UsageError("one of the two is a folder, the other begins with s3://", hint="see: runctl s3 sync --help")
    kind = Download if is_uri(args.source) else Upload
    transfer = kind(open_s3(account_of(args, app)), args.source, args.target, args.delete, app)
    outcome = transfer.planned()
    if not args.dry_run:
        if outcome.deleted:
            app.confirm(deletion_question(outcome.deleted, args.target))
        outcome = transfer.carry_out()
    show(app, outcome)
