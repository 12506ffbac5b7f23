"""Loop devices, by ioctl: a free one is asked for and taken without another sandbox coming in between.

The numbers and structures are those of <linux/loop.h>; LOOP_CONFIGURE needs Linux 5.8.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from runctl.sandbox.model import SandboxError

LOOP_CLR_FD = 0x4C01
LOOP_SET_STATUS64 = 0x4C04
LOOP_SET_CAPACITY = 0x4C07
LOOP_CONFIGURE = 0x4C0A
LOOP_CTL_ADD = 0x4C80
LOOP_CTL_REMOVE = 0x4C81
LOOP_CTL_GET_FREE = 0x4C82
DIRECT_IO = 16
ATTEMPTS = 100

INFO = struct.Struct("=5Q4I64s64s32s16s")
"""struct loop_info64: device, inode, rdevice, offset, size limit; number, encryption twice, flags; two names, a key,
two reserved numbers."""


class Loop(NamedTuple):
    """A loop device: `name` as in /sys/block, `device` the number that a node of it has, `file` what backs it (with
    " (deleted)" behind it where that is so)."""

    name: str
    device: int
    file: str


def every() -> Iterator[Loop]:
    """The loop devices of this machine that have a file."""
    for folder in Path("/sys/block").glob("loop*"):
        with suppress(OSError):  # it may be freed while we look
            yield _read(folder.name)


def of(file: Path) -> Loop | None:
    """The loop device that `file` backs."""
    return next((loop for loop in every() if loop.file == str(file)), None)


def attach(file: Path, offset: int = 0, size: int = 0) -> Loop:
    """A loop device for `file`, from `offset` on, `size` bytes of it (0: to its end).

    Raises SandboxError when this machine has no loop devices.
    """
    with _opened(file) as backing, _control() as control:
        request = struct.pack("=II", backing, 0) + _info(offset, size) + bytes(64)
        for _ in range(ATTEMPTS):
            name = f"loop{_fresh(control)}"
            try:
                with _opened(_node(name)) as device:
                    fcntl.ioctl(device, LOOP_CONFIGURE, request)
            except OSError as error:
                if error.errno not in (errno.EBUSY, errno.ENXIO, errno.ENOENT):
                    raise SandboxError(f"{file} can't be made a loop device: {error.strerror}") from error
            else:
                return _read(name)
    raise SandboxError(f"{file} can't be made a loop device: others were faster {ATTEMPTS} times")


def show(loop: Loop, offset: int = 0, size: int = 0) -> bool:
    """Lets the device be another part of its file. False when what is kept in memory of the old part is in use."""
    with _opened(_node(loop.name)) as device:
        try:
            fcntl.ioctl(device, LOOP_SET_STATUS64, _info(offset, size))
        except OSError as error:
            if error.errno == errno.EAGAIN:
                return False
            raise SandboxError(f"{loop.name} can't be changed: {error.strerror}") from error
    return True


def measure(loop: Loop) -> None:
    """Lets the device have the size that its file has now."""
    with _opened(_node(loop.name)) as device:
        fcntl.ioctl(device, LOOP_SET_CAPACITY)


def free(loop: Loop) -> None:
    """Takes the file from the device: now, or when its last user is gone."""
    try:
        with _opened(_node(loop.name)) as device:
            fcntl.ioctl(device, LOOP_CLR_FD)
    except OSError as error:
        if error.errno not in (errno.ENXIO, errno.ENOENT):  # it is free already
            raise SandboxError(f"{loop.name} can't be freed: {error.strerror}") from error


def claimed(loop: Loop) -> bool:
    """Whether a mounted file system, swap or a volume manager has the device, in whatever namespace: the kernel's own
    answer, which also knows of mounts that were lazily taken away."""
    try:
        os.close(os.open(_node(loop.name), os.O_RDONLY | os.O_EXCL))
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        return True
    return False


@contextmanager
def _control() -> Iterator[int]:
    """/dev/loop-control, to one sandbox at a time."""
    path = Path("/dev/loop-control")
    if not path.exists():
        raise SandboxError(f"this machine has no loop devices: there is no {path}")
    with _opened(path) as control:
        fcntl.flock(control, fcntl.LOCK_EX)
        yield control


def _fresh(control: int) -> int:
    """The number of a device without a file, made anew so that it counts its reads and writes from 0, as a new disk
    does."""
    number = fcntl.ioctl(control, LOOP_CTL_GET_FREE)
    for request in (LOOP_CTL_REMOVE, LOOP_CTL_ADD):
        with suppress(OSError):  # somebody looks at it just now
            fcntl.ioctl(control, request, number)
    return number


def _read(name: str) -> Loop:
    folder = Path("/sys/block", name)
    file = (folder / "loop/backing_file").read_text().removesuffix("\n")
    return Loop(name, _number(name), file)


def _number(name: str) -> int:
    major, minor = Path("/sys/block", name, "dev").read_text().split(":")
    return os.makedev(int(major), int(minor))


def _node(name: str) -> Path:
    """The device's node in /dev, made where nobody else does (in a container)."""
    path = Path("/dev", name)
    if not path.exists():
        with suppress(FileExistsError):
            os.mknod(path, stat.S_IFBLK | 0o600, _number(name))
    return path


def _info(offset: int, size: int) -> bytes:
    return INFO.pack(0, 0, 0, offset, size, 0, 0, 0, DIRECT_IO, b"", b"", b"", b"")


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
