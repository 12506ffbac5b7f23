"""Send the project's code to an instance, as far as it is not there.

The project is the one that the current folder belongs to; what is sent is what git would commit, less what
.runctlignore names. It goes to ~/runctl/NAME. Of what is there already only that is ever removed which runctl sent and
nobody changed there; what was changed there and is another here is replaced, and kept aside. Files that runs or people
made there are left alone. `aws train` does all this by itself.

examples:
  runctl aws sync trainer --dry-run                         what would be sent, and its size
  runctl aws sync trainer --include-pattern 'weights/*.pt'  files too that git ignores
  runctl aws sync trainer --project-name trial              to a folder of its own
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.cli.aws_options import INSTANCE_HELP, add_account_options, add_transport_option
from runctl.cli.code_options import add_code_options
from runctl.cli.reaching import add_login_options, reached
from runctl.core.folder import current_folder
from runctl.core.text import printable
from runctl.machines.code import Project, sync
from runctl.project.naming import project_name
from runctl.project.root import root_of_folder
from runctl.ui.synced import synced_document, synced_lines
from runctl.ui.transfers import TransferProgress


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("instance", metavar="INSTANCE", help=INSTANCE_HELP)
    parser.add_argument("--dry-run", action="store_true", help="list what would be sent and removed, change nothing")
    add_code_options(parser)
    add_login_options(parser)
    add_transport_option(parser)
    add_account_options(parser)


def execute(args: argparse.Namespace, app: App) -> None:
    root = root_of_folder(current_folder())
    name = project_name(args.project_name, root)
    transport = reached(args, app)
    machine = transport.target.instance_id
    project = Project(machine, app.config.home, root, name, tuple(args.include_pattern))
    with TransferProgress(app.console, "sent") as report:
        synced = sync(transport, project, report, report.warn, args.dry_run, force=True)
    app.answer(
        synced_document(synced, machine, args.dry_run),
        synced_lines(synced, machine, args.dry_run),
        [printable(file.path) for file in synced.sent],
    )
