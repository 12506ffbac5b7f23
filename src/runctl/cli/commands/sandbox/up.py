"""Start the sandbox: an AWS account in a box on this machine.

Nothing that is done in it costs anything, and nothing of it reaches AWS. Its instances are containers that boot with
SSH and Docker, its volumes are loop devices. The first time, the image of the instances is built, from Debian packages.

examples:
  runctl sandbox up
  eval "$(runctl sandbox env)"
  runctl aws create t3.small --yes
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App


def configure(parser: argparse.ArgumentParser) -> None:
    del parser  # it takes nothing but the common options


def execute(args: argparse.Namespace, app: App) -> None:
    from runctl.sandbox.control import up

    state, is_new = up(app.config.home, app.console.note)
    app.answer(
        {"id": state.id, "endpoint": state.endpoint, "new": is_new, "started_at": state.started_at},
        [f"the sandbox is up{'' if is_new else ' already'}: {state.endpoint}"],
        [state.id],
    )
    app.console.note('use it in this shell: eval "$(runctl sandbox env)"')
