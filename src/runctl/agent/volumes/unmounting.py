"""Unmounts a volume wherever it is mounted, with everything written; never behind the back of who uses it."""

from __future__ import annotations

import os
import time
from typing import Any, Dict, List

from runctl.agent.control import Refused
from runctl.agent.volumes import blankness, devices, disks, locks, mounting, tools, users
from runctl.agent.volumes.disks import Disk
from runctl.agent.volumes.mounts import Mount

_MOST_NAMED = 5
_LET_GO_S, _POLL_S = 10.0, 0.1
# a container that starts just now has a copy of every mount until it has made its own, some 10 ms
_STARTING_S = 2.0


def unmount(volume: devices.Volume) -> Dict[str, Any]:
    """Unmounts a volume and tells where it was mounted; then nothing on this machine uses it. A volume without a
    device here needs nothing. Raises Refused naming who uses it, OSError."""
    with locks.held(volume.id):
        disk = devices.find(volume)
        if disk is None:
            return {"id": volume.id, "device": None, "unmounted": []}
        mounting.refuse_own(volume, disk)
        mounted = mounting.of_disk(disk)
        _wait_for_passers_by(volume, disk, mounted)
        for mount in reversed(mounted):
            _unmount_one(volume, disk, mount)
        _wait_until_let_go(volume, disk)
        return {"id": volume.id, "device": disk.path, "unmounted": [mount.point for mount in mounted]}


def _unmount_one(volume: devices.Volume, disk: Disk, mount: Mount) -> None:
    done = tools.run(["umount", mount.point])
    if done.code:
        _refuse_users(volume, disk, [mount])
        raise OSError(done.code, "cannot unmount %s: %s" % (volume.id, done.complaint), mount.point)


def _wait_until_let_go(volume: devices.Volume, disk: Disk) -> None:
    """A container that starts at this moment may hold a copy of the mount for an instant; then all is on the disk."""
    deadline = time.monotonic() + _LET_GO_S
    while True:
        try:
            with blankness.exclusively(disk) as descriptor:
                os.fsync(descriptor)
            return
        except Refused:
            if time.monotonic() > deadline:
                _refuse_users(volume, disk, [])
                raise
        time.sleep(_POLL_S)


def _wait_for_passers_by(volume: devices.Volume, disk: Disk, mounted: List[Mount]) -> None:
    deadline = time.monotonic() + _STARTING_S
    while True:
        try:
            return _refuse_users(volume, disk, mounted)
        except Refused:
            if time.monotonic() > deadline:
                raise
        time.sleep(_POLL_S)


def _refuse_users(volume: devices.Volume, disk: Disk, mounted: List[Mount]) -> None:
    numbers = {disk.number, *(partition.number for partition in disks.partitions(disk))}
    found = users.of(numbers, mounted)
    if not found:
        return
    more = len(found) - _MOST_NAMED
    named = ", ".join(found[:_MOST_NAMED]) + (" and %d more" % more if more > 0 else "")
    where = " (mounted at %s)" % mounted[0].point if mounted else ""
    raise Refused("%s%s is in use by %s" % (volume.id, where, named), "end what uses it, then give the command again")
