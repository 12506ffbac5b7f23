"""How busy this machine is: CPU, memory, disks, GPUs, and the processes that use the most. Linux, from /proc."""

from __future__ import annotations

import os
import select
import sys
import time
from typing import Any, NamedTuple

from runctl.agent import disk_use, gpus, processes, protocol
from runctl.agent.control import Refused

_MOST_PROCESSES = 40
_LONGEST_COMMAND = 500
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_KERNEL_THREAD = 0x00200000  # PF_KTHREAD in the kernel's include/linux/sched.h


def watch(interval_s: float, repeatedly: bool) -> None:
    """Writes a `load` frame to stdout after `interval_s` seconds, the time over which CPU use is measured; when told
    to do so `repeatedly`, one after another until the reader has gone. Raises Refused elsewhere than on Linux."""
    if not processes.LINUX:
        raise Refused("how busy a machine is can be told on Linux only")
    hung_up = select.poll()
    hung_up.register(sys.stdout, 0)
    before = _Sample()
    while not hung_up.poll(interval_s * 1000):
        now = _Sample()
        _write(protocol.header("load", load=now.since(before)))
        if not repeatedly:
            _write(protocol.header("end"))
            return
        before = now


def _write(frame: bytes) -> None:
    sys.stdout.buffer.write(frame)
    sys.stdout.buffer.flush()


class _Process(NamedTuple):
    """What the kernel has counted for a process. `since` is when it started, which tells it from a later one."""

    pid: int
    since: str
    ticks: int
    memory_bytes: int


class _Sample:
    """What the kernel has counted up to a moment."""

    def __init__(self) -> None:
        self.at = time.monotonic()
        self.busy, self.total = _cpu_ticks()
        self.processes = _processes()

    def since(self, before: _Sample) -> dict[str, Any]:
        """What was used between two samples. CPU in percent: of the whole machine, of one CPU for a process."""
        elapsed = self.total - before.total
        return {
            "at": round(time.time(), 3),
            "cpus": os.cpu_count() or 1,
            "cpu_percent": round(100.0 * (self.busy - before.busy) / elapsed, 1) if elapsed else 0.0,
            "load": list(os.getloadavg()),
            "uptime_s": _uptime_s(),
            "memory": _memory(),
            "disks": disk_use.read(),
            "gpus": gpus.read(),
            "processes": self._busiest(before),
        }

    def _busiest(self, before: _Sample) -> list[dict[str, Any]]:
        """The processes that use the most, and whatever belongs to a run."""
        earlier = {(process.pid, process.since): process.ticks for process in before.processes}
        used = {process: process.ticks - earlier.get((process.pid, process.since), 0) for process in self.processes}
        order = sorted(self.processes, key=lambda each: (-used[each], -each.memory_bytes))
        runs = {process: _run_of(process.pid) for process in order}
        seconds = self.at - before.at
        return [
            {
                "pid": process.pid,
                "user": _user(process.pid),
                "cpu_percent": round(100.0 * used[process] / _TICKS_PER_S / seconds, 1),
                "memory_bytes": process.memory_bytes,
                "run_id": runs[process],
                "command": _command(process.pid),
            }
            for rank, process in enumerate(order)
            if rank < _MOST_PROCESSES or runs[process]
        ]


def _run_of(pid: int) -> str | None:
    run_id = processes.run_of(pid)
    return None if run_id == processes.AGENTS_OWN else run_id


def _processes() -> list[_Process]:
    """All live processes but this one and the kernel's own threads."""
    found = []
    for name in os.listdir("/proc"):
        # the fields of proc(5) from the third on: state, …, flags, …, utime, stime, …, starttime, vsize, rss
        fields = processes.stat_fields(int(name)) if name.isdigit() else None
        if fields and fields[0] not in "ZX" and not int(fields[6]) & _KERNEL_THREAD and int(name) != os.getpid():
            ticks, memory = int(fields[11]) + int(fields[12]), int(fields[21]) * _PAGE_BYTES
            found.append(_Process(int(name), fields[19], ticks, memory))
    return found


def _cpu_ticks() -> tuple[int, int]:
    """Ticks that all CPUs together were busy, and ticks in all, since the machine has started."""
    with open("/proc/stat") as file:
        # user, nice, system, idle, iowait, irq, softirq, steal; guest time is counted in user already
        ticks = [int(text) for text in file.readline().split()[1:9]]
    idle = ticks[3] + ticks[4]
    return sum(ticks) - idle, sum(ticks)


def _uptime_s() -> float:
    with open("/proc/uptime") as file:
        return float(file.read().split()[0])


def _memory() -> dict[str, int]:
    with open("/proc/meminfo") as file:
        table = dict(line.split(":", 1) for line in file)
    kib = {name: int(text.split()[0]) for name, text in table.items()}
    return {
        "total_bytes": kib["MemTotal"] * 1024,
        "available_bytes": kib["MemAvailable"] * 1024,
        "swap_total_bytes": kib["SwapTotal"] * 1024,
        "swap_free_bytes": kib["SwapFree"] * 1024,
    }


def _command(pid: int) -> str:
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            words = file.read(_LONGEST_COMMAND).rstrip(b"\0").split(b"\0")
        if words != [b""]:
            return b" ".join(words).decode("utf-8", "replace")
        with open("/proc/%d/comm" % pid, "rb") as file:
            return file.read().decode("utf-8", "replace").strip()
    except OSError:
        return "?"  # it has ended meanwhile


def _user(pid: int) -> str:
    import pwd

    try:
        owner = os.stat("/proc/%d" % pid).st_uid
    except OSError:
        return "?"
    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return str(owner)  # as in a container that has users of its own
