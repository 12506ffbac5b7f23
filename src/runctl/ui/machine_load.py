"""How busy a machine is, as lines: pure."""

from __future__ import annotations

from runctl.core.text import duration, printable, size
from runctl.machines.machine_load import Disk, Gpu, Load, Process
from runctl.ui.cells import shortened
from runctl.ui.console import table

_HEADER = ("PID", "USER", "CPU%", "MEMORY", "RUN", "COMMAND")
_LEAST_PROCESSES = 3


def load_lines(load: Load, name: str, cells: int, rows: int | None = None) -> list[str]:
    """The load of the machine `name`, in lines of at most `cells`; in at most `rows` lines when that is given, if the
    machine itself takes no more."""
    head = [*_machine(load, name), *map(_disk, load.disks), *map(_gpu, load.gpus), ""]
    most = None if rows is None else max(_LEAST_PROCESSES, rows - len(head) - 1)
    processes = table(_HEADER, map(_process, load.processes[:most]))
    return [shortened(line, cells) for line in [*head, *processes]]


def _machine(load: Load, name: str) -> list[str]:
    memory = load.memory
    used = memory.total_bytes - memory.available_bytes
    lines = [
        f"{printable(name)}  up {duration(load.uptime_s)}, load {' '.join(f'{each:.2f}' for each in load.load)}",
        f"cpu     {load.cpu_percent:5.1f} %  of {load.cpus} CPUs",
        f"memory  {_share(used, memory.total_bytes)}  {size(used)} of {size(memory.total_bytes)}",
    ]
    if memory.swap_total_bytes:
        swapped = memory.swap_total_bytes - memory.swap_free_bytes
        lines.append(
            f"swap    {_share(swapped, memory.swap_total_bytes)}  {size(swapped)} of {size(memory.swap_total_bytes)}"
        )
    return lines


def _disk(disk: Disk) -> str:
    # of what is not the user's to fill, df says nothing in its share either
    share = _share(disk.used_bytes, disk.used_bytes + disk.available_bytes)
    return f"disk    {share}  {printable(disk.mount)}: {size(disk.available_bytes)} of {size(disk.total_bytes)} free"


def _gpu(gpu: Gpu) -> str:
    share = "    - %" if gpu.percent is None else f"{gpu.percent:5.1f} %"
    parts = [printable(gpu.name)]
    if gpu.memory_used_bytes is not None and gpu.memory_total_bytes is not None:
        parts.append(f"{size(gpu.memory_used_bytes)} of {size(gpu.memory_total_bytes)}")
    if gpu.temperature_c is not None:
        parts.append(f"{gpu.temperature_c:.0f} °C")
    if gpu.power_w is not None:
        parts.append(f"{gpu.power_w:.0f} W")
    return f"gpu {gpu.number:<3} {share}  {', '.join(parts)}"


def _process(process: Process) -> tuple[str, ...]:
    return (
        str(process.pid),
        process.user,
        f"{process.cpu_percent:.1f}",
        size(process.memory_bytes),
        process.run_id or "-",
        process.command,
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:5.1f} %" if whole else "    - %"
