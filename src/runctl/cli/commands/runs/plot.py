"""Plot metrics of one run or several, in the terminal or into a file.

The x axis is the step where every point has one that never goes back, else the epoch, else the time.

examples:
  runctl runs plot                                     the loss of the newest run
  runctl runs plot 0gydk2 0gydm5 --metric val_loss     two runs in one plot
  runctl runs plot --metric loss --metric accuracy -o loss.html
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from runctl.cli.app import App
from runctl.core.text import printable
from runctl.runs.comparison import gather
from runctl.runs.store import open_run
from runctl.ui import plots
from runctl.ui.console import coloured, encodable
from runctl.ui.terminal_plot import EVERY_LETTER, Look, draw

_LOWEST, _HIGHEST, _AROUND = 6, 20, 6


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "runs", nargs="*", metavar="RUN", help="a run's id, or the beginning of one (default: the newest run)"
    )
    parser.add_argument("-m", "--metric", action="append", default=[], metavar="NAME", help="which (default: the loss)")
    parser.add_argument("-o", "--output", metavar="FILE", help="write a .png, .svg or .html file")
    parser.add_argument("--x", choices=plots.X_NAMES, help="what the x axis is")


def execute(args: argparse.Namespace, app: App) -> None:
    target = Path(args.output).expanduser() if args.output is not None else None
    if target:
        from runctl.ui import figures

        figures.check_target(target)
    home = app.config.home
    runs = gather(open_run(home, text) for text in args.runs or [None])
    shown = plots.panels(runs, args.metric, args.x)
    if target:
        figures.write(shown, target)
    lines = [f"{printable(str(target))} written"] if target else _lines(shown)
    words = [printable(str(target))] if target else [run.state.run_id for run in runs]
    # of a million points the document takes as long as the plot
    document = plots.document(shown, str(target) if target else None) if app.json else None
    app.answer(document, lines, words)


def _lines(shown: Sequence[plots.Panel]) -> Iterator[str]:
    """Every panel in the width of the terminal; together they fill its height where that leaves room enough."""
    columns, height = shutil.get_terminal_size()
    rows = max(_LOWEST, min(_HIGHEST, height // len(shown) - _AROUND))
    look = Look(encodable(EVERY_LETTER, sys.stdout), coloured(sys.stdout))
    for panel in shown:
        yield from draw(panel, columns, rows, look)
