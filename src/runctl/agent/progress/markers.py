"""Where a line says that the script is: `Epoch 3/10`, `Step [100/600]`, `[640/60000 (1%)]`, `[10]`."""

from __future__ import annotations

import re
from typing import NamedTuple

_PART = r"\s?(?:\((\w{1,10})\))?\s{0,3}[:=#|]?"
_COUNT = r"(\d{1,3}(?:,\d{3}){1,3}|\d{1,12})"
_EPOCH = re.compile(
    r"(?:(?<![\w./\\-])epoch|^train(?=: \d+ \[))" + _PART + r"\s{0,3}[\[(]?\s{0,6}(\d{1,7}(?:\.\d{1,20})?)"
    r"(?![\d.]{0,9}[a-z%])\s{0,3}\]?(?:\s{0,3}(?:/|of)\s{0,3}(\d{1,7})\b)?"
)
_STEP = re.compile(
    r"(?<![\w./\\-])(global[_ ]step|step|iteration|iter|batch|update|episode|round|it)"
    + _PART
    + r"\s{0,12}[\[(]?\s{0,12}"
    + _COUNT
    + r"(?![\d.]{0,9}[a-z%.\d])\s{0,3}(?:(?:/|of)\s{0,6}"
    + _COUNT
    + r"\b)?\s{0,3}[\])]?"
)
_WITHIN = re.compile(
    r"\s{0,3}[\])]?[\s:,|-]{0,4}[\[(]\s{0,12}(\d{1,12})\s{0,3}/\s{0,3}(\d{1,12})"
    r"(?:\s{0,3}\(\s{0,3}\d{1,3}(?:\.\d{1,9})?%\))?\s?[\])]?"
)
_CELL = re.compile(
    r"\s{0,9}\|\s{0,9}(\d{1,12})\s{0,3}/\s{0,9}(\d{1,12})(?=\s{0,3}(?:batches|steps|iters|it)?\s{0,9}\|)"
)
# how XGBoost and LightGBM, and how CatBoost begin a line
_LEADING = re.compile(r"\[(\d{1,9})\]\s+(?=[a-z_][^:]{0,80}:\s?[-+.\dn])|(\d{1,9}):\t(?=\w{1,80}: [-+.\dn])")
_ANNOUNCEMENT = re.compile(r"[^\w/\\'\"]*(?:(?:train\w*|start\w*|begin\w*|now|running|fold \d+|new)[^\w/\\'\"]+){0,2}")
_NOT_NOW = re.compile(
    r"(?<![a-z])(?:max|num|total|per|best|last|each|every|n|until|first|previous|from|next|start|number|number of|"
    r"num of|total of)[\s:_-]*$"
)


class Marker(NamedTuple):
    """Numbers as they are printed; None where the line has none. `within` of `of_epoch` steps (or samples) of the
    epoch are done; `phase` is what mmcv puts in brackets."""

    epoch: float | None = None
    total_epochs: int | None = None
    step: int | None = None
    total_steps: int | None = None
    within: int | None = None
    of_epoch: int | None = None
    phase: str = ""


def found_in(text: str) -> tuple[Marker | None, str]:
    """What a lower-case line says, and the line with that blotted out."""
    leading = _LEADING.match(text)
    if leading:
        return Marker(step=int(leading.group(1) or leading.group(2))), text[leading.end() :]
    marker, rest = _epoch(text)
    found = _STEP.search(rest)
    if found is None or _NOT_NOW.search(rest[max(0, found.start() - 12) : found.start()]):
        return marker, rest
    number, total = _whole(found.group(3)), _whole(found.group(4))
    rest = rest[: found.start()] + ";" + rest[found.end() :]
    marker = marker or Marker()
    if marker.within is not None or number is None:
        return marker, rest
    if total is not None and marker.epoch is not None:
        return marker._replace(within=number, of_epoch=total), rest
    return marker._replace(step=number, total_steps=total, phase=found.group(2) or marker.phase), rest


def announces_epoch(text: str) -> bool:
    """Whether a line that says an epoch and no metric announces it, rather than mentions it."""
    found = _EPOCH.search(text)
    return found is not None and bool(_ANNOUNCEMENT.fullmatch(text[: found.start()]))


def _epoch(text: str) -> tuple[Marker | None, str]:
    found = _EPOCH.search(text)
    if found is None or _NOT_NOW.search(text[max(0, found.start() - 12) : found.start()]):
        return None, text
    phase, number, total = found.groups()
    marker = Marker(float(number) if "." in number else int(number), _whole(total), phase=phase or "")
    end = found.end()
    within = _WITHIN.match(text, end) or _CELL.match(text, end)
    if within:
        marker = marker._replace(within=int(within.group(1)), of_epoch=int(within.group(2)))
        end = within.end()
    return marker, text[: found.start()] + ";" + text[end:]


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text.replace(",", ""))
