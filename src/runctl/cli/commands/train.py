"""Run a script on an instance made for it: create, wait, send, train, bring the results home, and end it.

Everything is checked first, what it costs is shown and asked for. The run is the instance's own business once it has
started: it goes on, and the instance ends as --then says, whether or not this machine is still there.

--then keep       (default) the instance stays, and goes on costing money
--then stop       it is stopped when the run is over; its disk stays
--then terminate  it is ended when the run is over and its results are in S3; if they can't be sent, it stays

examples:
  runctl train train.py --on aws:g5.xlarge --output-s3 s3://bucket/results --then terminate
  runctl train train.py --on aws:g5.xlarge --spot --spot-fallback --volume 500:/mnt/data --hyperparams epochs=50
  runctl train train.py --on local

exit codes: as for `runctl aws train`.
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.aws_options import add_account_options, add_transport_option, config_of
from runctl.cli.train_options import add_train_options, with_train_options
from runctl.core.errors import UsageError
from runctl.core.text import printable

TAKES_SCRIPT_ARGUMENTS = True
_AWS = "aws:"


def configure(parser: argparse.ArgumentParser) -> None:
    from runctl.cli.create_options import add_create_options

    parser.usage = "runctl train SCRIPT --on aws:TYPE|local [options] [-- ARGS]"
    parser.add_argument("script", metavar="SCRIPT", help="the script: Python, or any executable")
    parser.add_argument("--on", required=True, metavar="aws:TYPE|local", help="an instance type, or this machine")
    parser.add_argument(
        "--then", choices=("keep", "stop", "terminate"), default="keep", help="what becomes of the instance afterwards"
    )
    add_train_options(parser)
    add_create_options(parser)
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> int:
    if args.on == "local":
        return _on_this_machine(args, app)
    if not args.on.startswith(_AWS) or args.on == _AWS:
        raise UsageError(f"--on {printable(args.on)}: neither aws:TYPE nor local", hint="such as --on aws:g5.xlarge")
    from runctl.cli.training import train_on_own_machine

    config = with_train_options(config_of(args, app), args).override(max_instances=args.max_instances)
    return train_on_own_machine(config, args.on.removeprefix(_AWS), args, app)


def _on_this_machine(args: argparse.Namespace, app: App) -> int:
    from runctl.cli.commands import local

    parser = argparse.ArgumentParser()
    configure(parser)
    known = argparse.ArgumentParser()
    local.configure(known)
    both = vars(known.parse_args([args.script]))
    defaults = vars(parser.parse_args([args.script, "--on", "local"]))
    for name, value in defaults.items():
        if name not in (*both, "wait") and getattr(args, name) != value:
            raise UsageError(f"--{name.replace('_', '-')} is for other machines than this one", hint="leave it out")
    return local.execute(args, app)
