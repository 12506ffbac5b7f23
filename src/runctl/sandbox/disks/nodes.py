"""What a host sees in its /dev of a volume: the NVMe device and the links that EC2's udev rules make for it."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from runctl.sandbox.model import SandboxError

NVME = re.compile(r"nvme([1-9][0-9]*)n1")
MODE = 0o660
DISK_GROUP = 6
"""The group `disk` of Debian and Ubuntu."""


def folder(pid: int) -> Path:
    """/dev of the host whose init is `pid`, as seen from here. Raises SandboxError when there is no such host."""
    path = Path(f"/proc/{pid}/root/dev")
    if not path.is_dir():
        raise SandboxError(f"no host runs as process {pid}")
    return path


def add(dev: Path, volume_id: str, device: str, number: int) -> Path:
    """The first free /dev/nvmeXn1 from 1 on (0 is the root disk), with its links.

    The names by id are those of Ubuntu's and Amazon's images alike, with and without the NVMe namespace; the
    attachment name is what Amazon's images have.
    """
    node = dev / f"nvme{_first_free(dev)}n1"
    os.mknod(node, stat.S_IFBLK | MODE, number)
    node.chmod(MODE)
    os.chown(node, 0, DISK_GROUP)
    by_id = dev / "disk/by-id"
    by_id.mkdir(parents=True, exist_ok=True)
    name = f"nvme-Amazon_Elastic_Block_Store_{volume_id.replace('-', '', 1)}"
    for link in (by_id / name, by_id / f"{name}_1"):
        _link(link, f"../../{node.name}")
    _link(dev / Path(device).name, node.name)
    return node


def remove(dev: Path, number: int) -> None:
    """Takes the device away, and every link to it."""
    for node in _nodes(dev, number):
        for link in (*dev.iterdir(), *dev.glob("disk/*/*")):
            if link.is_symlink() and link.readlink().name == node.name:
                link.unlink(missing_ok=True)
        node.unlink(missing_ok=True)


def _nodes(dev: Path, number: int) -> list[Path]:
    found = []
    for path in dev.iterdir():
        with suppress(FileNotFoundError):
            known = path.lstat()
            if NVME.fullmatch(path.name) and stat.S_ISBLK(known.st_mode) and known.st_rdev == number:
                found.append(path)
    return found


def _first_free(dev: Path) -> int:
    taken = {int(match[1]) for path in dev.iterdir() if (match := NVME.fullmatch(path.name))}
    return next(number for number in range(1, len(taken) + 2) if number not in taken)


def _link(path: Path, target: str) -> None:
    if path.is_symlink():
        path.unlink()
    if not path.exists():  # an attachment name may be that of a device which is something else
        path.symlink_to(target)
