"""This machine's NVIDIA GPUs, as nvidia-smi tells; none where there is no such program, or no driver."""

from __future__ import annotations

import subprocess
from typing import Any

_QUERY = ("index", "name", "utilization.gpu", "memory.used", "memory.total", "temperature.gpu", "power.draw")
_MOST_S = 10.0
_MIB = 1 << 20


def read() -> list[dict[str, Any]]:
    """Each GPU: its use in percent, memory in bytes, temperature in degrees Celsius, power in watts. What a GPU does
    not tell (a MIG slice has no utilization) is None."""
    command = ["nvidia-smi", "--query-gpu=" + ",".join(_QUERY), "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_MOST_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    if done.returncode != 0:
        return []
    return [_gpu(line.split(", ")) for line in done.stdout.decode("utf-8", "replace").splitlines() if line.strip()]


def _gpu(cells: list[str]) -> dict[str, Any]:
    percent, used, total, temperature, power = (_number(cell) for cell in cells[-5:])
    return {
        "number": int(cells[0]),
        "name": cells[1],
        "percent": percent,
        "memory_used_bytes": None if used is None else int(used * _MIB),
        "memory_total_bytes": None if total is None else int(total * _MIB),
        "temperature_c": temperature,
        "power_w": power,
    }


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None  # [N/A], [Not Supported]
