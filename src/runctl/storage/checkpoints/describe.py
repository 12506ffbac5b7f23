"""What is known of one checkpoint without loading it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runctl.agent import checkpoints
from runctl.agent.checkpoints import FILE_KINDS, Checkpoint
from runctl.core.errors import NotFoundError, RefusedError
from runctl.core.text import printable
from runctl.storage.checkpoints import folders, keras_files, numpy_files, safetensors, torch_files
from runctl.storage.checkpoints.checksum import sha256
from runctl.storage.checkpoints.content import Budget, Content, Damaged, Scalar, TooMuch, whole_number

_NAMES_COMPARED = 2000


@dataclass(frozen=True, slots=True)
class CheckpointInfo:
    """A checkpoint as it lies on disk, and its content.

    `step` and `epoch` come from the content, else from the name, else they are None. `sha256` maps each
    file, relative to the checkpoint's folder, to its digest; it is empty unless it was asked for.
    """

    checkpoint: Checkpoint
    content: Content
    step: int | None
    epoch: Scalar
    sha256: dict[str, str]

    def as_document(self) -> dict[str, Any]:
        """The info as plain data for JSON: sizes in bytes, times in Unix seconds."""
        found, content = self.checkpoint, self.content
        return {
            "path": found.path,
            "format": found.kind,
            "directory": found.is_directory,
            "files": len(found.files),
            "size_bytes": found.size_bytes,
            "modified_at": found.modified_at,
            "step": self.step,
            "epoch": self.epoch,
            "complete": content.complete,
            "reason": content.reason,
            "facts": dict(content.facts),
            "keys": list(content.keys),
            "values": dict(content.values),
            "parameters": content.parameters,
            "tensors": [
                {"name": tensor.name, "dtype": tensor.dtype, "shape": list(tensor.shape)} for tensor in content.tensors
            ],
            "imports": list(content.imports),
            "runs_code": list(content.runs_code),
            "sha256": self.sha256,
        }


def describe(path: Path, checksum: bool = False) -> CheckpointInfo:
    """Reads the headers of the checkpoint at `path`; never unpickles, in bounded time and memory.

    Damage is an answer (`content.complete` is False), not an error. Raises NotFoundError when nothing is
    there, RefusedError when it is no checkpoint of a known format.
    """
    found = _checkpoint_at(path)
    try:
        content = _content(found, Budget())
    except Damaged as damage:
        content = Content(False, str(damage))
    except TooMuch as limit:
        content = Content(None, str(limit))
    step, epoch = _progress(found, content)
    return CheckpointInfo(found, content, step, epoch, _digests(found) if checksum else {})


def _checkpoint_at(path: Path) -> Checkpoint:
    shown = printable(str(path))
    if not os.path.lexists(path):
        raise NotFoundError(f"there is no {shown}", hint=_near(path))
    found = checkpoints.at(str(path))
    if found is not None:
        return found
    if path.is_dir():
        hint = f"`runctl checkpoint list {shown}` shows the checkpoints in it, if any"
        raise RefusedError(f"{shown} is a folder, but no checkpoint by itself", hint=hint)
    if not path.is_file():
        raise RefusedError(f"{shown} is not a file")
    known = ", ".join(FILE_KINDS)
    hint = f"known are files that end in {known}, TensorFlow's .index and Hugging Face's *.safetensors.index.json"
    raise RefusedError(f"{shown} is not in a checkpoint format that runctl knows", hint=hint)


def _near(path: Path) -> str:
    import difflib
    from itertools import islice

    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry in islice(entries, _NAMES_COMPARED)]
    except OSError:
        return f"there is no folder {printable(str(path.parent))} either"
    near = difflib.get_close_matches(path.name, names, n=3)
    if not near:
        return f"`runctl checkpoint list {printable(str(path.parent))}` shows what there is"
    return "did you mean " + " or ".join(printable(str(path.parent / name)) for name in near) + "?"


_READERS: dict[str, Callable[[Path, Budget], Content]] = {
    "torch": torch_files.describe,
    # people give torch files this suffix too; both are told apart by their first bytes
    "pickle": torch_files.describe,
    "safetensors": safetensors.describe,
    "keras": keras_files.describe_archive,
    "hdf5": keras_files.describe_hdf5,
    "npz": numpy_files.describe,
}


def _content(found: Checkpoint, budget: Budget) -> Content:
    if found.kind in _READERS:
        return _read_file(Path(found.path), found.kind, budget)
    return folders.describe(found, _read_file, budget)


def _read_file(path: Path, kind: str, budget: Budget) -> Content:
    return _READERS[kind](path, budget)


def _progress(found: Checkpoint, content: Content) -> tuple[int | None, Scalar]:
    said = [whole_number(content.values.get(key)) for key in ("global_step", "step")]
    step = next((number for number in said if number is not None), found.step)
    epoch = content.values.get("epoch")
    is_number = isinstance(epoch, (int, float)) and not isinstance(epoch, bool)
    return step, epoch if is_number else found.epoch


def _digests(found: Checkpoint) -> dict[str, str]:
    folder = found.path if found.is_directory else Path(found.path).parent
    return {os.path.relpath(file, folder): sha256(Path(file)) for file in found.files}
