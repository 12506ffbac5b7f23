"""A run of a project that was sent here: where it lies, and that it is as its client believes when the run starts."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import Any, Dict, Iterator, Optional

from runctl.agent.control import Refused
from runctl.agent.project import Busy, Project

STAMP = "stamp"


@contextmanager
def held(home: str, spec: Dict[str, Any]) -> Iterator[None]:
    """Keeps the project of a spec as it is while its run starts. With a stamp of None whatever is there is taken.

    Raises Refused: with the code `stamp` when the folder is not as it was sent, for which sending it again is a
    remedy; when the project is just being sent; when there is no such folder.
    """
    asked = spec["project"]
    try:
        project = Project(home, asked["name"], asked["folder"])
        lock = project.lock()
    except ValueError as error:
        raise Refused(str(error)) from None
    except Busy:
        raise busy(asked["name"]) from None
    try:
        _check(project, asked["stamp"])
        # where its user stands may hold nothing that is sent
        os.makedirs(spec["workdir"], exist_ok=True)
        yield
    finally:
        project.unlock(lock)


def _check(project: Project, stamp: Optional[str]) -> None:
    if stamp is None:
        if not os.path.isdir(project.folder):
            raise Refused("there is no folder %s on this machine" % project.folder)
        if project.read().half:
            raise Refused(
                "the project in %s is half new: what was sent there last did not all come into its place"
                % project.folder,
                "send it again: leave --no-sync-code out",
            )
        return
    if project.stamp() != stamp or project.changed(project.read().files):
        raise Refused("the project in %s is not as it was sent" % project.folder, code=STAMP)


def busy(name: str) -> Refused:
    """The error for a project that somebody else sends."""
    return Refused(
        "project %s is just being sent to this machine by another command" % name,
        "wait until that has ended, or send it to another folder: --project-name NAME",
    )
