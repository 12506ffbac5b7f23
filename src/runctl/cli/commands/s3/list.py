"""List objects: those right below a prefix, or with --recursive all whose keys begin with it.

examples:
  runctl s3 list s3://my-bucket
  runctl s3 list s3://my-bucket/data/ --recursive
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.aws_options import account_of, add_account_options
from runctl.storage.s3 import location, open_s3
from runctl.storage.s3_list import list_objects
from runctl.ui.objects import listing_document, listing_ids, listing_lines


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("place", metavar="S3URI", help="a bucket or a prefix, such as s3://my-bucket/data/")
    parser.add_argument("-r", "--recursive", action="store_true", help="also what is below further slashes")
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    place = location(args.place)
    listing = list_objects(open_s3(account_of(args, app)), place, args.recursive)
    app.answer(listing_document(listing), listing_lines(listing), listing_ids(listing, place.bucket))
