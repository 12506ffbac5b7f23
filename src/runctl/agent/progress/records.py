"""Dictionaries of numbers: JSON lines, and what Python prints of a dict."""

from __future__ import annotations

import re
from typing import NamedTuple

from runctl.agent.progress import numbers, words

_MEMBER = re.compile(
    r"\s*(?:(?P<q>['\"])(?P<key>[^'\"]{1,100})(?P=q)|(?P<bare>[a-z_][\w./-]{0,60}))\s*[:=]\s*(?:"
    r"(?P<open>\{)|(?:np\.\w+|tensor|array|jnp\.\w+)\((?P<wrapped>[-+.\w]{1,40})[^){}]{0,60}\)"
    r"|(?P<number>[-+]?[\d.][-+.\w]{0,40}|[-+]?(?:nan|inf|infinity)\b)"
    r"|(?P<vq>['\"])(?P<text>[^'\"]{0,300})(?P=vq)|(?P<word>true|false|none|null)\b)\s*"
)
_EPOCHS = ("epoch",)
_STEPS = ("step", "global_step", "iter", "iteration", "global_steps", "_step", "trainer/global_step")
_TOTALS = ("total_steps", "max_steps", "num_steps", "total_iters")
_MOST_MEMBERS = 200
_MOST = 1e12
_TRANSPARENT = ("metrics", "values", "data", "logs", "results", "scores", "log", "metric", "")


class Found(NamedTuple):
    """The numbers of a dictionary that looks like progress; None where it has none."""

    epoch: float | None
    total_epochs: int | None
    step: int | None
    total_steps: int | None
    values: dict[str, float]


def parse(text: str, in_progress: bool) -> Found | None:
    """What a lower-case line with a dictionary tells; None when it is not whole, is not flat (beyond one level), or
    looks like a configuration. `in_progress`: the text before the dictionary says an epoch or a step."""
    members = _members(text)
    if not members:
        return None
    epoch = total_epochs = step = total_steps = None
    values: dict[str, float] = {}
    settings = 0
    for name, value in members:
        plain = name.rpartition("/")[2] if name.startswith("trainer/") else name
        if words.is_setting(plain):
            settings += 1
        elif value is None:
            continue
        elif plain in _EPOCHS:
            epoch = value if 0 <= value < _MOST else None
        elif plain == "total_epochs":
            total_epochs = _count(value)
        elif name in _STEPS or plain in _STEPS:
            step = _count(value)
        elif plain in _TOTALS:
            total_steps = _count(value)
        elif not _is_clock(plain):
            values[numbers.plain_name(name)] = value
    results = any(words.is_result(name) for name in values)
    marked = epoch is not None or step is not None or in_progress
    if settings > (1 if results and marked else 0) or not values or not (results or marked):
        return None
    return Found(epoch, total_epochs, step, total_steps, values)


def _is_clock(name: str) -> bool:
    return name in (
        "time",
        "timestamp",
        "ts",
        "_timestamp",
        "_runtime",
        "eta",
        "pid",
        "rank",
        "lineno",
        "line",
        "asctime",
        "created",
        "unix_time",
        "level",
        "v_num",
        "@timestamp",
        "seed",
    )


def _members(text: str) -> list[tuple[str, float | None]] | None:
    """Names and numbers (None for what is no number) of the dictionary that fills the text; None when it does not."""
    if not text.startswith("{"):
        return None
    members: list[tuple[str, float | None]] = []
    position, inside = 1, ""
    open_ones = 1
    while len(members) < _MOST_MEMBERS:
        found = _MEMBER.match(text, position)
        if not found:
            break
        name = found.group("key") or found.group("bare")
        position = found.end()
        if found.group("open"):
            if open_ones == 2:
                return None
            open_ones, inside = 2, "" if name in _TRANSPARENT else name + "_"
            continue
        members.append((inside + name, _number(found)))
        while text.startswith(("}", ","), position):
            if text[position] == "}":
                open_ones, inside = open_ones - 1, ""
            position += 1
            while text.startswith(" ", position):
                position += 1
    return members if open_ones == 0 and not text[position:].strip(" ,;.\n") else None


def _number(found: "re.Match[str]") -> float | None:
    text = found.group("number") or found.group("wrapped") or found.group("text")
    if text is None:
        return None
    if found.group("number") and text.isascii() and text.isdigit() and len(text) < 16:
        return int(text)
    return numbers.value_of(text)


def _count(value: float) -> int | None:
    return int(value) if 0 <= value < _MOST else None
