"""What a device holds, as `blkid -p` finds it by looking at the device itself, never at a cache."""

from __future__ import annotations

import time
from typing import Dict, NamedTuple, Optional

from runctl.agent.control import Refused
from runctl.agent.volumes import tools
from runctl.agent.volumes.disks import Disk

# exit codes of blkid(8)
_FOUND, _NOTHING, _AMBIVALENT = 0, 2, 8
LOOKS = 3
_PAUSE_S = 1.0
FILE_SYSTEM, PARTITION_TABLE, OTHER = "file system", "partition table", "other"
_NAMES = {
    "crypto_LUKS": "an encrypted (LUKS) container",
    "LVM2_member": "an LVM physical volume",
    "linux_raid_member": "a member of a RAID array",
    "swap": "swap space",
}


class Content(NamedTuple):
    """What was found: `kind` is FILE_SYSTEM, PARTITION_TABLE or OTHER; `type` as blkid calls it."""

    kind: str
    type: str
    uuid: str
    label: str

    @property
    def words(self) -> str:
        """For people: `an ext4 file system`, `a gpt partition table`, `an LVM physical volume`."""
        if self.kind == OTHER:
            return _NAMES.get(self.type, "data of the kind %s" % self.type)
        article = "an" if self.type.startswith(("e", "x")) else "a"
        return "%s %s %s" % (article, self.type, self.kind)


def look(disk: Disk) -> Optional[Content]:
    """What the device holds at this moment; None when nothing is recognized. Raises Refused when blkid can't tell."""
    done = tools.run(["blkid", "-p", "-o", "export", disk.path])
    if done.code == _NOTHING and not done.complaint:
        return None
    if done.code == _AMBIVALENT:
        return Content(OTHER, "several signatures at once", "", "")
    if done.code != _FOUND:
        raise Refused("cannot tell what %s holds: blkid ended with %d: %s" % (disk.path, done.code, done.complaint))
    return _content(_pairs(done.output))


def settled(disk: Disk, patience_s: float = 0.0) -> Optional[Content]:
    """What the device holds. "Nothing" is believed only when it is seen several times, with a pause between, and for
    as long as `patience_s` (seconds)."""
    end = time.monotonic() + patience_s
    looks = 0
    while looks < LOOKS or time.monotonic() < end:
        if looks:
            time.sleep(_PAUSE_S)
        content = look(disk)
        if content:
            return content
        looks += 1
    return None


def _pairs(output: str) -> Dict[str, str]:
    return dict(line.split("=", 1) for line in output.splitlines() if "=" in line)


def _content(found: Dict[str, str]) -> Optional[Content]:
    uuid, label = found.get("UUID", ""), found.get("LABEL", "")
    if found.get("USAGE") == "filesystem":
        return Content(FILE_SYSTEM, found["TYPE"], uuid, label)
    if "TYPE" in found:
        return Content(OTHER, found["TYPE"], uuid, label)
    if "PTTYPE" in found:
        return Content(PARTITION_TABLE, found["PTTYPE"], found.get("PTUUID", ""), "")
    return None
