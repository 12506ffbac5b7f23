"""Make something go wrong in the sandbox.

Faults strike until they are cleared, or as often as --times says. Settings may hold * as a wildcard; percent=30 strikes
about 30 of 100 requests that fit, the same ones each time.

examples:
  runctl sandbox fault add no-capacity spot=true
  runctl sandbox fault add no-capacity type=g5.xlarge zone=us-east-1a --times 1
  runctl sandbox fault add throttle action=RunInstances --times 3
  runctl sandbox fault add kill action=RunInstances --times 1
  runctl sandbox fault add error service=s3 percent=30
  runctl sandbox fault add cut-short action=GetObject --times 5
  runctl sandbox fault add slow action=AttachVolume seconds=5
  runctl sandbox fault add cut instance=i-0123456789abcdef0 seconds=30
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App, whole_number
from runctl.sandbox.faults import FAULTS, described


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", choices=tuple(FAULTS), help="one of the faults below")
    parser.add_argument("settings", metavar="KEY=VALUE", nargs="*", help="what it strikes; without, everything")
    parser.add_argument("--times", metavar="N", type=whole_number, help="how often it strikes (default: until cleared)")
    parser.add_argument_group("faults", "\n".join(described()))


def execute(args: argparse.Namespace, app: App) -> None:
    from runctl.sandbox.asking import ask
    from runctl.sandbox.control import running
    from runctl.sandbox.faults import settings_of

    asked = {"name": args.name, "settings": settings_of(args.settings), "times": args.times}
    added = ask(running(app.config.home), "POST", "faults", asked)
    app.answer(added, [f"fault {added['name']} is set"], [str(added["id"])])
