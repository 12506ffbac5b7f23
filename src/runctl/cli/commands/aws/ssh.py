"""Log in to an instance, or run a command there.

Several words after `--` are a program and its arguments, given to it exactly as they are here; a single word is a line
for `sh`. The exit code is the command's own. The connection is kept open for ten minutes, and the next command uses it.

examples:
  runctl aws ssh i-0123456789abcdef0
  runctl aws ssh trainer -- nvidia-smi
  runctl aws ssh trainer -- 'df -h | grep /mnt'
  tar c data | runctl aws ssh trainer -- tar x
  runctl aws ssh trainer --json            how it is reached, for scp and rsync
"""

from __future__ import annotations

import argparse
import sys

from runctl.cli.app import App
from runctl.cli.aws_options import add_account_options, add_transport_option
from runctl.cli.reaching import add_login_options, reached
from runctl.transport.quoting import program_of

TAKES_SCRIPT_ARGUMENTS = True


def configure(parser: argparse.ArgumentParser) -> None:
    parser.usage = "runctl aws ssh INSTANCE [options] [-- COMMAND …]"
    parser.add_argument("instance", metavar="INSTANCE", help="its id, the beginning of it, or its name")
    add_login_options(parser)
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> int:
    transport = reached(args, app)
    command = program_of(args.after_dashes)
    if not app.json:
        transport.shell(command, terminal=sys.stdin.isatty() and sys.stdout.isatty())
    from runctl.ui.reached import reached_document

    done = transport.run(command) if command else None
    app.answer(reached_document(transport, done), [])
    return done.code if done else 0
