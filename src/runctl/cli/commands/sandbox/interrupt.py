"""Interrupt a spot instance, as AWS does: a notice, and two minutes later the end.

examples:
  runctl sandbox interrupt i-0123456789abcdef0
  runctl sandbox interrupt i-0123456789abcdef0 --in 10
  runctl sandbox interrupt i-0123456789abcdef0 --rebalance      the recommendation alone: nothing ends
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App, whole_number


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("instance", metavar="INSTANCE", help="id of a running spot instance")
    parser.add_argument(
        "--in", dest="in_s", metavar="SECONDS", type=whole_number, default=120, help="from notice to end (default 120)"
    )
    parser.add_argument("--rebalance", action="store_true", help="only recommend to rebalance")


def execute(args: argparse.Namespace, app: App) -> None:
    from runctl.sandbox.asking import ask
    from runctl.sandbox.control import running

    asked = {"instance": args.instance, "in_s": args.in_s, "rebalance": args.rebalance}
    told = ask(running(app.config.home), "POST", "interrupt", asked)
    what = "a rebalance recommendation" if args.rebalance else f"its notice: {told['action']} in {args.in_s} s"
    app.answer(told, [f"{told['instance']} has {what}"], [told["instance"]])
