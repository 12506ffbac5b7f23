"""Up and down: what `runctl sandbox` does from outside of the daemon."""

from __future__ import annotations

import fcntl
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from runctl.core.errors import NotFoundError, RefusedError, RunctlError
from runctl.core.text import printable
from runctl.sandbox.layout import Folder, State
from runctl.sandbox.model import SandboxError

Report = Callable[[str], None]

_START_S = 60
_END_S = 10
_MODULE = "runctl.sandbox.daemon"


class Up(NamedTuple):
    """A sandbox that is up; `is_new` when this call has started it."""

    state: State
    is_new: bool


def up(home: Path, report: Report) -> Up:
    """Starts the sandbox of `home`, unless it is up. Raises RefusedError with what this machine lacks, and RunctlError
    when it can't be started; then, and when it is interrupted, nothing is left of it."""
    folder = Folder(home)
    _find_system_programs()
    with _alone(folder):
        state = folder.read()
        if state and _is_alive(state, home):
            return Up(state, is_new=False)
        _refuse_where_something_is_missing()
        _clear(folder)
        try:
            _make_image(report)
            return Up(_start(folder, home), is_new=True)
        except BaseException:
            _clear(folder)
            raise


def down(home: Path) -> State | None:
    """Removes the sandbox of `home` and all that it made, whether its daemon lives or not. Returns what it was; None
    when there was none. Raises RunctlError when something can't be removed."""
    folder = Folder(home)
    if not folder.path.exists():
        return None
    _find_system_programs()
    with _alone(folder):
        state = folder.read()
        _clear(folder)
        return state


def running(home: Path) -> State:
    """The state of the sandbox that is up. Raises NotFoundError when there is none."""
    state = Folder(home).read()
    if state is None or not _is_alive(state, home):
        raise NotFoundError("there is no sandbox", hint="start one: runctl sandbox up")
    return state


def found(home: Path) -> tuple[State | None, bool]:
    """The state of a sandbox, if there is any, and whether its daemon lives."""
    state = Folder(home).read()
    return state, state is not None and _is_alive(state, home)


def remove_image() -> None:
    """Removes the image of hosts; the next `up` builds it again."""
    from runctl.sandbox.hosts import remove_image as remove

    remove()


def _find_system_programs() -> None:
    """nft, losetup and others are in folders that a user's PATH need not name; the daemon inherits it."""
    os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])


@contextmanager
def _alone(folder: Folder) -> Iterator[None]:
    """Only one process at a time goes up or down; the others wait."""
    folder.lock.parent.mkdir(parents=True, exist_ok=True)
    while True:
        descriptor = os.open(folder.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if folder.lock.exists() and os.path.samestat(os.fstat(descriptor), folder.lock.stat()):
            break
        os.close(descriptor)  # who held it before has removed it
    try:
        yield
    finally:
        if not folder.path.exists():
            folder.lock.unlink()
        os.close(descriptor)


def _refuse_where_something_is_missing() -> None:
    if find_spec("moto") is None:
        raise RefusedError("the sandbox needs moto, which is not installed", hint="pip install 'runctl[sandbox]'")
    from runctl.sandbox.hosts import missing_requirements

    missing = missing_requirements()
    if missing:
        raise RefusedError("this machine can't have a sandbox: " + "; ".join(missing))


def _make_image(report: Report) -> None:
    from runctl.sandbox.hosts import build_image, image_missing

    if image_missing():
        build_image(report)


def _start(folder: Folder, home: Path) -> State:
    folder.path.mkdir(parents=True)
    reading, writing = os.pipe()
    with folder.log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", _MODULE, str(home), str(writing)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[writing],
            # `-m` imports from the working folder first, which may be a stranger's; and none is to be kept busy
            cwd="/",
            start_new_session=True,
        )
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as ready:
            said = ready.readline() if select.select([ready], [], [], _START_S)[0] else b""
        state = folder.read()
        if not said or state is None:
            raise RunctlError(f"the sandbox did not start: {printable(_last_line(folder.log))}")
    except BaseException:
        process.kill()
        process.wait()
        raise
    # it is not waited for: its end is `down`'s affair
    process.returncode = 0
    return state


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "its log is empty"


def _clear(folder: Folder) -> None:
    """Ends the daemon and removes everything; says what can't be removed."""
    state = folder.read()
    if state is not None:
        _end(state, folder.path.parent)
        _remove_what_it_made(state, folder.path)
    if folder.path.exists():
        shutil.rmtree(folder.path)


def _end(state: State, home: Path) -> None:
    if not _is_alive(state, home):
        return
    watched = os.pidfd_open(state.pid)
    try:
        for number, patience_s in ((signal.SIGTERM, _END_S), (signal.SIGKILL, _END_S)):
            os.kill(state.pid, number)
            if select.select([watched], [], [], patience_s)[0]:
                return
    except ProcessLookupError:
        pass
    finally:
        os.close(watched)


def _remove_what_it_made(state: State, folder: Path) -> None:
    from runctl.sandbox import disks, hosts, network
    from runctl.sandbox.remains import remains

    try:
        hosts.remove_everything(state.id)
        disks.remove_everything(folder)
        network.remove_everything(state.id)
    except SandboxError as error:
        raise RunctlError(f"the sandbox is not down: {error}", hint="try again: runctl sandbox down") from error
    left = remains(state.id, folder)
    if left:
        raise RunctlError(f"the sandbox is not down, this is left: {', '.join(left)}")


def _is_alive(state: State, home: Path) -> bool:
    try:
        words = Path(f"/proc/{state.pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return _MODULE.encode() in words and os.fsencode(home) in words
