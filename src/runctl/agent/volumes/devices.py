"""Which device a volume is, on Nitro and Xen instances alike.

https://docs.aws.amazon.com/ebs/latest/userguide/identify-nvme-ebs-device.html: the order in which NVMe devices appear
is not the order of attachment, the serial number is the volume's id without its dash, and udev makes a link of it.
"""

from __future__ import annotations

import mmap
import os
import time
from typing import Iterator, Optional

from runctl.agent.control import Refused
from runctl.agent.volumes import disks
from runctl.agent.volumes.disks import Disk

DEV = "/dev"
_LINK = "nvme-Amazon_Elastic_Block_Store_"
_EBS_SERIAL = "vol"
_INSTANCE_STORE = "Instance Storage"
POLL_S = 0.2
_BLOCK = 4096


class Volume:
    """A volume as the client knows it: its id, and the name that AttachVolume was given (`/dev/sdf`)."""

    def __init__(self, volume_id: str, attached_as: str) -> None:
        self.id = volume_id
        self.attached_as = attached_as

    @property
    def serial(self) -> str:
        """The id as NVMe tells it."""
        return self.id.replace("-", "")


def find(volume: Volume) -> Optional[Disk]:
    """The disk that a volume is; None while there is none. A disk that calls itself another volume is never it."""
    for path in _candidates(volume):
        disk = disks.at(path)
        if disk and disks.is_whole(disk.number) and _may_be(volume, disk):
            return disk
    return None


def wait(volume: Volume, patience_s: float) -> Disk:
    """The disk that a volume is, once it has a size and can be read; it may be late. Raises Refused."""
    deadline = time.monotonic() + patience_s
    while True:
        disk = find(volume)
        if disk and disk.size and _readable(disk):
            return disk
        if time.monotonic() > deadline:
            what = "cannot be read" if disk and disk.size else "has no size" if disk else "is not there"
            raise Refused(
                "the device of %s (attached as %s) %s after %.0f s" % (volume.id, volume.attached_as, what, patience_s)
            )
        time.sleep(POLL_S)


def _candidates(volume: Volume) -> Iterator[str]:
    yield "%s/disk/by-id/%s%s" % (DEV, _LINK, volume.serial)
    for name in sorted(os.listdir(disks.SYS + "/block")):
        if name.startswith("nvme") and _serial_by_name(name) == volume.serial:
            yield os.path.join(DEV, name)
    name = os.path.basename(volume.attached_as)
    yield os.path.join(DEV, name)
    if name.startswith("sd"):
        yield os.path.join(DEV, "xvd" + name[2:])


def _serial_by_name(name: str) -> str:
    try:
        with open("%s/block/%s/device/serial" % (disks.SYS, name)) as file:
            return file.read().strip()
    except OSError:
        return ""


def _may_be(volume: Volume, disk: Disk) -> bool:
    serial = disks.serial(disk.number)
    if serial.startswith(_EBS_SERIAL):
        return serial == volume.serial
    return _INSTANCE_STORE not in disks.model(disk.number)


def _readable(disk: Disk) -> bool:
    try:
        descriptor = os.open(disk.path, os.O_RDONLY | os.O_DIRECT | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        # memory of mmap is aligned as O_DIRECT wants it
        with mmap.mmap(-1, _BLOCK) as buffer:
            return os.preadv(descriptor, [buffer], 0) > 0
    except OSError:
        return False
    finally:
        os.close(descriptor)
