"""What a container sees of the machine: the project, the run's folder, every data disk, and what the user names."""

from __future__ import annotations

import csv
import io
import os
from typing import Any, Dict, List, NamedTuple

from runctl.agent.container import data_mounts
from runctl.agent.container.engine import ContainerFailed

WORKSPACE = "/workspace"


class Seen(NamedTuple):
    """A folder of the machine, and where the container sees it. `whole` takes with it what is mounted below."""

    source: str
    target: str
    read_only: bool
    whole: bool


def seen(spec: Dict[str, Any], run_folder: str, docker_root: str) -> List[Seen]:
    """Everything, each target once. What the user names goes before all else. Raises ContainerFailed when that is not
    there."""
    found = {}
    for point in data_mounts.points(docker_root):
        if _is_sayable(point):
            # what is mounted below it is seen by itself, if it holds data
            found[point] = Seen(point, point, False, False)
    found[WORKSPACE] = Seen(spec["root"], WORKSPACE, False, True)
    found[run_folder] = Seen(run_folder, run_folder, False, True)
    for mount in spec["container"]["mounts"]:
        if not os.path.exists(mount["source"]):
            raise ContainerFailed("there is no %s on this machine, which was to be mounted" % mount["source"])
        target = os.path.normpath(mount["target"])
        found[target] = Seen(mount["source"], target, mount["read_only"], True)
    return list(found.values())


def option(mount: Seen) -> str:
    """The value of `--mount` for it: a line of CSV, so that a name may hold spaces, colons and commas."""
    fields = ["type=bind", "source=%s" % mount.source, "target=%s" % mount.target]
    fields += ["readonly"] if mount.read_only else []
    fields += [] if mount.whole else ["bind-nonrecursive=true"]
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="").writerow(fields)
    return line.getvalue()


def _is_sayable(path: str) -> bool:
    """Docker is told names as text."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def folder_inside(spec: Dict[str, Any]) -> str:
    """The script's working folder as the container sees it. Raises ContainerFailed when it is not there."""
    if not os.path.isdir(spec["workdir"]):
        # Docker would make it, and it would be root's
        raise ContainerFailed("there is no folder %s" % spec["workdir"])
    inside = os.path.relpath(spec["workdir"], spec["root"])
    return os.path.normpath(os.path.join(WORKSPACE, inside))
