"""The explicit way for a script to say how far it is."""

from __future__ import annotations

import json
import os
from typing import Any


def log(**values: Any) -> None:
    """Appends one line of metrics to the run: `runctl.log(step=100, total_steps=1000, loss=2.31)`.

    `step`, `epoch`, `total_steps` and `total_epochs` say where the script is, every other name is a metric.
    Values are numbers, or objects that `float()` takes (NumPy scalars, one-element tensors). Outside a run it
    does nothing. Raises TypeError or ValueError for a value that is no number, OSError when the run's disk is
    full. The line is written at once and whole, so several processes may log to one run.
    """
    path = os.environ.get("RUNCTL_METRICS")
    numbers = {name: value if isinstance(value, (int, float)) else float(value) for name, value in values.items()}
    if path is None:
        return
    line = json.dumps(numbers) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)
