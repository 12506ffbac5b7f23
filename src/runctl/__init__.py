"""runctl trains machine-learning scripts on machines you rent or own, and loses neither money nor work.

The names below are the library; each is imported when it is first used, because training scripts
import this module only for `log`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runctl.core.errors import RunctlError as RunctlError
    from runctl.metrics import log as log
    from runctl.runs.launch import run as run
    from runctl.runs.run import Run as Run

__version__ = "0.1.0"
__all__ = ["Run", "RunctlError", "log", "run"]

_HOMES = {
    "Run": "runctl.runs.run",
    "RunctlError": "runctl.core.errors",
    "log": "runctl.metrics",
    "run": "runctl.runs.launch",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'runctl' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
