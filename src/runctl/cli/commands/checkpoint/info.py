"""Show what a checkpoint holds, without loading it.

Only headers are read, and nothing is unpickled: a checkpoint from a stranger is safe to look at. Names
that loading would import and that are not known to be harmless are shown as `would run code`.

examples:
  runctl checkpoint info outputs/checkpoint-500
  runctl checkpoint info model.safetensors --checksum
  runctl checkpoint info last.ckpt --json
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from runctl.cli.app import App
from runctl.core.text import local_time, printable, size
from runctl.ui.console import table

if TYPE_CHECKING:
    from runctl.storage.checkpoints.content import Content
    from runctl.storage.checkpoints.describe import CheckpointInfo

SHOWN = 20
COMPLETE = {True: "yes", False: "NO, damaged", None: "can't be told"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="a checkpoint: a file, or a folder that is one unit")
    parser.add_argument("--checksum", action="store_true", help="read all of it for the SHA-256 of every file")


def execute(args: argparse.Namespace, app: App) -> None:
    from runctl.storage.checkpoints.describe import describe

    info = describe(Path(args.path), checksum=args.checksum)
    app.answer(info.as_document(), map(printable, _lines(info)), [printable(info.checkpoint.path)])


def _lines(info: CheckpointInfo) -> Iterator[str]:
    found, content = info.checkpoint, info.content
    many = f" in {len(found.files)} files" if len(found.files) > 1 else ""
    yield from _pair("path", found.path)
    yield from _pair("format", found.kind)
    yield from _pair("size", size(found.size_bytes) + many)
    yield from _pair("modified", local_time(found.modified_at))
    yield from _pair("complete", f"{COMPLETE[content.complete]} ({content.reason})")
    yield from _pair("step", info.step)
    yield from _pair("epoch", info.epoch)
    yield from _pair("parameters", None if content.parameters is None else f"{content.parameters:,}")
    for name in content.runs_code:
        yield from _pair("would run code", name)
    yield from _details(content)
    for file, digest in info.sha256.items():
        yield f"sha256 {digest}  {file}"


def _pair(name: str, value: object) -> Iterator[str]:
    if value is not None:
        yield f"{name:<20}{value}"


def _details(content: Content) -> Iterator[str]:
    for name, value in content.facts.items():
        yield from _pair(name, value)
    for name, value in list(content.values.items())[:SHOWN]:
        if name not in ("epoch", "global_step"):
            yield from _pair(name, value)
    if content.keys:
        yield from _pair("keys", ", ".join(content.keys[:SHOWN]) + _more(len(content.keys)))
    if content.tensors:
        yield ""
        rows = [(one.name, one.dtype, "×".join(map(str, one.shape)) or "scalar") for one in content.tensors]
        yield from table(("TENSOR", "DTYPE", "SHAPE"), rows[:SHOWN])
        if len(rows) > SHOWN:
            yield f"… and {len(rows) - SHOWN} more (--json shows all)"


def _more(count: int) -> str:
    return f", … ({count} in all)" if count > SHOWN else ""
