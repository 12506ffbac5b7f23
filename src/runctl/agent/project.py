"""A project's folder on this machine: what was sent to it, whether it is still so, and who may change it now."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import stat
import time
from typing import Any, Dict, List, NamedTuple, Optional

from runctl.agent.rundir import read_json

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_PATIENCE_S, _PAUSE_S = 10.0, 0.05
_BLOCK = 1 << 20
VERSION = 1


class Sent(NamedTuple):
    """A file as runctl sent it. `mtime_ns` is that of the file here, `hash` what `hash_of` says of its content; None
    where it changed while it was sent. A symbolic link has only its `link`."""

    size: int
    mtime_ns: int
    executable: bool
    link: Optional[str]
    hash: Optional[str]


class Records(NamedTuple):
    """What was sent, by path, and from where; empty when nothing was sent yet. `half`: whoever changed the folder last
    was ended before it had all in its place."""

    files: Dict[str, Sent]
    origin: Optional[str]
    half: bool


class Busy(Exception):
    """Somebody else sends the project, or starts a run with it, at this moment."""


class Project:
    """A project of this `name`, in `folder`; the records are in runctl's own folder.

    Raises ValueError when the name is none.
    """

    def __init__(self, home: str, name: str, folder: str) -> None:
        if not _NAME.fullmatch(name):
            raise ValueError("%r is no name for a project" % name)
        self.name = name
        self.folder = os.path.realpath(os.path.expanduser(folder))
        self.records = os.path.join(home, "projects", name)
        self._sent = os.path.join(self.records, "sent.json")
        self._stamp = os.path.join(self.records, "stamp")

    def lock(self) -> int:
        """Keeps others from changing the project, until the descriptor is given to `unlock`. Raises Busy."""
        os.makedirs(self.records, mode=0o700, exist_ok=True)
        descriptor = os.open(os.path.join(self.records, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return descriptor
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(descriptor)
                    raise Busy(self.name) from None
            time.sleep(_PAUSE_S)

    @staticmethod
    def unlock(descriptor: int) -> None:
        """Lets others have the project. Explicitly: a child that was forked meanwhile shares the lock."""
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)

    def stamp(self) -> Optional[str]:
        """What names the state of the folder after it was last sent whole; None when it never was."""
        try:
            with open(self._stamp, encoding="ascii") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def read(self) -> Records:
        """What was sent to the folder."""
        try:
            document = read_json(self._sent)
            files = {path: Sent(*fields) for path, fields in document["files"].items()}
            arriving = document.get("arriving")
            for path, fields in (arriving or {}).items():
                if path not in files or _has_content(self.path(path), Sent(*fields)):
                    files[path] = Sent(*fields)
            return Records(files, document["origin"], arriving is not None)
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            # damaged when a machine lost its power: what is there is then nobody's, and is sent again
            return Records({}, None, False)

    def write(self, files: Dict[str, Sent], origin: Optional[str], stamp: str) -> None:
        """Replaces the records. Raises OSError."""
        self._write({"origin": origin, "files": files})
        _write_whole(self._stamp, stamp)

    def write_begin(self, files: Dict[str, Sent], origin: Optional[str], arriving: Dict[str, Sent]) -> None:
        """Writes down that the folder is being changed: of `files`, those in `arriving` are replaced. Raises
        OSError."""
        if os.path.exists(self._stamp):
            os.unlink(self._stamp)
        self._write({"origin": origin, "files": files, "arriving": arriving})

    def _write(self, document: Dict[str, Any]) -> None:
        _write_whole(self._sent, json.dumps({"version": VERSION, **document}, separators=(",", ":")))

    def path(self, relative: str) -> bytes:
        """The path of a file in the folder."""
        return os.path.join(encoded(self.folder), encoded(relative))

    def changed(self, files: Dict[str, Sent]) -> List[str]:
        """Which of the files are not here any more as they were sent."""
        start = encoded(self.folder) + b"/"
        return [path for path, sent in files.items() if not is_as_sent(start + encoded(path), sent)]


def is_as_sent(path: bytes, sent: Sent) -> bool:
    """Whether a file still is what was sent; its time may differ when its content does not."""
    try:
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode):
            return sent.link is not None and os.readlink(path) == encoded(sent.link)
        if sent.link is not None or not stat.S_ISREG(found.st_mode) or found.st_size != sent.size:
            return False
        if bool(found.st_mode & stat.S_IXUSR) != sent.executable:
            return False
        return found.st_mtime_ns == sent.mtime_ns or hash_of(path) == sent.hash
    except OSError:
        return False


def _has_content(path: bytes, sent: Sent) -> bool:
    # an older content may well have the same size, and on some file systems the same time
    return is_as_sent(path, sent) and (sent.link is not None or hash_of(path) == sent.hash)


def hash_of(path: bytes) -> str:
    """BLAKE2b of a file's content, 128 bits of it, in hexadecimal. Raises OSError."""
    digest = hashlib.blake2b(digest_size=16)
    with open(path, "rb", buffering=0) as file:
        for block in iter(lambda: file.read(_BLOCK), b""):
            digest.update(block)
    return digest.hexdigest()


def encoded(path: str) -> bytes:
    """A path as the file system has it, whatever the locale says."""
    return path.encode("utf-8", "surrogateescape")


def _write_whole(path: str, text: str) -> None:
    temporary = path + ".new"
    with open(temporary, "w", encoding="ascii") as file:
        file.write(text)
    os.replace(temporary, path)
