"""Empty the sandbox: instances, volumes, buckets, keys, faults. It stays up, under the same endpoint and key.

examples:
  runctl sandbox reset --yes
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App


def configure(parser: argparse.ArgumentParser) -> None:
    del parser  # it takes nothing but the common options


def execute(args: argparse.Namespace, app: App) -> None:
    from runctl.sandbox.asking import ask
    from runctl.sandbox.control import running

    state = running(app.config.home)
    app.confirm("Remove everything in the sandbox?")
    ask(state, "POST", "reset")
    app.answer({"id": state.id}, ["the sandbox is empty"], [state.id])
