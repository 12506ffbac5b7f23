"""Control sockets: where one connection to a machine is kept open, and whether it still is."""

from __future__ import annotations

import fcntl
import os
import socket
import stat
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from runctl.core.errors import RunctlError
from runctl.core.text import printable

# a socket's path has 108 bytes on Linux and 104 on macOS, of which OpenSSH takes 17 while it makes one
_LONGEST = 86
_LONGEST_NAME = 19  # an instance's id


def socket_of(name: str, connection: Iterable[object]) -> Path:
    """The path of the control socket of the connection that is called `name` and that these values describe.

    It is in a folder that nobody else can write to. Raises RunctlError when somebody else has it.
    """
    values = "\0".join(map(str, connection)).encode("utf-8", "surrogateescape")
    return _own_folder() / f"{name[:_LONGEST_NAME]}-{zlib.crc32(values):08x}"


def answers(path: Path) -> bool:
    """Whether a connection is open behind a control socket."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True


@contextmanager
def connecting(path: Path) -> Iterator[None]:
    """Lets one process at a time open the connection of a socket."""
    name = path.with_suffix(".lock")
    while True:
        with name.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # whoever had it before has removed it
            if not name.exists() or name.stat().st_ino != os.fstat(lock.fileno()).st_ino:
                continue
            try:
                yield
            finally:
                name.unlink()
            return


def _own_folder() -> Path:
    folder = _folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise RunctlError(
            f"{printable(str(folder))}, where connections are kept open, is not a folder of yours alone",
            hint="remove it, or set XDG_RUNTIME_DIR to a folder of your own",
        )
    return folder


def _folder() -> Path:
    own = os.environ.get("XDG_RUNTIME_DIR", "")
    if own and len(os.fsencode(own)) + len("/runctl/-01234567") + _LONGEST_NAME <= _LONGEST and Path(own).is_dir():
        return Path(own, "runctl")
    return Path(f"/tmp/runctl-{os.getuid()}")
