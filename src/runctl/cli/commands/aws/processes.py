"""Show how busy an instance is.

CPU, memory, disks, GPUs, and the processes that use the most, with the run that they belong to.

examples:
  runctl aws processes trainer
  runctl aws processes trainer --watch
"""

from __future__ import annotations

import argparse
import shutil

from runctl.cli.app import App
from runctl.cli.aws_options import add_account_options, add_transport_option
from runctl.cli.reaching import add_login_options, reached
from runctl.core.errors import UnreachableError, UsageError
from runctl.core.specs import DETACHED
from runctl.machines import machine_load
from runctl.transport.ssh import SshTransport
from runctl.ui.load_screen import LoadScreen
from runctl.ui.machine_load import load_lines


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("instance", metavar="INSTANCE", help="its id, the beginning of it, or its name")
    parser.add_argument("-w", "--watch", action="store_true", help="go on until Ctrl-C")
    add_login_options(parser)
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> int:
    if args.watch and (app.json or app.quiet):
        raise UsageError("--watch is for people; --json and --quiet answer once", hint="leave one of them out")
    transport = reached(args, app)
    if args.watch:
        return _watch(transport)
    load = machine_load.measure(transport)
    lines = load_lines(load, transport.target.instance_id, shutil.get_terminal_size().columns)
    app.answer(load.to_json(), lines, [str(process.pid) for process in load.processes])
    return 0


def _watch(transport: SshTransport) -> int:
    screen = LoadScreen(transport.target.instance_id)

    def lost(error: UnreachableError, pause_s: float) -> None:
        screen.remark(f"{error.message}; trying again in {pause_s:g} s")

    try:
        screen.show(machine_load.watch(transport, lost))
    except KeyboardInterrupt:
        return DETACHED
    return 0
