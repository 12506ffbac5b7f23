"""Transfers to and from S3: how far they have come, what they did, as lines and as documents."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from runctl.agent.s3.transfer_model import Progress
from runctl.core.text import printable, size
from runctl.ui.console import Console, encodable
from runctl.ui.progress_line import ProgressLine

_BAR = 24


class TransferProgress(ProgressLine):
    """Takes what a transfer reports; `verb` says what is done with the files."""

    def __init__(self, console: Console, verb: str, now: Callable[[], float] = time.time) -> None:
        super().__init__(console, now)
        self._verb = verb

    def __call__(self, progress: Progress) -> None:
        if not progress.files_total:
            return
        files = f"{progress.files_done:,} of {counted(progress.files_total)}"
        text = f"{self._verb} {files}, {size(progress.bytes_done)} of {size(progress.bytes_total)}"
        self.show(text + self.speed(progress.bytes_done, progress.bytes_total), _bar(progress))


def _bar(progress: Progress) -> str:
    full, empty = ("█", "░") if encodable("█░", sys.stderr) else ("#", "-")
    filled = int(_BAR * progress.bytes_done / max(1, progress.bytes_total))
    return full * min(_BAR, filled) + empty * (_BAR - filled) + " "


class Outcome(NamedTuple):
    """What a transfer did. Names are relative to source and target; sizes in bytes.

    `verified`: how many files were compared by what; None when nothing was done yet, and this is what would be.
    """

    source: str
    target: str
    copied: list[tuple[str, int]]
    unchanged: int
    deleted: list[tuple[str, int]]
    verified: Mapping[str, int] | None


def outcome_document(outcome: Outcome) -> dict[str, Any]:
    """The outcome as s3-sync.json describes it."""
    return {
        "source": outcome.source,
        "target": outcome.target,
        "dry_run": outcome.verified is None,
        "copied": [_entry(*each) for each in outcome.copied],
        "copied_bytes": _total(outcome.copied),
        "unchanged": outcome.unchanged,
        "deleted": [_entry(*each) for each in outcome.deleted],
        "verified": None if outcome.verified is None else dict(outcome.verified),
    }


def outcome_lines(outcome: Outcome) -> list[str]:
    """The outcome for people: every file where nothing was done yet, otherwise a summary."""
    if outcome.verified is None:
        lines = [f"copy    {printable(name)}  {size(count)}" for name, count in outcome.copied]
        lines += [f"delete  {printable(name)}  {size(count)}" for name, count in outcome.deleted]
        to_do = f"{counted(len(outcome.copied))} to copy ({size(_total(outcome.copied))})"
        return [*lines, f"{to_do}, {len(outcome.deleted):,} to delete, {outcome.unchanged:,} unchanged"]
    done = f"{counted(len(outcome.copied))} copied ({size(_total(outcome.copied))})"
    parts = [done, f"{outcome.unchanged:,} unchanged"]
    if outcome.deleted:
        parts.append(f"{len(outcome.deleted):,} deleted")
    if outcome.verified:
        parts.append(f"verified: {', '.join(_verified_words(outcome.verified))}")
    return [", ".join(parts)]


def deletion_question(deleted: list[tuple[str, int]], where: str) -> str:
    """What is asked before files are deleted."""
    return f"Delete {counted(len(deleted))} ({size(_total(deleted))}) from {printable(where)}?"


def counted(count: int) -> str:
    """`1 file`, `2,000 files`."""
    return f"{count:,} file{'' if count == 1 else 's'}"


def _verified_words(verified: Mapping[str, int]) -> Iterable[str]:
    names = {"crc32": "by CRC32", "etag": "by ETag", "size": "by size alone"}
    return (f"{count:,} {names[how]}" for how, count in sorted(verified.items()))


def _entry(name: str, count: int) -> dict[str, Any]:
    return {"name": name, "size_bytes": count}


def _total(entries: Iterable[tuple[str, int]]) -> int:
    return sum(count for _, count in entries)
