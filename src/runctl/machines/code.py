"""A project's code on a machine: brought there as far as it is not there, and nothing else touched."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, NoReturn

from runctl.agent.s3.transfer_model import Progress
from runctl.core.errors import RefusedError
from runctl.core.files import File
from runctl.core.text import printable, size
from runctl.machines import code_cache, code_remarks
from runctl.machines.code_cache import Cache, Known, is_settled
from runctl.machines.code_changes import Changes, Hashes, as_there, changes, unreadable
from runctl.project.files import project_files
from runctl.transport.agent_client import AgentClient
from runctl.transport.base import Transport
from runctl.transport.code_client import Placed, Sending, There, folder_of, sending


class Project(NamedTuple):
    """A project and where it goes. `machine` names the machine for good, `home` is runctl's folder here, `name` the
    folder's name there; `include` are patterns of files that are sent although git ignores them, `leave_out` paths that
    are not."""

    machine: str
    home: Path
    root: Path
    name: str
    include: tuple[str, ...] = ()
    leave_out: frozenset[str] = frozenset()


class Synced(NamedTuple):
    """What was sent, or with `dry_run` would be. `stamp` stands for the folder as it now is, and is empty with
    `dry_run` where nothing was sent yet; `changed` are files whose
    content is there, and that became executable or cease to be. `warnings` are what the user should know."""

    name: str
    folder: str
    stamp: str
    sent: list[File]
    bytes_sent: int
    changed: list[str]
    removed: list[str]
    unchanged: int
    warnings: list[str]


class _Scan(NamedTuple):
    """The project as it was here at a time (Unix time in nanoseconds)."""

    at_ns: int
    files: list[File]
    hashes: Hashes


Report = Callable[[Progress], None]
# is told at once what the user should know
Warn = Callable[[str], None]
_REPORT_EVERY_S = 0.1


def sync(
    transport: Transport,
    project: Project,
    report: Report = lambda progress: None,
    warn: Warn = lambda text: None,
    dry_run: bool = False,
    force: bool = False,
) -> Synced:
    """Makes the machine's copy of the project's code as it is here; returns what that took. What the user should know
    is told by `warn`: what can be known before anything is sent, before.

    Only what was sent by runctl and nobody has changed there is ever removed; what somebody changed there and differs
    from here is replaced, and kept beside (a warning says where). When nothing has changed since the last time the
    machine is not even asked, unless by `force`: then the stamp says whether that was right. Until all has arrived
    nothing is changed there.

    Raises RefusedError when a live run uses the folder and something would change, when another command just sends the
    project, or when there is no room; UnreachableError, RunctlError.
    """
    cache = code_cache.load(project.home, project.machine, project.name)
    scan = None
    if cache.stamp and not (force or dry_run):
        scan = _scan(project, cache)
        expected = changes(scan.files, as_there(cache), (), scan.hashes)
        if not expected:
            _remember(project, cache, cache.stamp, expected.same)
            return _synced(project, cache.stamp, expected, expected, [])
    with sending(
        AgentClient(transport), project.root, project.name, cache.stamp, code_remarks.origin(project.root)
    ) as to:
        # the machine looks at what it has meanwhile
        scan = scan or _scan(project, cache)
        scan.hashes.meanwhile = to.still_here
        try:
            there = as_there(cache) if to.state.files is None else to.state.files
            found = changes(scan.files, there, to.state.changed, scan.hashes)
            remarks = code_remarks.before(project.root, scan.files, found, to.state)
            objection = _objection(project, found, to)
            if dry_run and objection:
                remarks.append(f"would be refused: {objection.message}")
            for remark in remarks:
                warn(remark)
            if dry_run:
                return _synced(project, to.state.stamp, found, found, remarks)
            if not found and to.state.stamp:
                _remember(project, cache, to.state.stamp, found.same)
                return _synced(project, to.state.stamp, found, found, remarks)
            if objection:
                raise objection
            done, placed = _send(found, there, to, scan, report)
        except BrokenPipeError:
            _failed(to)
    _remember(project, cache, placed.stamp, done.same)
    more = code_remarks.after(found, done.same, placed)
    for remark in more:
        warn(remark)
    return _synced(project, placed.stamp, found, done, [*remarks, *more])


def _scan(project: Project, cache: Cache) -> _Scan:
    at_ns = time.time_ns()
    files = project_files(project.root, project.include, project.home, project.leave_out)
    return _Scan(at_ns, files, Hashes(project.root, cache, at_ns))


def _objection(project: Project, found: Changes, to: Sending) -> RefusedError | None:
    """Why nothing can be sent now; None when nothing speaks against it."""
    if to.state.live and found:
        return RefusedError(
            f"run {to.state.live} uses {folder_of(project.name)} on {project.machine}, and "
            f"{code_remarks.counted(found)} would change under it",
            hint=f"send to another folder: --project-name {project.name}-2; or wait, or end it: runctl runs stop "
            f"{to.state.live}",
        )
    needed = sum(file.size for file in found.send if file.path not in to.state.staged)
    if needed > to.state.free_bytes:
        return RefusedError(
            f"{size(needed)} are to be sent, and {project.machine} has {size(to.state.free_bytes)} free where "
            f"{printable(to.state.folder)} lies",
            hint="make room there, or leave files out: name them in .runctlignore",
        )
    return None


def _send(
    found: Changes, there: Mapping[str, There], to: Sending, scan: _Scan, report: Report
) -> tuple[Changes, Placed]:
    """Sends what is to be sent. Returns what was done of it, and what the machine says."""
    done = Changes([], found.modes, list(found.remove), dict(found.same))
    tally = _Tally(found.send, report)
    for file in found.send:
        known = _arrived(file, to, scan.hashes)
        if known is not None:
            to.use_staged(file)
        else:
            try:
                went = to.send(file, tally.add)
            except BrokenPipeError:
                raise
            except OSError as error:
                raise unreadable(file, error) from error
            if went is not None:
                now = file._replace(size=went.size, version=went.version)
                known = Known(now, went.hash, went.hash is not None and is_settled(now, scan.at_ns))
                done.send.append(now)
        if known is not None:
            done.same[file.path] = known
        elif file.path in there:
            done.remove.append(file.path)
        tally.add_file()
    for file in found.modes:
        to.set_mode(file.path, file.executable)
    return done, to.finish(done.remove)


class _Tally:
    """Counts what is sent, and reports it now and then."""

    def __init__(self, files: list[File], report: Report) -> None:
        self._progress = Progress(0, len(files), 0, sum(file.size for file in files))
        self._report = report
        self._next = 0.0

    def add(self, count: int) -> None:
        self._progress = self._progress._replace(bytes_done=self._progress.bytes_done + count)
        self._tell()

    def add_file(self) -> None:
        self._progress = self._progress._replace(files_done=self._progress.files_done + 1)
        self._tell()

    def _tell(self) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _REPORT_EVERY_S
            self._report(self._progress)


def _arrived(file: File, to: Sending, hashes: Hashes) -> Known | None:
    """The file, if it has come there whole in an earlier try."""
    staged = to.state.staged.get(file.path)
    if staged is None or file.link is not None or staged[0] != file.size:
        return None
    known = hashes.of(file)
    return known if known and known.hash == staged[1] else None


def _failed(to: Sending) -> NoReturn:
    to.failed()
    raise AssertionError("an agent that has ended says why")


def _remember(project: Project, cache: Cache, stamp: str, files: dict[str, Known]) -> None:
    new = Cache(stamp, files)
    if new != cache:
        code_cache.save(project.home, project.machine, project.name, new)


def _synced(project: Project, stamp: str | None, found: Changes, done: Changes, warnings: list[str]) -> Synced:
    return Synced(
        name=project.name,
        folder=folder_of(project.name),
        stamp=stamp or "",
        sent=done.send,
        bytes_sent=sum(file.size for file in done.send),
        changed=[file.path for file in done.modes],
        removed=done.remove,
        unchanged=len(found.same) - len(found.modes),
        warnings=warnings,
    )
