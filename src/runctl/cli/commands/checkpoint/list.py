"""List the checkpoints in a folder or of a run.

examples:
  runctl checkpoint list                    those below the current folder, newest first
  runctl checkpoint list outputs
  runctl checkpoint list k3v9               those of a run, by its id or the start of it
  runctl checkpoint list outputs -q | head -1
                                            the newest
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from runctl.agent import checkpoints
from runctl.agent.checkpoints import Checkpoint
from runctl.cli.app import App
from runctl.core.text import local_time, printable, size
from runctl.ui.console import table

if TYPE_CHECKING:
    from runctl.runs.run import Run

HEADER = ("PATH", "FORMAT", "STEP", "EPOCH", "SIZE", "MODIFIED")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "place",
        metavar="PATH_OR_RUN",
        nargs="?",
        help="a folder, a checkpoint, or a run's id (default: the configured folders, else this one); what exists wins",
    )


def execute(args: argparse.Namespace, app: App) -> None:
    run = _run(args.place, app)
    folders = run.checkpoint_folders if run else _folders(args.place, app)
    found = run.checkpoints() if run else _below(folders)
    if not found:
        where = f"on {run.where}, " if run and run.where else ""
        app.console.note(f"no checkpoint found {where}in {', '.join(printable(str(folder)) for folder in folders)}")
    documents = [_document(checkpoint) for checkpoint in found]
    lines = table(HEADER, map(_row, found)) if found else []
    app.answer(documents, lines, [printable(os.path.normpath(checkpoint.path)) for checkpoint in found])


def _folders(place: str | None, app: App) -> list[Path]:
    if place is None:
        return [Path(folder) for folder in app.config.checkpoint_dir] or [Path()]
    return [Path(place)]


def _below(folders: Iterable[Path]) -> list[Checkpoint]:
    found = chain.from_iterable(checkpoints.find(str(folder)) for folder in folders)
    return sorted(found, key=lambda checkpoint: -checkpoint.modified_at)


def _run(place: str | None, app: App) -> Run | None:
    """The run that is meant; None for a folder or a file."""
    if place is None or os.path.lexists(place):
        return None
    from runctl.runs.store import open_run

    return open_run(app.config.home, place)


def _row(checkpoint: Checkpoint) -> tuple[str, ...]:
    return (
        os.path.normpath(checkpoint.path),
        checkpoint.kind,
        _number(checkpoint.step),
        _number(checkpoint.epoch),
        size(checkpoint.size_bytes),
        local_time(checkpoint.modified_at),
    )


def _number(number: int | None) -> str:
    return "-" if number is None else str(number)


def _document(checkpoint: Checkpoint) -> dict[str, object]:
    return {
        "path": os.path.normpath(checkpoint.path),
        "format": checkpoint.kind,
        "directory": checkpoint.is_directory,
        "files": len(checkpoint.files),
        "step": checkpoint.step,
        "epoch": checkpoint.epoch,
        "size_bytes": checkpoint.size_bytes,
        "modified_at": checkpoint.modified_at,
    }
