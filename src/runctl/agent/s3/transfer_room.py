"""Whether a disk has room for what is to come, before anything is written."""

from __future__ import annotations

import os
from typing import Iterable

from runctl.agent.s3.transfer_model import Refused


def check_room(folder: str, sizes: Iterable[int], entries: int, allocated: int) -> None:
    """Raises Refused when the disk that holds `folder` (or will) has too little room.

    `sizes` are those of files in bytes, `entries` counts files and folders to be made, `allocated` bytes are there
    already, in unfinished files.
    """
    disk = os.statvfs(_existing(folder))
    block = disk.f_frsize
    needed = sum(-(-size // block) * block for size in sizes) - allocated
    free = disk.f_bavail * block
    if needed > free:
        text = "%s has %s free (%d bytes), and %s are needed (%d bytes)"
        raise Refused(text % (folder, _size(free), free, _size(needed), needed), "make room, or take a larger disk")
    # some file systems have no limit, and say 0
    if disk.f_files and entries > disk.f_favail:
        text = "%s has room for %d more files, and %d are needed: its file system has no more inodes"
        raise Refused(text % (folder, disk.f_favail, entries), "remove files, or take another disk")


def _existing(folder: str) -> str:
    path = os.path.abspath(folder)
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    return path


def _size(count: int) -> str:
    amount = float(max(0, count))
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if amount < 1024:
            return "%.1f %s" % (amount, unit)
        amount /= 1024
    return "%.1f TiB" % amount
