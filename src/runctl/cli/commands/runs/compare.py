"""Compare runs: hyperparameters that differ and metrics, side by side.

A name such as loss or error says that lower is better, one such as accuracy or f1 that higher is; the best run is
marked. Of other metrics nothing is assumed.

examples:
  runctl runs compare                      the newest runs of the newest run's script
  runctl runs compare 0gydk2 0gydm5 --best
  runctl runs compare 0gydk2 0gydm5 --all
"""

from __future__ import annotations

import argparse
import shutil
import time

from runctl.cli.app import App
from runctl.core.errors import RefusedError, UsageError
from runctl.core.text import printable
from runctl.runs.comparison import gather, hyperparameter_rows, metric_rows, newest_alike
from runctl.runs.store import open_run
from runctl.ui.compared import comparison_document, comparison_lines, comparison_notes

_FEW = 5


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "runs",
        nargs="*",
        metavar="RUN",
        help=f"two ids or more, or their beginnings (default: the newest {_FEW} of the newest run's script)",
    )
    parser.add_argument("-a", "--all", action="store_true", help="also hyperparameters that are the same in all")
    parser.add_argument("--best", action="store_true", help="the best value of each metric, not the last")


def execute(args: argparse.Namespace, app: App) -> None:
    home = app.config.home
    chosen = [open_run(home, text) for text in args.runs] or newest_alike(home, _FEW)
    runs = gather(chosen, points=args.best or app.json)
    if len(runs) < 2:
        if args.runs:
            raise UsageError("two runs or more are needed to compare", hint="see: runctl runs list")
        raise RefusedError(
            f"there is only one run of {printable(chosen[0].spec['script'])}", hint="name the runs to compare"
        )
    settings = hyperparameter_rows(runs)
    shown = [row for row in settings if args.all or row.differs]
    metrics = metric_rows(runs, args.best)
    app.answer(
        comparison_document(runs, settings, metric_rows(runs), metric_rows(runs, best=True)),
        comparison_lines(runs, shown, metrics, time.time(), shutil.get_terminal_size().columns),
        [run.state.run_id for run in runs],
    )
    for note in comparison_notes(settings, shown, metrics, args.best):
        app.console.note(note)
