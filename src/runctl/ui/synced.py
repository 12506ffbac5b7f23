"""What became of a project that was sent to a machine, as lines and as a document."""

from __future__ import annotations

from typing import Any

from runctl.core.text import printable, size
from runctl.machines.code import Synced
from runctl.ui.transfers import counted


def synced_document(synced: Synced, machine: str, dry_run: bool) -> dict[str, Any]:
    """The outcome as aws-sync.json describes it."""
    return {
        "instance_id": machine,
        "project": synced.name,
        "folder": synced.folder,
        "dry_run": dry_run,
        "stamp": synced.stamp or None,
        "sent": [{"path": file.path, "size_bytes": file.size, "link": file.link} for file in synced.sent],
        "sent_bytes": synced.bytes_sent,
        "mode_changed": synced.changed,
        "removed": synced.removed,
        "unchanged": synced.unchanged,
        "warnings": synced.warnings,
    }


def synced_lines(synced: Synced, machine: str, dry_run: bool) -> list[str]:
    """The outcome for people: with `dry_run` every file, otherwise a summary."""
    where = f"{printable(synced.folder)} on {machine}"
    if not dry_run:
        return [f"{where}: {', '.join(_parts(synced, 'sent', 'removed'))}"]
    lines = [f"send    {printable(file.path)}  {_about(file.size, file.link)}" for file in synced.sent]
    lines += [f"mode    {printable(path)}" for path in synced.changed]
    lines += [f"remove  {printable(path)}" for path in synced.removed]
    return [*lines, f"{where}: {', '.join(_parts(synced, 'to send', 'to remove'))}"]


def _parts(synced: Synced, sent: str, removed: str) -> list[str]:
    parts = []
    if synced.sent:
        parts.append(f"{counted(len(synced.sent))} {sent} ({size(synced.bytes_sent)})")
    if synced.changed:
        parts.append(f"{len(synced.changed):,} with another mode")
    if synced.removed:
        parts.append(f"{len(synced.removed):,} {removed}")
    return [*parts, f"{synced.unchanged:,} unchanged"]


def _about(count: int, link: str | None) -> str:
    return size(count) if link is None else f"-> {printable(link)}"
