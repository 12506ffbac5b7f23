"""Where the runs on other machines are: remembered in a cache that may be thrown away.

The truth is on the machine, and after its end in S3. From another shell, or another laptop, `runctl aws monitor` finds
a machine's runs and remembers them here again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from runctl.core.errors import NotFoundError
from runctl.core.run_ids import is_run_id


class Place(NamedTuple):
    """The machine of a run. `region` and `profile` are None where the settings say them; `usd_per_hour` is what the
    machine costs, None when not known. Where results go in S3 is said by the run's spec."""

    instance_id: str
    region: str | None = None
    profile: str | None = None
    usd_per_hour: float | None = None


def remember(home: Path, run_id: str, place: Place, spec: Mapping[str, Any]) -> None:
    """Keeps where a run is. To be called before the run is started: whatever happens then, it is found again. A run
    that is known already stays as it is."""
    folder = folder_of(home, run_id)
    if folder.exists():
        return
    new = folder.with_name(f".{run_id}.{os.getpid()}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True, mode=0o700)
    (new / "place.json").write_text(json.dumps(place._asdict()))
    (new / "spec.json").write_text(json.dumps(spec))
    try:
        new.rename(folder)
    except OSError:
        shutil.rmtree(new)  # another process was faster
        if not folder.exists():
            raise


def forget(home: Path, run_id: str) -> None:
    """Throws away what is known here of a run on another machine. Nothing on that machine is changed."""
    shutil.rmtree(folder_of(home, run_id), ignore_errors=True)


def remote_ids(home: Path) -> list[str]:
    """The ids of the runs that are known to be on other machines, in no order."""
    try:
        return [name for name in os.listdir(home / "remote") if is_run_id(name)]
    except FileNotFoundError:
        return []


def place_of(home: Path, run_id: str) -> Place:
    """Where a run is. Raises NotFoundError."""
    file = folder_of(home, run_id) / "place.json"
    try:
        fields = json.loads(file.read_bytes())
        return Place(**fields)
    except (OSError, ValueError, TypeError) as error:
        raise NotFoundError(
            f"it is not known where run {run_id} is",
            hint="runctl aws monitor INSTANCE finds the runs of an instance",
        ) from error


def spec_of(home: Path, run_id: str) -> dict[str, Any]:
    """What was asked for. Raises NotFoundError."""
    try:
        spec: dict[str, Any] = json.loads((folder_of(home, run_id) / "spec.json").read_bytes())
    except (OSError, ValueError) as error:
        raise NotFoundError(f"nothing is known of run {run_id} under {home}") from error
    return spec


def folder_of(home: Path, run_id: str) -> Path:
    """The folder of what is known here of a run on another machine."""
    return home / "remote" / run_id
