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
from itertools import chain
from pathlib import Path

from runctl.agent import checkpoints
from runctl.agent.checkpoints import Checkpoint
from runctl.cli.app import App
from runctl.core.text import local_time, printable, size
from runctl.ui.console import table

HEADER = ("PATH", "FORMAT", "STEP", "EPOCH", "SIZE", "MODIFIED")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "place",
        metavar="PATH_OR_RUN",
        nargs="?",
        help="a folder, a checkpoint, or a run's id (default: the configured folders, else this one); what exists wins",
    )


def execute(args: argparse.Namespace, app: App) -> None:
    folders = _folders(args.place, app)
    below = (checkpoints.find(str(folder)) for folder in folders)
    found = sorted(chain.from_iterable(below), key=lambda checkpoint: -checkpoint.modified_at)
    if not found:
        app.console.note(f"no checkpoint found in {', '.join(printable(str(folder)) for folder in folders)}")
    documents = [_document(checkpoint) for checkpoint in found]
    lines = table(HEADER, map(_row, found)) if found else []
    app.answer(documents, lines, [printable(os.path.normpath(checkpoint.path)) for checkpoint in found])


def _folders(place: str | None, app: App) -> list[Path]:
    if place is None:
        return [Path(folder) for folder in app.config.checkpoint_dir] or [Path()]
    if os.path.lexists(place):
        return [Path(place)]
    from runctl.runs.store import open_run

    return open_run(app.config.home, place).checkpoint_folders


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
