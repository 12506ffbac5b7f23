"""Makes a file system: on a disk that is provably blank, or on one whose contents its owner gave up by name."""

from __future__ import annotations

from typing import Dict, List, NamedTuple

from runctl.agent.control import Refused
from runctl.agent.volumes import blankness, signatures, tools
from runctl.agent.volumes.blankness import Provenance
from runctl.agent.volumes.disks import Disk
from runctl.agent.volumes.frames import Reporter

# xfs holds labels of 12 bytes, ext4 of 16
_LONGEST_LABEL = 12
_COMMANDS: Dict[str, List[str]] = {
    "xfs": ["mkfs.xfs", "-q", "-f"],
    # no blocks kept for root: it is not root's disk
    "ext4": ["mkfs.ext4", "-q", "-F", "-m", "0"],
}
KINDS = tuple(_COMMANDS)


class Format(NamedTuple):
    """The file system to make (`xfs`, `ext4`), its label, and what is known of where the volume comes from."""

    kind: str
    label: str
    provenance: Provenance


def blank(volume_id: str, disk: Disk, wanted: Format, reporter: Reporter, lock: int) -> None:
    """Formats a disk that is proved to be blank first. Raises Refused, OSError, BrokenPipeError (nothing is done)."""
    reporter.stage(volume_id, "looking whether it is blank")
    try:
        blankness.prove(disk, wanted.provenance, lambda done: reporter.progress(volume_id, "reading", done, disk.size))
    except Refused as refused:
        raise Refused(
            "%s is not formatted: %s" % (volume_id, refused),
            "if nothing on it is needed: runctl aws ebs mount %s --format %s --erase %s"
            % (volume_id, wanted.kind, volume_id),
        ) from None
    reporter.stage(volume_id, "formatting")
    _make(disk, wanted, lock)


def erasing(volume_id: str, disk: Disk, wanted: Format, reporter: Reporter, lock: int) -> None:
    """Formats a disk whatever is on it, unless something uses it. Raises as `blank` does."""
    blankness.refuse_in_use(disk)
    with blankness.exclusively(disk):
        reporter.stage(volume_id, "formatting")
    done = tools.run(["wipefs", "--all", "--quiet", disk.path], keep=[lock])
    if done.code:
        raise OSError(done.code, "wipefs: %s" % done.complaint, disk.path)
    _make(disk, wanted, lock)


def _make(disk: Disk, wanted: Format, lock: int) -> None:
    """The lock is held until it is done, even if the agent is killed meanwhile."""
    command = [*_COMMANDS[wanted.kind], "-L", wanted.label[:_LONGEST_LABEL], disk.path]
    try:
        done = tools.run(command, keep=[lock])
    except FileNotFoundError:
        raise Refused("this machine has no %s" % command[0], "install it, or use another --format") from None
    if done.code:
        raise OSError(done.code, "%s: %s" % (command[0], done.complaint), disk.path)
    content = signatures.look(disk)
    if content is None or content.type != wanted.kind:
        raise OSError(1, "%s made no %s file system" % (command[0], wanted.kind), disk.path)
