"""The request `receive`: a project comes to this machine, as far as it is not here already.

The client says which state it knows, is told what has become of it, and sends what differs. All of it is put in place
only when all has arrived.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import uuid
from contextlib import contextmanager
from typing import Any, BinaryIO, Dict, Iterator, List, Optional

from runctl.agent import control
from runctl.agent.placing import Placing
from runctl.agent.project import Busy, Project, Sent
from runctl.agent.receiving import Ended, Staging, read_all
from runctl.agent.rundir import RunDir
from runctl.agent.sent_code import busy


def receive(home: str, request: Dict[str, Any], source: BinaryIO, output: BinaryIO) -> Optional[Dict[str, Any]]:
    """Carries the request out. Returns what was done; None when the client left before it had sent all, and then
    nothing was.

    Raises Refused when the project is busy, when a live run uses it and something would change, or when there is no
    room for it.
    """
    try:
        project = Project(home, request["name"], request["folder"])
        lock = project.lock()
    except ValueError as error:
        raise control.Refused(str(error)) from None
    except Busy:
        raise busy(request["name"]) from None
    signal.signal(signal.SIGALRM, _left)
    try:
        return _receive(project, home, request, source, output)
    except Ended:
        return None
    finally:
        project.unlock(lock)


def live_run(home: str, folder: str) -> Optional[str]:
    """The id of a run that goes on and whose files are in `folder`; None when there is none."""
    for state in control.live(home):
        try:
            spec = RunDir(home, state["run_id"]).read_spec()
            folders = [spec["root"], spec["workdir"]]
        except (OSError, ValueError, KeyError, TypeError):
            folders = [folder]  # nobody can tell what it uses
        if any(_overlap(os.path.realpath(each), folder) for each in folders):
            return str(state["run_id"])
    return None


def _receive(
    project: Project, home: str, request: Dict[str, Any], source: BinaryIO, output: BinaryIO
) -> Optional[Dict[str, Any]]:
    stamp, records = project.stamp(), project.read()
    files = records.files
    changed = set(project.changed(files))
    staging = Staging(project.folder)
    known = stamp is not None and stamp == request["stamp"]
    answer = {
        "stamp": stamp,
        "files": None if known else {path: _told(each) for path, each in files.items()},
        "changed": sorted(changed),
        "staged": {path: [each.size, each.hash] for path, each in staging.files.items()},
        "origin": records.origin,
        "live": live_run(home, project.folder),
        "free_bytes": _free_bytes(project.folder),
        "folder": project.folder,
    }
    output.write(json.dumps(answer).encode() + b"\n")
    output.flush()
    try:
        placed = _take(project, home, request, files, source, staging)
    except Ended:
        raise  # what has come is of use to the next try
    except BaseException:
        staging.clear()
        raise
    staging.clear()
    return placed


def _take(
    project: Project, home: str, request: Dict[str, Any], files: Dict[str, Sent], source: BinaryIO, staging: Staging
) -> Dict[str, Any]:
    """Reads what comes, and puts it in its place."""
    with _full_disk_told(project.folder, "nothing was changed"):
        received = read_all(source, staging)
    run = live_run(home, project.folder)
    if run is not None:
        raise control.Refused("run %s uses %s" % (run, project.folder), "another folder: --project-name NAME")
    stamp = uuid.uuid4().hex
    touched = (*received.files, *received.modes, *received.remove)
    # again: sending may have taken an hour
    changed = set(project.changed({path: files[path] for path in touched if path in files}))
    with _full_disk_told(project.folder, "the project is half new there, and no run is started with it"):
        placed = Placing(project, files, changed, stamp).place(received, request["origin"])
    return {"stamp": stamp, **placed}


@contextmanager
def _full_disk_told(folder: str, consequence: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise control.Refused(
            "the disk of the machine is full: %s has %d MiB free; %s"
            % (folder, _free_bytes(folder) >> 20, consequence),
            "make room there, or leave files out: name them in .runctlignore",
        ) from None


def _told(sent: Sent) -> List[Any]:
    return [sent.size, sent.executable, sent.link, sent.hash]


def _free_bytes(folder: str) -> int:
    while not os.path.exists(folder):
        folder = os.path.dirname(folder)
    return shutil.disk_usage(folder).free


def _overlap(one: str, other: str) -> bool:
    return os.path.commonpath([one, other]) in (one, other)


def _left(*_: object) -> None:
    raise Ended
