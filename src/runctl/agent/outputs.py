"""Which files a run leaves: what was written since its script began, under its output and checkpoint folders."""

from __future__ import annotations

import os
import stat
from typing import Any, Iterable, NamedTuple

from runctl.agent import checkpoints

LONGEST_KEY = 1024  # bytes; https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
# file systems of the kernel's: what is in them is nobody's result
_KERNELS = ("/proc", "/sys", "/dev", "/run")


class Output(NamedTuple):
    """One file: where it is, its name below the run's prefix, and what changes when it does."""

    path: str
    name: str
    size: int
    modified_ns: int
    changed_ns: int


class Outputs(NamedTuple):
    """What was found. `passed_over` holds nothing that could be sent (a socket, a link to nowhere), `lost` what should
    be and can't: pairs of path and reason."""

    files: list[Output]
    passed_over: list[tuple[str, str]]
    lost: list[tuple[str, str]]


def find(spec: dict[str, Any], since_ns: int, prefix: str, left_out: Iterable[str]) -> Outputs:
    """The files to send of a run with this spec: of the folders in `output.folders` (in `workdir` and in `root`) and in
    `checkpoint_dirs`, those that changed at `since_ns` (Unix time in nanoseconds, by the file system's clock) or later.
    With no `checkpoint_dirs`, such checkpoints anywhere in `workdir`. Nothing in the folders `left_out`.

    Links to files count as files, links to folders are followed, each folder once. A name is `files/…` as seen from
    the project's root, `outside/…` with the whole path where it is not in there; bytes that are no UTF-8 are in it as
    `%FF`. `prefix` is what a name will stand behind: the two must not be longer than S3 allows.
    """
    search = _Search(spec["root"], since_ns, prefix, [os.path.realpath(path) for path in left_out])
    for folder in spec["output"]["folders"]:
        search.folder(os.path.join(spec["workdir"], folder))
        search.folder(os.path.join(spec["root"], folder))
    for folder in spec["checkpoint_dirs"]:
        search.folder(os.path.join(spec["workdir"], folder))
    if not spec["checkpoint_dirs"]:
        for checkpoint in checkpoints.find(spec["workdir"]):
            for path in checkpoint.files:
                search.file(path)
    return Outputs(list(search.files.values()), search.passed_over, search.lost)


class _Search:
    def __init__(self, root: str, since_ns: int, prefix: str, left_out: list[str]) -> None:
        self._root = root
        self._since_ns = since_ns
        self._prefix = prefix
        self._left_out = left_out
        self._seen: set[tuple[int, int]] = set()
        self.files: dict[str, Output] = {}
        self.passed_over: list[tuple[str, str]] = []
        self.lost: list[tuple[str, str]] = []

    def folder(self, path: str) -> None:
        """Looks through a folder, if there is one."""
        folders, links = [os.path.normpath(path)], []  # type: list[str], list[str]
        while folders or links:
            # real folders first: a link must not take the place of what it leads to
            folder = folders.pop() if folders else links.pop()
            if not os.path.isdir(folder) or self._is_left_out(folder) or not self._is_new(folder):
                continue
            try:
                with os.scandir(folder) as found:
                    entries = sorted(found, key=lambda entry: entry.name)
            except OSError as error:
                self.lost.append((folder, error.strerror or str(error)))
                continue
            for entry in entries:
                if not entry.is_dir():
                    self.file(entry.path)
                else:
                    (links if entry.is_symlink() else folders).append(entry.path)

    def file(self, path: str) -> None:
        """Takes a file that changed since the run began."""
        try:
            about, link = os.stat(path), os.lstat(path)
        except FileNotFoundError:
            if os.path.islink(path):
                self.passed_over.append((path, "a link to nothing"))
            return
        except OSError as error:
            self.lost.append((path, error.strerror or str(error)))
            return
        if max(about.st_ctime_ns, link.st_ctime_ns) < self._since_ns or self._is_left_out(path):
            return
        if not stat.S_ISREG(about.st_mode):
            self.passed_over.append((path, "no file but a %s" % _kind(about.st_mode)))
            return
        self._take(path, about)

    def _take(self, path: str, about: os.stat_result) -> None:
        name = _name(path, self._root)
        length = len((self._prefix + name).encode("utf-8"))
        before = self.files.get(name)
        if length > LONGEST_KEY:
            self.lost.append((path, "its key would have %d bytes, and S3 takes %d" % (length, LONGEST_KEY)))
        elif before is None:
            self.files[name] = Output(path, name, about.st_size, about.st_mtime_ns, about.st_ctime_ns)
        elif before.path != path:
            self.lost.append((path, "its name in S3 would be that of %s" % before.path))

    def _is_new(self, folder: str) -> bool:
        about = os.stat(folder)
        identity = (about.st_dev, about.st_ino)
        first = identity not in self._seen
        self._seen.add(identity)
        return first

    def _is_left_out(self, path: str) -> bool:
        real = os.path.realpath(path)
        inside = [folder for folder in (*_KERNELS, *self._left_out) if _is_in(real, folder)]
        # what the project itself lies in is no link out of it
        return any(not _is_in(self._root, folder) for folder in inside)


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _name(path: str, root: str) -> str:
    for one, other in ((path, root), (os.path.realpath(path), os.path.realpath(root))):
        if _is_in(one, other):
            return "files/" + _as_text(os.path.relpath(one, other))
    return "outside/" + _as_text(os.path.abspath(path).lstrip(os.sep))


def _as_text(name: str) -> str:
    """A file's name as UTF-8: its other bytes, which Python has as lone surrogates, as `%FF`."""
    return "".join("%%%02X" % (ord(letter) - 0xDC00) if "\udc80" <= letter <= "\udcff" else letter for letter in name)


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISSOCK, "socket"), (stat.S_ISFIFO, "pipe"), (stat.S_ISDIR, "folder"))
    return next((name for is_kind, name in kinds if is_kind(mode)), "device")
