"""List runs, newest first.

examples:
  runctl runs list
  runctl runs list --all --status running
"""

from __future__ import annotations

import argparse
import time
from itertools import islice

from runctl.agent import protocol
from runctl.cli.app import App, whole_number
from runctl.cli.lagging import say_lag
from runctl.core.errors import RunctlError
from runctl.runs.store import run_ids, states
from runctl.ui.console import table
from runctl.ui.views import RUNS_HEADER, run_row

_FEW = 30


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-n", "--limit", type=whole_number, default=_FEW, help=f"how many at most (default {_FEW})")
    parser.add_argument("-a", "--all", action="store_true", help="all of them")
    words = (*protocol.PHASES[:-1], *protocol.OUTCOMES)
    parser.add_argument("--status", choices=words, metavar="STATUS", help=f"only these: {', '.join(words)}")


def execute(args: argparse.Namespace, app: App) -> None:
    home = app.config.home
    ids = run_ids(home)
    lag: dict[str, RunctlError] = {}
    wanted = (state for state in states(home, ids, lag) if args.status in (None, state.status))
    listed = list(islice(wanted, None if args.all else args.limit))
    now = time.time()
    rows = [run_row(state, now) for state in listed]
    app.answer(
        [state.to_json() for state in listed],
        table(RUNS_HEADER, rows) if rows else [],
        [state.run_id for state in listed],
    )
    say_lag(lag, listed, app)
    if not ids:
        app.console.note(f"no runs under {home} yet")
    elif args.status and not rows:
        app.console.note(f"no runs that are {args.status}")
    elif not args.status and len(ids) > len(rows):
        others = "the records of the others can't be read" if args.all else "--all shows all"
        app.console.note(f"{len(rows)} of {len(ids)} runs; {others}")
