"""Print the variables by which AWS's tools, and runctl, use the sandbox instead of AWS.

examples:
  eval "$(runctl sandbox env)"
  runctl sandbox env --region eu-west-1
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--region", default="us-east-1", help="the region to name (default us-east-1)")


def execute(args: argparse.Namespace, app: App) -> None:
    from runctl.sandbox.control import running
    from runctl.sandbox.environment import UNSET, shell_lines, variables

    found = variables(running(app.config.home), args.region)
    app.answer({"set": found, "unset": list(UNSET)}, shell_lines(found), shell_lines(found))
