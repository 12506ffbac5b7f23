"""Remove the records of finished runs. What the script itself wrote, checkpoints included, stays.

examples:
  runctl runs remove 0gydk2
  runctl runs list --all --status failed -q | xargs runctl runs remove --yes
"""

from __future__ import annotations

import argparse
from pathlib import Path

from runctl.cli.app import App
from runctl.core.errors import RefusedError, RunctlError, UnreachableError
from runctl.runs.store import open_run, states


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("runs", nargs="+", metavar="RUN", help="a run's id, or the beginning of one")
    parser.add_argument("--dry-run", action="store_true", help="say what would be removed, remove nothing")


def execute(args: argparse.Namespace, app: App) -> None:
    home = app.config.home
    runs = {run.id: run for run in (open_run(home, text) for text in args.runs)}
    ids = list(runs)
    _refuse_live(home, ids)
    if not args.dry_run:
        app.confirm(f"Remove the records of {len(ids)} run{'s' if len(ids) > 1 else ''}: {', '.join(ids)}?")
        for run in runs.values():
            run.remove()
            if run.problem:
                app.console.warn(f"the records of {run.id} on {run.where} stay there: {run.problem.message}")
    word = "would be removed" if args.dry_run else "removed"
    document = {"removed": [] if args.dry_run else ids, "would_remove": ids if args.dry_run else []}
    app.answer(document, [f"{run_id} {word}" for run_id in ids], ids)


def _refuse_live(home: Path, ids: list[str]) -> None:
    lag: dict[str, RunctlError] = {}
    unfinished = [state for state in states(home, ids, lag) if not state.finished]
    unsure = [state for state in unfinished if state.agent == "unreachable"]
    live = [state.run_id for state in unfinished if state.agent not in ("unreachable", "gone")]
    if live:
        raise RefusedError(f"not finished: {', '.join(live)}", hint=f"stop it first: runctl runs stop {live[0]}")
    if unsure:
        raise UnreachableError(f"whether {unsure[0].run_id} goes on can't be told: {lag[unsure[0].run_id].message}")
