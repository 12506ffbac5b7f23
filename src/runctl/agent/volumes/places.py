"""Where a volume may be mounted: rules, which the client asks too before anything is made, and the folder itself."""

from __future__ import annotations

import os
from typing import List, Optional

from runctl.agent.control import Refused

# the machine's own: nothing is mounted upon these or below them
_TREES = ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/proc", "/run", "/sbin", "/sys", "/usr")
# … and upon these, though below them is another thing
_FOLDERS = (
    "/",
    "/home",
    "/root",
    "/tmp",
    "/var",
    "/var/cache",
    "/var/lib",
    "/var/log",
    "/var/run",
    "/var/spool",
    "/var/tmp",
)
_LONGEST = 200  # so that it fits into a tag


def problem(point: str) -> Optional[str]:
    """Why nothing may be mounted at the path `point`; None when it may, as far as its name tells."""
    if not point.startswith("/") or os.path.normpath(point) != point or point.startswith("//"):
        return "a mount point is an absolute path without . and .. and without a slash at its end"
    if len(point) > _LONGEST or not point.isprintable():
        return "a mount point has at most %d characters, and no control characters" % _LONGEST
    if is_own(point):
        return "that is a folder of the system itself"
    return None


def is_own(point: str) -> bool:
    """Whether the path is the machine's own, so that what is mounted there is not a data volume."""
    return point in _FOLDERS or any(point == tree or point.startswith(tree + "/") for tree in _TREES)


def prepare(point: str) -> List[str]:
    """Makes the folder `point` unless it is there, and returns the folders that were made, outermost first.

    They belong to root, so that a script whose volume is not mounted fails instead of filling the root disk.
    Raises Refused when it may not be mounted upon, or is not an empty folder.
    """
    wrong = problem(point)
    if wrong:
        raise Refused("cannot mount at %s: %s" % (point, wrong))
    made = []
    for folder in _ancestry(point):
        if os.path.islink(folder):
            raise Refused("cannot mount at %s: %s is a symbolic link" % (point, folder))
        if not os.path.lexists(folder):
            os.mkdir(folder, 0o755)
            made.append(folder)
        elif not os.path.isdir(folder):
            raise Refused("cannot mount at %s: %s is not a folder" % (point, folder))
    if os.listdir(point):
        raise Refused("cannot mount at %s: the folder is not empty, and what is in it would be hidden" % point)
    return made


def remove(folders: List[str]) -> None:
    """Takes back what `prepare` made."""
    for folder in reversed(folders):
        try:
            os.rmdir(folder)
        except OSError:
            return  # somebody uses it by now


def _ancestry(point: str) -> List[str]:
    parts = point.strip("/").split("/")
    return ["/" + "/".join(parts[: count + 1]) for count in range(len(parts))]
