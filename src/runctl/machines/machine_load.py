"""How busy a machine is, as its agent tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from runctl.transport.agent_client import AgentClient
from runctl.transport.base import Transport
from runctl.transport.resuming import Lost, resuming


class Memory(NamedTuple):
    """Sizes in bytes. `available_bytes` is what programs can still have without swapping."""

    total_bytes: int
    available_bytes: int
    swap_total_bytes: int
    swap_free_bytes: int


class Disk(NamedTuple):
    """A file system; sizes in bytes, 0 where the user may not ask."""

    mount: str
    source: str
    file_system: str
    total_bytes: int
    used_bytes: int
    available_bytes: int


class Gpu(NamedTuple):
    """A GPU; None for what it does not tell. Memory in bytes, temperature in degrees Celsius, power in watts."""

    number: int
    name: str
    percent: float | None
    memory_used_bytes: int | None
    memory_total_bytes: int | None
    temperature_c: float | None
    power_w: float | None


class Process(NamedTuple):
    """A process. `cpu_percent` is of one CPU, so it may be more than 100; `run_id` is None for what is no run's."""

    pid: int
    user: str
    cpu_percent: float
    memory_bytes: int
    run_id: str | None
    command: str


class Load(NamedTuple):
    """How busy a machine was in a short time before `at`, a Unix time in seconds. `cpu_percent` is of all CPUs; `load`
    the average number of processes that wanted to run, over 1, 5 and 15 minutes; processes come the busiest first."""

    at: float
    cpus: int
    cpu_percent: float
    load: tuple[float, ...]
    uptime_s: float
    memory: Memory
    disks: tuple[Disk, ...]
    gpus: tuple[Gpu, ...]
    processes: tuple[Process, ...]

    def to_json(self) -> dict[str, Any]:
        """The load as `--json` prints it."""
        document = self._asdict()
        document["memory"] = self.memory._asdict()
        for name in ("disks", "gpus", "processes"):
            document[name] = [each._asdict() for each in document[name]]
        return document


def measure(transport: Transport, interval_s: float = 1.0) -> Load:
    """How busy the machine is, measured over `interval_s` seconds. Raises UnreachableError, RunctlError."""
    [load] = AgentClient(transport).load(interval_s, watch=False)
    return _parsed(load)


def watch(transport: Transport, lost: Lost, interval_s: float = 2.0) -> Iterator[Load]:
    """How busy the machine is, every `interval_s` seconds, whatever happens to the connection. Raises RunctlError,
    UnreachableError as `resuming` does."""
    client = AgentClient(transport)
    return resuming(lambda: map(_parsed, client.load(interval_s, watch=True)), lost)


def _parsed(load: dict[str, Any]) -> Load:
    return Load(
        at=load["at"],
        cpus=load["cpus"],
        cpu_percent=load["cpu_percent"],
        load=tuple(load["load"]),
        uptime_s=load["uptime_s"],
        memory=Memory(**load["memory"]),
        disks=tuple(Disk(**each) for each in load["disks"]),
        gpus=tuple(Gpu(**each) for each in load["gpus"]),
        processes=tuple(Process(**each) for each in load["processes"]),
    )
