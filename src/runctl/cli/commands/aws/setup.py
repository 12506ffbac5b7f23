"""Make what instances need, with no more rights than they need. Safe to repeat: what is there is left as it is.

A role with which an instance can be reached through Systems Manager, use the named buckets (default: those whose names
begin with runctl-) and end itself; a security group that is open to this machine's address alone, which is brought up
to date; a key pair whose private half never leaves this machine.

examples:
  runctl aws setup --dry-run           shows the role's policy
  runctl aws setup --bucket my-runs
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.aws_options import add_account_options, add_transport_option, config_of
from runctl.core.aws import Account
from runctl.providers.aws.setup import plan_setup
from runctl.ui.setup import setup_document, setup_lines


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bucket", action="append", default=[], metavar="NAME", help="a bucket that runs may use; may be repeated"
    )
    parser.add_argument("--dry-run", action="store_true", help="show the policy and what would be made, make nothing")
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    config = config_of(args, app)
    setup = plan_setup(Account(config), config, args.bucket)
    if not args.dry_run:
        for part in setup.open_parts:
            app.console.note(f"{part.action} {part.kind} …")
            part.do()
    names = [part.name for part in setup.parts]
    app.answer(setup_document(setup, args.dry_run), setup_lines(setup, args.dry_run), names)
