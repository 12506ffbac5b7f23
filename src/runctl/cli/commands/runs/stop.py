"""Stop runs: a signal, a grace period in which the script can save, then a kill of all its processes.

examples:
  runctl runs stop 0gydk2
  runctl runs stop 0gydk2 --grace 5m --stop-signal INT
  runctl runs stop 0gydk2 --now
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.runs.store import open_run
from runctl.ui.views import status_word


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", nargs="+", metavar="RUN", help="a run's id, or the beginning of one")
    parser.add_argument("--grace", metavar="SECONDS", help="from the signal to the kill (default: the run's own)")
    parser.add_argument("--stop-signal", metavar="NAME", help="the signal (default: the run's own)")
    parser.add_argument("--now", action="store_true", help="no grace period: kill at once")


def execute(args: argparse.Namespace, app: App) -> None:
    config = app.config.override(grace="0" if args.now else args.grace, stop_signal=args.stop_signal)
    grace_s = config.grace if args.now or args.grace is not None else None
    signal_name = config.stop_signal if args.stop_signal is not None else None
    runs = [open_run(config.home, text) for text in args.runs]
    states = []
    for run in runs:
        before = run.state()
        if before.finished:
            app.console.note(f"{run.id} was finished already")
        else:
            app.console.note(f"{run.id} stopping{f' on {run.where}' if run.where else ''} …")
        states.append(run.stop(grace_s, signal_name))
    lines = [f"{state.run_id} {status_word(state)}" for state in states]
    app.answer([state.to_json() for state in states], lines, [state.run_id for state in states])
