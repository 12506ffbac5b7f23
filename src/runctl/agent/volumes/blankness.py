"""Whether a disk is blank, provably: what is not shown to be blank is never formatted."""

from __future__ import annotations

import errno
import os
import time
from contextlib import contextmanager
from typing import Callable, Iterator, List, NamedTuple, Optional

from runctl.agent.control import Refused
from runctl.agent.volumes import disks, mounts, signatures, sweep
from runctl.agent.volumes.disks import Disk

_BLOCK = 1 << 20
_THREADS = 4
# smaller blocks leave smaller gaps: the disk gives as many bytes a second with eight of them in flight
_SPREAD_BLOCK = 1 << 16
_SPREAD_THREADS = 8
SPREAD_S = 10.0
_ZEROS = bytes(_BLOCK)
# a machine that is made together with its volumes starts soon after they were attached
_START_S = 300.0


class Provenance(NamedTuple):
    """What the client vouches for: `fresh`, runctl made the volume without a snapshot and has attached it for the
    first time just now; `blank_at`, it was so at this Unix time, when it was attached to this machine."""

    fresh: bool
    blank_at: Optional[float]

    def proves_unwritten(self, number: str) -> bool:
        """Whether nothing can have been written to the disk since it was made: the kernel counts what is written
        since a disk appeared, and the machine has not started anew since this one was attached."""
        if self.fresh:
            return True
        started_at = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
        return self.blank_at is not None and started_at < self.blank_at + _START_S and disks.untouched(number)


def refuse_in_use(disk: Disk) -> None:
    """Raises Refused when something on this machine uses the disk or a part of it."""
    table = mounts.table()
    for part in [disk, *disks.partitions(disk)]:
        for mount in mounts.of(part.number, table):
            raise Refused("%s is mounted at %s" % (part.path, mount.point))
        for holder in disks.holders(part.number):
            raise Refused("%s is a part of %s, which is active" % (part.path, holder))
        if part.number in _swaps():
            raise Refused("%s is used as swap space" % part.path)


def prove(disk: Disk, provenance: Provenance, report: Callable[[int], None]) -> None:
    """Returns when the disk is blank: nobody uses it, no signature is found, and it reads as zeros: all of it, or,
    where its provenance tells that nothing was written, as much as ten seconds allow, spread evenly.

    `report` gets the bytes read so far. Raises Refused with what the disk holds, and where.
    """
    refuse_in_use(disk)
    for partition in disks.partitions(disk):
        raise Refused("%s holds a partition, %s" % (disk.path, partition.path))
    with exclusively(disk) as descriptor:
        os.fsync(descriptor)  # what somebody wrote may be in the page cache alone
        if provenance.proves_unwritten(disk.number):
            reading = sweep.Sweep(descriptor, _SPREAD_BLOCK, _SPREAD_THREADS)
            swept = reading.run(sweep.spread(disk.size, _SPREAD_BLOCK), _is_zero, report, SPREAD_S)
        else:
            swept = sweep.Sweep(descriptor, _BLOCK, _THREADS).run(sweep.in_order(disk.size, _BLOCK), _is_zero, report)
        # once more: what was not there before the reading may be there now
        content = signatures.look(disk)
        if content:
            raise Refused("%s holds %s" % (disk.path, content.words))
        if swept.stopped_at is not None:
            where = "within the block at byte %d" % swept.stopped_at
            raise Refused("%s holds data of an unknown kind, %s" % (disk.path, where))


@contextmanager
def exclusively(disk: Disk) -> Iterator[int]:
    """The disk opened for reading past the page cache, by nobody else for themselves (open(2), O_EXCL). Raises
    Refused."""
    try:
        descriptor = os.open(disk.path, os.O_RDONLY | os.O_DIRECT | os.O_EXCL | os.O_CLOEXEC)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        raise Refused("%s is in use by something on this machine" % disk.path) from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _is_zero(block: bytes) -> bool:
    return block == (_ZEROS if len(block) == _BLOCK else _ZEROS[: len(block)])


def _swaps() -> List[str]:
    with open("/proc/swaps") as file:
        found = [disks.at(line.split()[0]) for line in file.read().splitlines()[1:]]
    return [disk.number for disk in found if disk]
