"""Finds the checkpoints under a folder, by names alone: no file is opened."""

from __future__ import annotations

import os
import re
import stat
from typing import Iterable, NamedTuple

FILE_KINDS = {
    ".pt": "torch",
    ".pth": "torch",
    ".ckpt": "torch",
    ".safetensors": "safetensors",
    ".keras": "keras",
    ".h5": "hdf5",
    ".npz": "npz",
    ".pkl": "pickle",
}
SHARD_INDEX = ".safetensors.index.json"
TENSORFLOW_INDEX = ".index"

_SKIPPED_FOLDERS = {"__pycache__", "node_modules"}
_SHARD = re.compile(r"(.+)-\d{5}-of-\d{5}\.safetensors")
_TENSORFLOW_DATA = re.compile(r"(.+)\.data-\d{5}-of-\d{5}")
_NUMBERED_FOLDER = re.compile(r"checkpoint[-_]\d+")
_DEEPSPEED_FOLDER = re.compile(r"global_step\d+")
_ORBAX_MARKS = {"_CHECKPOINT_METADATA", "_METADATA", "manifest.ocdbt"}
# `steps_per_epoch=100`, `max_step=9` and the like say something else than where training was
_NAMED_NUMBER = re.compile(
    r"(?:^|(?<=[^A-Za-z0-9]))"
    r"(?<!per[_-])(?<!num[_-])(?<!max[_-])(?<!min[_-])(?<!total[_-])(?<!warmup[_-])(?<!every[_-])"
    r"(?<!sub[_-])(?<!micro[_-])(?<!inner[_-])(?<!\bn[_-])(?<!_n[_-])"
    r"(step|epoch)[=_-]?(\d{1,18})(?![A-Za-z0-9]|\.\d)",
    re.IGNORECASE,
)

_Identity = tuple[int, int]


class Checkpoint(NamedTuple):
    """One checkpoint: a file, a folder that is one unit, or a few files that belong together.

    `path` is the file, the folder, or the index file that leads the group. `files` are the paths of all
    its files, sorted; `size_bytes` is their sum, `modified_at` their newest change in Unix seconds.
    `step` and `epoch` are what the name says outright, or None.
    """

    path: str
    kind: str
    is_directory: bool
    size_bytes: int
    modified_at: float
    files: tuple[str, ...]
    step: int | None
    epoch: int | None


def find(folder: str) -> list[Checkpoint]:
    """The checkpoints in `folder` and below, newest first; `[]` where there is no such folder.

    A folder that is itself a checkpoint, or a checkpoint's file, gives that one. Links to folders are
    followed, but nothing is listed twice and no link leads upwards. Hidden folders, `__pycache__`,
    `node_modules` and virtual environments are left out, and so is what can't be read or vanishes.
    """
    if not os.path.isdir(folder):
        single = at(folder)
        return [single] if single else []
    found = _Search(folder).run()
    return sorted(found, key=lambda checkpoint: (-checkpoint.modified_at, checkpoint.path))


def at(path: str) -> Checkpoint | None:
    """The checkpoint that `path` itself is, or None."""
    if os.path.isdir(path):
        kind, certain = _folder_kind(path, _entries(path))
        if kind is None or not (certain or not _holds_checkpoints_below(path)):
            return None
        return _folder_checkpoint(path, kind)
    folder, name = os.path.split(path)
    if name.endswith((SHARD_INDEX, TENSORFLOW_INDEX)):
        names = {entry.name for entry in _entries(folder or ".")}
        for lead, kind, members in _groups(names):
            if lead == name:
                return _checkpoint(path, kind, False, [os.path.join(folder, member) for member in members])
        return None
    file_kind = kind_of_file(name)
    return _checkpoint(path, file_kind, False, [path]) if file_kind else None


def kind_of_file(name: str) -> str | None:
    """The kind of checkpoint that a file of this name is, by its suffix, or None."""
    return FILE_KINDS.get(os.path.splitext(name)[1].lower())


