"""What a script can be told, as rows for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

HEADER = ("NAME", "SPELLED", "TYPE", "DEFAULT", "HELP")
_MOST_CHOICES = 60


def row(parameter: Mapping[str, Any]) -> tuple[str, ...]:
    """One parameter, as `runctl.runs.parameters` describes it, as a row of the table."""
    return (
        " ".join([*parameter["command"], parameter["name"]]),
        ", ".join([*parameter["flags"], *parameter["off_flags"]]) or "(by its place)",
        _type(parameter),
        _default(parameter),
        parameter["help"],
    )


def _type(parameter: Mapping[str, Any]) -> str:
    if parameter["choices"] is not None:
        choices = "|".join(parameter["choices"])
        shown = choices if len(choices) <= _MOST_CHOICES else choices[:_MOST_CHOICES] + "…"
    else:
        shown = parameter["type"] or "any"
    return shown + {"values": " …", "repeated": " (again and again)"}.get(parameter["takes"], "")


def _default(parameter: Mapping[str, Any]) -> str:
    if parameter["required"]:
        return "(required)"
    if parameter["default_source"] is not None:
        return parameter["default_source"] or "(not known)"
    return "" if parameter["default"] is None else json.dumps(parameter["default"], ensure_ascii=False)
