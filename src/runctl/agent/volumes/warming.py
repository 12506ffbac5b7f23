"""Reads every block of a disk: one restored from a snapshot fetches each from S3 when it is first read.

https://docs.aws.amazon.com/ebs/latest/userguide/initalize-volume.html
"""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Iterator

from runctl.agent.rundir import write_json
from runctl.agent.volumes import devices, locks, sweep
from runctl.agent.volumes.disks import Disk
from runctl.agent.volumes.frames import Reporter

# how far a reading came; a volume stays warm when the machine restarts
FOLDER = "/var/lib/runctl/warming"
_BLOCK = 1 << 20
# a cold block takes long, so many are asked for at once
_THREADS = 32
# read in one go, then written down as done
_PART = 1 << 30


def warm(volume: devices.Volume, patience_s: float, reporter: Reporter) -> Dict[str, Any]:
    """Reads all of a volume, from where an earlier reading was ended. Tells the bytes read now and in all.
    Raises Refused, OSError, BrokenPipeError when the client has left."""
    with locks.held(volume.id + ".warm", lambda: reporter.stage(volume.id, "waiting for another command")):
        disk = devices.wait(volume, patience_s)
        start = _came_to(volume)
        descriptor = os.open(disk.path, os.O_RDONLY | os.O_DIRECT | os.O_CLOEXEC)
        try:
            for position in _parts(start, disk.size):
                _read(descriptor, volume, disk, position, reporter)
        finally:
            os.close(descriptor)
        return {"id": volume.id, "device": disk.path, "size_bytes": disk.size, "read_bytes": disk.size - start}


def _parts(start: int, size: int) -> Iterator[int]:
    return iter(range(start, size, _PART))


def _read(descriptor: int, volume: devices.Volume, disk: Disk, position: int, reporter: Reporter) -> None:
    end = min(position + _PART, disk.size)
    reading = sweep.Sweep(descriptor, _BLOCK, _THREADS)
    reading.run(
        sweep.in_order(end, _BLOCK, position),
        lambda _: True,
        lambda done: reporter.progress(volume.id, "reading", min(position + done, end), disk.size),
    )
    os.makedirs(FOLDER, mode=0o700, exist_ok=True)
    write_json(_record(volume), {"position": end})


def _came_to(volume: devices.Volume) -> int:
    try:
        with open(_record(volume)) as file:
            return int(json.load(file)["position"])
    except (OSError, ValueError, KeyError):
        return 0


def _record(volume: devices.Volume) -> str:
    return os.path.join(FOLDER, volume.id + ".json")
