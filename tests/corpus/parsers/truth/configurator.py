"""nanoGPT's configurator has no parser: its flags are the script's global names when it is executed."""

from __future__ import annotations

import builtins
import sys
from typing import Any

from truth import Parsed, Run


def flags(run: Run) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}

    def look(source: Any, *namespaces: Any) -> Any:
        if namespaces:
            return real(source, *namespaces)  # runpy's own, which runs the script
        names = sys._getframe(1).f_globals
        for name, value in names.items():
            if not name.startswith("_") and type(value) in (int, float, bool, str):
                found[f"--{name}"] = {"default": value}
        raise Parsed

    real, builtins.exec = builtins.exec, look
    try:
        run([])
    except Parsed:
        pass
    finally:
        builtins.exec = real
    return {**found, "config_file": {}}
