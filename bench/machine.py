"""The machine that the figures are of."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def describe() -> str:
    """Processor, memory, system, Python and load, in one line."""
    model = _field(Path("/proc/cpuinfo"), "model name")
    memory_kib = int(_field(Path("/proc/meminfo"), "MemTotal").split()[0])
    return (
        f"{os.cpu_count()} × {model}, {memory_kib / 2**20:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
    )


def _field(file: Path, name: str) -> str:
    for line in file.read_text().splitlines():
        key, _, text = line.partition(":")
        if key.strip() == name:
            return text.strip()
    return "unknown"
