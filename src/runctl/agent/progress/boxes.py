"""The boxes that Stable-Baselines3 prints: sections and their values, the step among them."""

from __future__ import annotations

import re

from runctl.agent.progress import numbers

_SECTION = re.compile(r"\|\s{0,3}(\w{1,40})/\s*\|\s*\|")
_ENTRY = re.compile(r"\|\s{1,12}(\S{1,60})\s*\|\s*(\S{1,40})\s*\|")
_EDGE = re.compile(r"-{6,}")
_MOST_STEPS = 1e12
_STEP = "time/total_timesteps"


class Box:
    """The box that is being printed, if one is."""

    def __init__(self) -> None:
        self._section = ""
        self._values: dict[str, float] = {}

    @property
    def open(self) -> bool:
        """Whether more of it may follow."""
        return bool(self._section)

    def take(self, text: str) -> bool:
        """Takes a lower-case line. Returns whether it is of a box."""
        section = _SECTION.fullmatch(text)
        if section:
            self._section = section.group(1)
            return True
        entry = _ENTRY.fullmatch(text) if self._section else None
        if entry is None:
            return False
        value = numbers.value_of(entry.group(2))
        if value is not None:
            self._values["%s/%s" % (self._section, entry.group(1))] = value
        return True

    def ended(self, text: str) -> tuple[int, dict[str, float]] | None:
        """The step and the values of a box that a line, which is not of it, ends; None when it is cut short."""
        values = self._values
        self._section, self._values = "", {}
        step = values.get(_STEP, -1.0)
        if not _EDGE.fullmatch(text) or not 0 <= step < _MOST_STEPS:
            return None
        return int(step), {name: value for name, value in values.items() if not name.startswith("time/")}
