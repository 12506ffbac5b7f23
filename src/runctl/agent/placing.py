"""Puts what has arrived into a project's folder: each file at once, and nothing of anybody else's is lost."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import time
from typing import Any, Dict, Iterator, List, Optional, Set

from runctl.agent.control import Refused
from runctl.agent.project import Project, Sent, encoded, hash_of
from runctl.agent.receiving import STAGING, Incoming, Received

# what somebody changed here is kept when it is replaced
REPLACED = "replaced"


class Placing:
    """One project while it is changed. `files` are those sent before, `changed` those of them that somebody changed or
    removed here since."""

    def __init__(self, project: Project, files: Dict[str, Sent], changed: Set[str], stamp: str) -> None:
        self._project = project
        self._stamp = stamp
        self._files = files
        self._changed = changed
        self._made: Set[bytes] = set()
        self._kept_in = os.path.join(project.records, REPLACED, time.strftime("%Y%m%d-%H%M%S-") + stamp[:4])
        self._replaced: List[str] = []
        self._left: List[str] = []

    def place(self, received: Received, origin: Optional[str]) -> Dict[str, Any]:
        """Removes, places, and writes down. Returns `replaced` (what somebody changed here, now in `kept_in`) and
        `left` (what was to be removed, and somebody changed). Raises Refused when a folder is in the way, before
        anything is changed, and OSError; the next try then mends what is half done."""
        for path in (*received.files, *received.modes, *received.remove):
            _check(path)
        self._check_folders(received)
        os.makedirs(self._project.folder, exist_ok=True)
        arrived = {path: _sent(each) for path, each in received.files.items()}
        # killed half-way, the next try must know what may be runctl's own
        self._project.write_begin(self._files, origin, arrived)
        for path in received.remove:
            self._remove(path)
        for path, each in received.files.items():
            self._put(path, each)
        gone = set(received.remove)
        now = {path: each for path, each in {**self._files, **arrived}.items() if path not in gone}
        for path, executable in received.modes.items():
            if path in self._changed:
                continue
            os.chmod(self._project.path(path), 0o755 if executable else 0o644)
            now[path] = now[path]._replace(executable=executable)
        self._project.write(now, origin, self._stamp)
        return {"replaced": self._replaced, "kept_in": self._kept_in if self._replaced else None, "left": self._left}

    def _remove(self, path: str) -> None:
        target = self._project.path(path)
        if path in self._changed:
            if os.path.lexists(target):
                self._left.append(path)
            return
        os.unlink(target)
        folder = encoded(self._project.folder)
        parent = os.path.dirname(target)
        while parent != folder and not os.path.islink(parent):
            try:
                os.rmdir(parent)
            except OSError:
                return
            parent = os.path.dirname(parent)

    def _put(self, path: str, incoming: Incoming) -> None:
        target = self._project.path(path)
        self._make_folder(path)
        self._make_way(path, target, incoming)
        if incoming.link is not None:
            staged = encoded(os.path.join(self._project.folder, STAGING + ".link"))
            if os.path.lexists(staged):
                os.unlink(staged)  # of a try that was ended here
            os.symlink(encoded(incoming.link), staged)
            os.replace(staged, target)
            return
        assert incoming.staged is not None
        staged = encoded(incoming.staged)
        try:
            os.replace(staged, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            # a disk that is mounted inside the project
            beside = target + b".runctl-new"
            shutil.copy2(staged, beside)
            os.replace(beside, target)

    def _make_folder(self, path: str) -> None:
        folder = os.path.dirname(self._project.path(path))
        if folder in self._made:
            return
        while True:
            try:
                os.makedirs(folder, exist_ok=True)
                break
            except (FileExistsError, NotADirectoryError):
                self._keep(self._obstacle(path))
        self._made.add(folder)

    def _obstacle(self, path: str) -> str:
        """The part of a path that should be a folder and is none."""
        parts = path.split("/")
        for count in range(1, len(parts)):
            part = "/".join(parts[:count])
            place = self._project.path(part)
            if os.path.lexists(place) and not os.path.isdir(place):
                return part
        raise AssertionError("there is an obstacle")

    def _make_way(self, path: str, target: bytes, incoming: Incoming) -> None:
        if path in self._files and path not in self._changed:
            return
        try:
            found = os.lstat(target)
        except FileNotFoundError:
            return
        if stat.S_ISDIR(found.st_mode):
            _remove_folders(target)  # `_check_folders` has seen that there are no files
        elif not _is_the_same(target, found, incoming):
            self._keep(path)

    def _keep(self, path: str) -> None:
        kept = os.path.join(encoded(self._kept_in), encoded(path))
        os.makedirs(os.path.dirname(kept), mode=0o700, exist_ok=True)
        shutil.move(os.fsdecode(self._project.path(path)), os.fsdecode(kept))
        self._replaced.append(path)

    def _check_folders(self, received: Received) -> None:
        """A folder where a file is to be: with runctl's own files alone it goes, with others nothing is done."""
        gone = {self._project.path(path) for path in received.remove if path not in self._changed}
        for path in received.files:
            target = self._project.path(path)
            if not os.path.isdir(target) or os.path.islink(target):
                continue
            if any(file not in gone for file in _files_in(target)):
                raise Refused(
                    "%s is a folder on the machine, with files in it that runctl did not send; here it is none"
                    % os.path.join(self._project.folder, path),
                    "move it away there, or leave the one here out: name it in .runctlignore",
                )


def _sent(incoming: Incoming) -> Sent:
    return Sent(incoming.size, incoming.mtime_ns, incoming.executable, incoming.link, incoming.hash)


def _files_in(folder: bytes) -> Iterator[bytes]:
    for parent, folders, files in os.walk(folder):
        for name in (*files, *(each for each in folders if os.path.islink(os.path.join(parent, each)))):
            yield os.path.join(parent, name)


def _remove_folders(folder: bytes) -> None:
    for parent, _, _ in os.walk(folder, topdown=False):
        os.rmdir(parent)


def _is_the_same(target: bytes, found: os.stat_result, incoming: Incoming) -> bool:
    if incoming.link is not None:
        return stat.S_ISLNK(found.st_mode) and os.readlink(target) == encoded(incoming.link)
    if not stat.S_ISREG(found.st_mode) or found.st_size != incoming.size:
        return False
    return found.st_mtime_ns == incoming.mtime_ns or hash_of(target) == incoming.hash


def _check(path: str) -> None:
    parts = path.split("/")
    if "\0" in path or parts[0].startswith(STAGING) or any(part in ("", ".", "..", ".git") for part in parts):
        raise Refused("%r can't be a file of a project" % path)
