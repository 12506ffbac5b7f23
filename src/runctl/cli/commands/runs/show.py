"""Show one run.

examples:
  runctl runs show            the newest run
  runctl runs show 0gydk2     the run whose id begins so
"""

from __future__ import annotations

import argparse
import time

from runctl.cli.app import App
from runctl.cli.lagging import say_lag
from runctl.runs.plan import describe_environment
from runctl.runs.store import open_run
from runctl.ui.views import run_lines


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", nargs="?", help="a run's id, or the beginning of one (default: the newest run)")


def execute(args: argparse.Namespace, app: App) -> None:
    run = open_run(app.config.home, args.run)
    state, spec = run.state(), run.spec
    lines = run_lines(state, spec, run.records, describe_environment(spec["environment"]), time.time())
    document = {**state.to_json(), "spec": spec, "folder": str(run.folder)}
    app.answer(document, lines, [run.id])
    say_lag({state.run_id: run.problem} if run.problem else {}, [state], app)
