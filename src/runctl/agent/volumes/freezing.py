"""Holds a file system still while a snapshot of its disk is begun: all is written, nothing is half done."""

from __future__ import annotations

import fcntl
import os
import select
from contextlib import ExitStack, contextmanager
from typing import Iterator, List

from runctl.agent.control import Refused
from runctl.agent.volumes import devices, locks, mounting
from runctl.agent.volumes.frames import Reporter
from runctl.agent.volumes.mounts import Mount

# FIFREEZE and FITHAW of linux/fs.h
_FREEZE, _THAW = 0xC0045877, 0xC0045878
# a snapshot is a picture of the moment in which the request for it is answered: seconds
MOST_S = 20.0
_CAN_BE_FROZEN = ("xfs", "ext3", "ext4", "btrfs", "f2fs")


def hold(volume: devices.Volume, reporter: Reporter) -> None:
    """Writes everything out, freezes what is mounted of a volume, says `frozen`, and thaws it when the client leaves
    or after MOST_S seconds. A volume that is not mounted is `frozen` as it is. Raises Refused, OSError."""
    with locks.held(volume.id), ExitStack() as stack:
        disk = devices.find(volume)
        if disk is not None:
            mounting.refuse_own(volume, disk)
            for mount in _one_of_each(mounting.of_disk(disk)):
                stack.enter_context(_frozen(mount.point))
        reporter.stage(volume.id, "frozen")
        reporter.wait_for_reader_to_leave(MOST_S)


def _one_of_each(mounted: List[Mount]) -> List[Mount]:
    """The first mount of every file system that can be frozen."""
    return list({each.number: each for each in reversed(mounted) if each.file_system in _CAN_BE_FROZEN}.values())


@contextmanager
def _frozen(point: str) -> Iterator[None]:
    """Freezes a file system in the block. It is thawed by a process of its own: also if this one is killed."""
    folder = os.open(point, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    end, start = os.pipe()
    guard = os.fork()
    if not guard:
        os.close(start)
        _thaw_at_the_end(folder, end)
    os.close(end)
    try:
        os.syncfs(folder) if hasattr(os, "syncfs") else os.sync()
        fcntl.ioctl(folder, _FREEZE, 0)
        yield
    except OSError as error:
        raise Refused("cannot hold %s still: %s" % (point, error.strerror)) from error
    finally:
        os.close(start)
        os.waitpid(guard, 0)
        os.close(folder)


def _thaw_at_the_end(folder: int, end: int) -> None:
    """Thaws when the other end of the pipe is closed, or time is up; does not return."""
    try:
        os.setsid()
        select.select([end], [], [], MOST_S + 5)
        fcntl.ioctl(folder, _THAW, 0)
    except OSError:
        pass  # it was never frozen
    finally:
        os._exit(0)
