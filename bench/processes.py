"""Processes as /proc shows them: which are agents, what they use."""

from __future__ import annotations

import os
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def naming(folder: Path) -> list[int]:
    """Ids of the live processes, this one apart, whose first environment named something in `folder`."""
    needle = f"{folder}/".encode()
    return [pid for pid in _live() if pid != os.getpid() and needle in _read(pid, "environ")]


def agents(home: Path) -> list[int]:
    """Ids of the live agent processes (supervisors, keepers, followers) whose RUNCTL_HOME is `home/runctl`."""
    mine = {f"RUNCTL_HOME={home}/runctl".encode(), b"RUNCTL_AGENT=1"}
    return [pid for pid in _live() if mine <= set(_read(pid, "environ").split(b"\0"))]


def parent(pid: int) -> int | None:
    """The id of the parent; None when the process is gone."""
    fields = _stat(pid)
    return int(fields[1]) if fields else None


def peak_rss_mib(pid: int) -> float | None:
    """The most memory it has had resident (VmHWM), in MiB; None when it is gone."""
    for line in _read(pid, "status").splitlines():
        if line.startswith(b"VmHWM:"):
            return int(line.split()[1]) / 1024
    return None


def cpu_seconds(pid: int) -> float:
    """CPU time used so far, user and system. Raises ProcessLookupError when the process is gone."""
    fields = _stat(pid)
    if not fields:
        raise ProcessLookupError(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def send(pid: int, number: int) -> None:
    """Signals a process; one that is already gone is passed over."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _live() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and _stat(int(name))]


def _stat(pid: int) -> list[str]:
    """/proc/PID/stat from the third field (state) on; empty for a process that is gone or a zombie."""
    fields = _read(pid, "stat").rpartition(b")")[2].decode().split()
    return [] if not fields or fields[0] in "ZX" else fields


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""
