"""How commands come to an instance: by a connection that is open already, else by asking AWS."""

from __future__ import annotations

import argparse
from pathlib import Path

from runctl.cli.app import App
from runctl.cli.aws_options import config_of
from runctl.machines import warm
from runctl.transport.ssh import SshTransport


def add_login_options(parser: argparse.ArgumentParser) -> None:
    """Adds --user and --key."""
    parser.add_argument("--user", metavar="NAME", help="whom to log in as (default: the image's usual user)")
    parser.add_argument("--key", metavar="FILE", type=Path, help="private key (default: that of its key pair)")


def reached(args: argparse.Namespace, app: App) -> SshTransport:
    """The instance that `args.instance` means, by an open connection. Raises what `find_live` and `reach` raise."""
    config = config_of(args, app)
    key = args.key and args.key.absolute()
    transport = warm.connected(config.home, args.instance, config.transport, args.user, key)
    if transport is None:
        # only now: boto3 takes ten times as long as all of the rest
        from runctl.core.aws import Account
        from runctl.machines.reach import reach
        from runctl.providers.aws.instances import find_live

        account = Account(config)
        transport = reach(account, config, find_live(account, args.instance), user=args.user, key=key)
    return transport
