"""Downloading what has changed: what would come, what has no object, and doing it."""

from __future__ import annotations

import os
from pathlib import Path

from runctl.agent.s3 import transfer_download
from runctl.agent.s3.client import S3
from runctl.agent.s3.location import Location
from runctl.agent.s3.transfer_model import Downloaded, Report, quiet
from runctl.agent.s3.transfer_plan import DownloadPlan, plan_download
from runctl.storage.s3 import talking
from runctl.storage.s3_files import Found


def plan(s3: S3, source: Location, folder: str) -> DownloadPlan:
    """What downloading means; nothing is written. Raises NotFoundError, RefusedError, CloudError."""
    with talking():
        return plan_download(s3, source, folder)


def carry_out(s3: S3, plan: DownloadPlan, report: Report = quiet) -> Downloaded:
    """Downloads what the plan says. Raises RefusedError, CloudError, RunctlError."""
    with talking():
        return transfer_download.carry_out(s3, plan, report)


def superfluous(plan: DownloadPlan) -> list[Found]:
    """The files of the plan's folder that no object has. Links are files here, wherever they lead."""
    wanted = {each.path for each in (*plan.files, *plan.unchanged)}
    found = []
    for folder, folders, names in os.walk(plan.folder):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in (*names, *links):
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, plan.folder)
            if relative not in wanted:
                there = os.lstat(path)
                found.append(Found(relative, path, there.st_size, there.st_mtime_ns))
    return sorted(found)


def delete(files: list[Found]) -> None:
    """Deletes files, and nothing that links lead to. Raises OSError."""
    for file in files:
        Path(file.path).unlink(missing_ok=True)