def numbers_in(name: str, kind: str) -> tuple[int | None, int | None]:
    """The step and the epoch that a checkpoint's name says outright; None rather than a guess."""
    if kind in ("hf-trainer", "checkpoint-folder") and re.fullmatch(r"checkpoint-\d{1,18}", name):
        return int(name.split("-")[1]), None
    if kind == "orbax" and re.fullmatch(r"[0-9]{1,18}", name):
        return int(name), None
    said: dict[str, set[int]] = {"step": set(), "epoch": set()}
    for word, digits in _NAMED_NUMBER.findall(name):
        said[word.lower()].add(int(digits))
    return _only(said["step"]), _only(said["epoch"])


def _only(numbers: set[int]) -> int | None:
    return next(iter(numbers)) if len(numbers) == 1 else None


class _Search:
    """One walk through a folder. Real folders come before links, so that a link never takes their place."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.seen = _ancestors(root)
        self.folders = [root]
        self.links = []  # type: list[str]
        self.found = {}  # type: dict[str, list[Checkpoint]]
        self.uncertain = []  # type: list[tuple[str, str]]

    def run(self) -> list[Checkpoint]:
        while self.folders or self.links:
            if self.folders:
                self._visit(self.folders.pop())
            else:
                self._follow(self.links.pop())
        self._settle_uncertain()
        return [checkpoint for group in self.found.values() for checkpoint in group]

    def _visit(self, folder: str) -> None:
        if not self._first_time(folder):
            return
        entries = _entries(folder)
        if any(entry.name == "pyvenv.cfg" for entry in entries):
            return
        kind, certain = _folder_kind(folder, entries)
        if kind and certain:
            self._keep(folder, _folder_checkpoint(folder, kind))
            return
        if kind and folder != self.root:
            self.uncertain.append((folder, kind))
        self._descend(folder, entries)

    def _descend(self, folder: str, entries: list[os.DirEntry[str]]) -> None:
        plain = set()
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if _is_link(entry):
                self.links.append(entry.path)
            elif not _is_folder(entry):
                plain.add(entry.name)
            elif entry.name not in _SKIPPED_FOLDERS and ".orbax-checkpoint-tmp" not in entry.name:
                self.folders.append(entry.path)
        for lead, kind, members in _groups(plain):
            paths = [os.path.join(folder, member) for member in members]
            self._keep(folder, _checkpoint(os.path.join(folder, lead), kind, False, paths))
            plain.difference_update(members)
        for name in plain:
            self._keep_file(folder, name)

    def _keep_file(self, folder: str, name: str) -> None:
        kind = kind_of_file(name)
        if kind:
            path = os.path.join(folder, name)
            self._keep(folder, _checkpoint(path, kind, False, [path]))

    def _keep(self, folder: str, checkpoint: Checkpoint | None) -> None:
        if checkpoint is None:
            return
        self.found.setdefault(folder, []).append(checkpoint)
        for path in checkpoint.files:
            self._first_time(path)
            if checkpoint.is_directory:
                self._first_time(os.path.dirname(path))

    def _follow(self, link: str) -> None:
        if os.path.isdir(link):
            if os.path.basename(os.path.realpath(link)) not in _SKIPPED_FOLDERS:
                self.folders.append(link)
        elif kind_of_file(link) and self._first_time(link):
            self._keep_file(*os.path.split(link))

    def _first_time(self, path: str) -> bool:
        identity = _identity(path)
        if identity is None or (identity in self.seen and path != self.root):
            return False
        self.seen.add(identity)
        return True

    def _settle_uncertain(self) -> None:
        # a trainer's output folder has the same marks as a checkpoint, but holds checkpoints itself
        for folder, kind in reversed(self.uncertain):
            if any(other.startswith(folder + os.sep) for other in self.found):
                continue
            unit = _folder_checkpoint(folder, kind)
            if unit:
                self.found[folder] = [unit]


def _folder_kind(folder: str, entries: list[os.DirEntry[str]]) -> tuple[str | None, bool]:
    """The kind of checkpoint that a folder is, and whether its marks can mean nothing else."""
    name = os.path.basename(os.path.abspath(folder))
    names = {entry.name for entry in entries}
    if any(other.endswith(".distcp") for other in names):
        return "torch-distributed", True
    if "saved_model.pb" in names or "saved_model.pbtxt" in names:
        return "saved-model", True
    if not _ORBAX_MARKS.isdisjoint(names):
        return "orbax", True
    if _NUMBERED_FOLDER.fullmatch(name) and "trainer_state.json" in names:
        return "hf-trainer", True
    if "random_states_0.pkl" in names:
        return "accelerate", True
    if any(other.endswith("_model_states.pt") for other in names):
        return "deepspeed", True
    has_model = any(kind_of_file(other) or other.endswith(SHARD_INDEX) for other in names)
    if has_model and _DEEPSPEED_FOLDER.fullmatch(name):
        return "deepspeed", True
    if has_model and _NUMBERED_FOLDER.fullmatch(name):
        return "checkpoint-folder", True
    if name.endswith(".ckpt") and "checkpoint" in names and os.path.isdir(os.path.join(folder, "checkpoint")):
        return "lightning-folder", True
    if "trainer_state.json" in names and has_model:
        return "hf-trainer", False
    if any(other.endswith(SHARD_INDEX) for other in names):
        return "sharded-safetensors", False
    return None, False


def _groups(names: set[str]) -> list[tuple[str, str, list[str]]]:
    """The groups among the files of one folder: the index that leads, the kind, all members by name."""
    shards = _by_stem(_SHARD, names)
    data = _by_stem(_TENSORFLOW_DATA, names)
    groups = []
    for name in sorted(names):
        if name.endswith(SHARD_INDEX):
            members = shards.get(name[: -len(SHARD_INDEX)], [])
            groups.append((name, "sharded-safetensors", [name, *members]))
        elif name.endswith(TENSORFLOW_INDEX) and name[: -len(TENSORFLOW_INDEX)] in data:
            members = data[name[: -len(TENSORFLOW_INDEX)]]
            groups.append((name, "tf-checkpoint", [name, *members]))
    return groups


def _by_stem(pattern: "re.Pattern[str]", names: set[str]) -> dict[str, list[str]]:
    stems = {}  # type: dict[str, list[str]]
    for name in sorted(names):
        match = pattern.fullmatch(name)
        if match:
            stems.setdefault(match.group(1), []).append(name)
    return stems


def _holds_checkpoints_below(folder: str) -> bool:
    below = (entry for entry in _entries(folder) if _is_folder(entry) and not entry.name.startswith("."))
    return any(find(entry.path) for entry in below)


def _folder_checkpoint(folder: str, kind: str) -> Checkpoint | None:
    files = []  # type: list[str]
    folders = [folder]
    while folders:
        for entry in _entries(folders.pop()):
            (folders if _is_folder(entry) else files).append(entry.path)
    return _checkpoint(folder, kind, True, files)


def _checkpoint(path: str, kind: str, is_directory: bool, files: Iterable[str]) -> Checkpoint | None:
    """A checkpoint of those of `files` that are there now; None when none of them is."""
    present = []
    size = 0
    newest = 0.0
    for file in sorted(files):
        try:
            status = os.stat(file)
        except (OSError, ValueError):
            continue
        if stat.S_ISREG(status.st_mode):
            present.append(file)
            size += status.st_size
            newest = max(newest, status.st_mtime)
    if not present:
        return None
    step, epoch = numbers_in(os.path.basename(os.path.abspath(path)), kind)
    return Checkpoint(path, kind, is_directory, size, newest, tuple(present), step, epoch)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_link(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_symlink()
    except OSError:
        return False


def _identity(path: str) -> _Identity | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _ancestors(root: str) -> set[_Identity]:
    path = os.path.realpath(root)
    identities = set()
    while True:
        identity = _identity(path)
        if identity:
            identities.add(identity)
        if path == os.path.dirname(path):
            return identities
        path = os.path.dirname(path)
