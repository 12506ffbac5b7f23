"""What the commands of AWS share: the account that they speak to, and its options."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from runctl.cli.app import App

if TYPE_CHECKING:
    from runctl.core.aws import Account
    from runctl.core.config import Config


INSTANCE_HELP = "an instance's id, the beginning of it, or its name"


def add_account_options(parser: argparse.ArgumentParser, all_regions: bool = False) -> None:
    """Adds --region (which with `all_regions` may be `all`) and --profile."""
    group = parser.add_argument_group("account")
    every = ", or all" if all_regions else ""
    group.add_argument("--region", metavar="REGION", help=f"AWS region, such as eu-west-1{every} (setting: region)")
    group.add_argument("--profile", metavar="NAME", help="profile of ~/.aws for credentials (setting: profile)")


def config_of(args: argparse.Namespace, app: App) -> Config:
    """The settings in force, with the options that were added here on top. Raises UsageError."""
    transport = getattr(args, "transport", None)
    return app.config.override(region=args.region, profile=args.profile, transport=transport)


def account_of(args: argparse.Namespace, app: App) -> Account:
    """The account that options and settings name; nothing is asked of AWS yet. Raises UsageError."""
    from runctl.core.aws import Account

    return Account(config_of(args, app))


def add_transport_option(parser: argparse.ArgumentParser) -> None:
    """Adds --transport, which `config_of` heeds too."""
    parser.add_argument(
        "--transport", choices=("auto", "ssh", "ssm"), help="how to reach the instance (setting: transport)"
    )
