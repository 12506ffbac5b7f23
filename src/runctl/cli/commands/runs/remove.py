"""Remove the records of finished runs. What the script itself wrote, checkpoints included, stays.

examples:
  runctl runs remove 0gydk2
  runctl runs list --all --status failed -q | xargs runctl runs remove --yes
"""

from __future__ import annotations

import argparse

from runctl.cli.app import App
from runctl.core.errors import RefusedError
from runctl.runs.store import open_run, states


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", nargs="+", metavar="RUN", help="a run's id, or the beginning of one")
    parser.add_argument("--dry-run", action="store_true", help="say what would be removed, remove nothing")


def execute(args: argparse.Namespace, app: App) -> None:
    home = app.config.home
    runs = [open_run(home, text) for text in args.runs]
    ids = list(dict.fromkeys(run.id for run in runs))
    live = [state.run_id for state in states(home, ids) if not state.finished]
    if live:
        raise RefusedError(f"not finished: {', '.join(live)}", hint=f"stop it first: runctl runs stop {live[0]}")
    if not args.dry_run:
        app.confirm(f"Remove the records of {len(ids)} run{'s' if len(ids) > 1 else ''}: {', '.join(ids)}?")
        for run in {run.id: run for run in runs}.values():
            run.remove()
    word = "would be removed" if args.dry_run else "removed"
    document = {"removed": [] if args.dry_run else ids, "would_remove": ids if args.dry_run else []}
    app.answer(document, [f"{run_id} {word}" for run_id in ids], ids)
