"""(j) A project's code on a machine: sent by runctl and by rsync, and a run started with it when it is there."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.figures import Row, ratio
from bench.place import Place
from bench.sshd import INSTANCE, Sshd
from bench.timing import MeasureFailed, interleaved, timed

_FEW, _FEW_BYTES = 1_500, 20_000
_MANY, _MANY_BYTES = 20_000, 2_000
_ROUNDS, _ROUNDS_OF_MANY, _SUBMIT_ROUNDS = 9, 5, 21
_MOST_OF_FLOOR = 1.5
_LONGEST_RUN_S = 30.0
_AGAINST = "`rsync -az --delete`, connection open"


def measure(place: Place) -> list[Row]:
    few = _project(place, "few", _FEW, _FEW_BYTES)
    many = _project(place, "many", _MANY, _MANY_BYTES)
    with Sshd(place) as sshd:
        return [
            *_syncs(place, sshd, few, f"{_FEW:,} files, 30 MB", _ROUNDS),
            *_syncs(place, sshd, many, f"{_MANY:,} files, 40 MB", _ROUNDS_OF_MANY),
            _submit(place, sshd, few),
        ]


def _syncs(place: Place, sshd: Sshd, project: Path, what: str, rounds: int) -> list[Row]:
    runctl, rsync = partial(_runctl, place, sshd, project), partial(_rsync, sshd, project)
    same = project.name
    cold = {
        "runctl": _between(partial(_remove_all, sshd), partial(runctl, "cold")),
        "rsync": _between(partial(_remove_all, sshd), partial(rsync, "cold")),
    }
    one = {
        "runctl": _between(partial(_change, project), partial(runctl, same)),
        "rsync": _between(partial(_change, project), partial(rsync, same)),
    }
    none = {"runctl": partial(runctl, same), "rsync": partial(rsync, same)}
    rows = []
    for kind, pair in (("cold", cold), ("one changed", one), ("nothing changed", none)):
        found = interleaved(pair, rounds)
        text = f"`runctl aws sync`, {what}, {kind}"
        rows.append(ratio("j", text, found["runctl"], _AGAINST, found["rsync"]))
    return rows


def _submit(place: Place, sshd: Sshd, project: Path) -> Row:
    """Starting a run with a project that is there, against the least that rsync and ssh need for it."""
    train = ["train", INSTANCE, "train.py", "--detach", "--quiet", "--project-name", project.name]
    train += ["--python", place.python]

    def submit() -> float:
        seconds = timed([place.runctl, "aws", *train], sshd.environment, project)
        _until_all_finished(sshd.home)
        return seconds

    def floor() -> float:
        begin = time.perf_counter()
        _rsync(sshd, project, project.name)
        timed([*sshd.ssh, sshd.host, "true"], sshd.environment, project)
        return time.perf_counter() - begin

    samples = interleaved({"runctl": submit, "floor": floor}, _SUBMIT_ROUNDS)
    what = "`runctl aws train … --detach`, project unchanged"
    return ratio(
        "j", what, samples["runctl"], "`rsync` and `ssh true`, connection open", samples["floor"], _MOST_OF_FLOOR
    )


def _runctl(place: Place, sshd: Sshd, project: Path, name: str) -> float:
    command = [place.runctl, "aws", "sync", INSTANCE, "--project-name", name]
    return timed(command, sshd.environment, project)


def _rsync(sshd: Sshd, project: Path, name: str) -> float:
    shell = " ".join(sshd.ssh)
    command = ["rsync", "-az", "--delete", "--exclude=.git", "-e", shell, f"{project}/", f"{sshd.host}:rsync-{name}/"]
    return timed(command, sshd.environment, project)


def _remove_all(sshd: Sshd) -> None:
    """Neither the machine nor runctl knows of a project called "cold" afterwards."""
    for folder in (
        sshd.home / "rsync-cold",
        sshd.home / "runctl" / "cold",
        sshd.home / ".runctl" / "projects" / "cold",
    ):
        shutil.rmtree(folder, ignore_errors=True)


def _between(prepare: Callable[[], None], action: Callable[[], float]) -> Callable[[], float]:
    def both() -> float:
        prepare()
        return action()

    return both


def _change(project: Path) -> None:
    file = project / "part0" / "file0.py"
    file.write_text(file.read_text() + "#\n")


def _project(place: Place, name: str, count: int, size: int) -> Path:
    """A git repository with so many files of about so many bytes, 50 a folder, which look like code to compressors."""
    folder = place.new_folder() / name
    rng = random.Random(1)
    words = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz_", k=rng.randint(2, 12))) for _ in range(2_000)]
    for number in range(count):
        path = folder / f"part{number // 50}" / f"file{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = " ".join(rng.choices(words, k=size // 8))
        path.write_text(text[:size])
    (folder / "train.py").write_text("pass\n")
    for step in (["init", "-q"], ["add", "."]):
        done = subprocess.run(["git", "-C", folder, *step], capture_output=True)
        if done.returncode:
            raise MeasureFailed(f"git {step[0]}: {done.stderr.decode(errors='replace')}")
    return folder


def _until_all_finished(home: Path) -> None:
    """Waits for the end of the runs, so that none takes time from what is measured next."""
    deadline = time.monotonic() + _LONGEST_RUN_S
    for state in (home / ".runctl" / "runs").glob("*/state.json"):
        while json.loads(state.read_bytes())["phase"] != "finished":
            if time.monotonic() > deadline:
                raise MeasureFailed(f"{state} does not finish")
            time.sleep(0.02)
