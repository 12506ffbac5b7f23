"""Which processes belong to a run, whether they live, and how to end every one of them.

Linux is read from /proc; elsewhere (macOS) from `ps`, which shows no environment, so that a process there
counts as the run's by its process group, session or parent alone.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from typing import NamedTuple

from runctl.agent import protocol

LINUX = sys.platform.startswith("linux")
AGENTS_OWN = "agent"
_SET_CHILD_SUBREAPER = 36  # prctl(2)


class Process(NamedTuple):
    """One live process, as the system's table shows it."""

    pid: int
    parent: int
    group: int
    session: int


class Identity(NamedTuple):
    """A process for good: its id, and when it started (see `start_time`)."""

    pid: int
    started: str | None

    def lives(self) -> bool:
        """Whether this very process runs."""
        return self.started is not None and start_time(self.pid) == self.started

    def is_taken(self) -> bool:
        """Whether the id is another process's by now. Its group and session were empty then: no id that still
        names one is given away."""
        return start_time(self.pid) not in (None, self.started)


def adopt_orphans() -> None:
    """Makes this process the parent of its descendants' orphans (Linux), so that their ends are known here."""
    if LINUX:
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def boot_id() -> str:
    """An id of this boot of the machine: process ids mean nothing across a restart."""
    if LINUX:
        with open("/proc/sys/kernel/random/boot_id") as file:
            return file.read().strip()
    return _output_of(["sysctl", "-n", "kern.bootsessionuuid"]).strip()


def start_time(pid: int) -> str | None:
    """When a process started, in the system's own form; None when it is gone. Tells it from a later one of
    the same id."""
    if LINUX:
        fields = stat_fields(pid)
        return None if fields is None or fields[0] in "ZX" else fields[19]
    return _output_of(["ps", "-o", "lstart=", "-p", str(pid)]).strip() or None


def members(run_id: str, script: Identity | None, adopted_by: int | None = None) -> list[int]:
    """Ids of the live processes of a run, children, daemons and orphans included, the agent's own excluded.

    A process belongs to it when its environment names the run, when it is in the session or group that the
    script leads, or when it descends from one that does or (`adopted_by`) is an orphan its agent adopted.
    """
    table = _table()
    script_pid = script.pid if script and not script.is_taken() else None
    owners = {process.pid: run_of(process.pid) for process in table}
    foreign = {pid for pid, owner in owners.items() if owner not in (None, run_id)}
    found = {
        process.pid
        for process in table
        if script_pid in (process.pid, process.group, process.session)
        or owners[process.pid] == run_id
        or (adopted_by is not None and process.parent == adopted_by)
    } - foreign
    while True:
        children = {process.pid for process in table if process.parent in found} - foreign - found
        if not children:
            return sorted(found - {os.getpid()})
        found |= children


def send(pids: list[int], number: int) -> None:
    """Signals processes; one that is already gone is passed over."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue


def send_to_group(leader: int, number: int) -> None:
    """Signals a whole process group; one that is already gone is passed over."""
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):
        return


def stop_and_kill(pids: list[int]) -> None:
    """Ends processes with no chance to answer; stopped first, so that none can fork while the rest is killed."""
    send(pids, signal.SIGSTOP)
    send(pids, signal.SIGKILL)


def run_of(pid: int) -> str | None:
    """The run that a process's environment names, AGENTS_OWN for an agent; None when it names none."""
    if not LINUX:
        return None
    try:
        with open("/proc/%d/environ" % pid, "rb") as file:
            variables = file.read().split(b"\0")
    except OSError:
        return None
    for variable in variables:
        name, _, value = variable.partition(b"=")
        if name == protocol.AGENT.encode():
            return AGENTS_OWN
        if name == protocol.RUN_ID.encode():
            return value.decode("utf-8", "replace")
    return None


def _table() -> list[Process]:
    if not LINUX:
        rows = _output_of(["ps", "-axo", "pid=,ppid=,pgid=,sess="]).splitlines()
        return [Process(*(int(cell, 0) if cell.isdigit() else 0 for cell in row.split())) for row in rows]
    processes = []
    for name in os.listdir("/proc"):
        fields = stat_fields(int(name)) if name.isdigit() else None
        if fields and fields[0] not in "ZX":
            processes.append(Process(int(name), int(fields[1]), int(fields[2]), int(fields[3])))
    return processes


def stat_fields(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat from the third (state) on; the second, the name, may hold anything."""
    try:
        with open("/proc/%d/stat" % pid, "rb") as file:
            return file.read().rpartition(b")")[2].decode().split()
    except OSError:
        return None


def _output_of(command: list[str]) -> str:
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout.decode()
