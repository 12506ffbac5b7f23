"""Train a script on an instance.

The project is sent (what git tracks or would track, and nothing that is there already), the run is left to an agent on
the instance, and shown as it goes. Ctrl-C stops watching, not the run: it goes on when this machine sleeps.

examples:
  runctl aws train trainer-1 train.py --hyperparams epochs=50,lr=0.001
  runctl aws train i-0abc train.py --data-s3 s3://bucket/imagenet/ --output-s3 s3://bucket/results
  runctl aws train i-0abc train.py --docker-image pytorch/pytorch --mount /mnt/data:/data:ro
  ID=$(runctl aws train i-0abc train.py --detach -q -- --epochs 50)

exit codes: 0 succeeded, 100 the script failed, 101 still running after --timeout, 102 stopped, 104 interrupted,
130 detached by Ctrl-C, 2 wrong usage, 3 refused by a check, 4 not found, 5 the cloud refused, 6 unreachable.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from runctl.cli.app import App
from runctl.cli.aws_options import INSTANCE_HELP, add_account_options, add_transport_option, config_of
from runctl.cli.reaching import add_login_options
from runctl.cli.train_options import add_train_options, with_train_options
from runctl.runs.arrival import Login, known

if TYPE_CHECKING:
    from runctl.core.config import Config
    from runctl.runs.arrival import Arrival

TAKES_SCRIPT_ARGUMENTS = True


def configure(parser: argparse.ArgumentParser) -> None:
    parser.usage = "runctl aws train INSTANCE SCRIPT [options] [-- ARGS]"
    parser.add_argument("instance", metavar="INSTANCE", help=INSTANCE_HELP)
    parser.add_argument("script", metavar="SCRIPT", help="the script: Python, or any executable")
    add_train_options(parser)
    add_login_options(parser)
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> int:
    config = with_train_options(config_of(args, app), args)
    login = Login(args.user, args.key and args.key.absolute())
    machine = None if args.dry_run else _machine_at_hand(config, args.instance, login)
    # only now: while all of this is imported, the agent starts
    from runctl.cli.training import train_on

    return train_on(config, args, login, machine, app)


def _machine_at_hand(config: Config, instance: str, login: Login) -> Arrival | None:
    """The instance where it needs no looking for, its agent on the way."""
    machine = known(config, instance, login)
    if machine:
        machine.agent.get_ready(machine.ready.condition)
    return machine
