"""One drawn bar: tqdm's, Keras's, rich's."""

from __future__ import annotations

import re
from typing import NamedTuple

from runctl.agent.progress import words

_TQDM = re.compile(r"%\|[^|]{0,400}\|\s{0,9}([\d.]+)([a-z]*)/([\d.]+|\?)([a-z]*)\s?\[")
_UNKNOWN_TOTAL = re.compile(r"(?<![\w.])(\d{1,12})([a-z]{1,12})\s\[\d+:\d\d")
_UNIT = re.compile(r"(?:(?<![\d.?])[\d.?]{1,30}\s?(?:[kmg](?=it\b))?([a-z]{1,20})/s\b|s/([a-z]{1,20})\b)")
_STEP_UNITS = ("it", "batch", "step", "epoch", "iter", "batches", "steps", "ep", "iters", "ba", "update")
_KERAS = re.compile(r"\s{0,9}(\d{1,9})/(\d{1,9}|unknown)\s{0,3}(?:[━╸╺]+|\[[=>.]+\]|-(?=\s\d+\w{0,2}s?\s))\s?")
_RICH = re.compile(r"(?<![━╸╺])[━╸╺]{4,400}\s{0,9}(?:\d{1,3}%\s{0,9})?(\d{1,9})/(\d{1,9})(?![\d.])\s{0,9}")
_PERCENT_AT_END = re.compile(r"\d{1,3}%$")


class Bar(NamedTuple):
    """What is drawn, in lower case: what stands before it, how much of how much is done (`total` None: unknown), what
    is counted, and what stands behind it."""

    description: str
    done: int
    total: int | None
    unit: str
    tail: str
    keras: bool = False

    @property
    def counts_steps(self) -> bool:
        """Whether it counts steps or epochs, not bytes or files."""
        return self.unit in _STEP_UNITS


def parse(text: str) -> Bar | None:
    """The bar in a lower-case line; None when there is none, or it counts in thousands."""
    if "%|" in text:
        return _tqdm(text)
    keras = _KERAS.match(text)
    if keras:
        total = None if keras.group(2) == "unknown" else int(keras.group(2))
        return Bar("", int(keras.group(1)), total, "step", text[keras.end() :], keras=True)
    if "━" in text:
        return _rich(text)
    if " [" in text:
        found = _UNKNOWN_TOTAL.search(text)
        if found:
            return _made(text[: found.start()], found.group(1), None, found.group(2), text[found.end() :])
    return None


def _tqdm(text: str) -> Bar | None:
    at = text.index("%|")
    found = _TQDM.match(text, at)
    if not found:
        return None
    description = text[:at].rstrip("0123456789")
    tail = text[found.end() :]
    done, scaled, total, also_scaled = found.groups()
    if scaled or also_scaled or "." in done + total:
        return Bar(description, 0, None, "", tail)
    if "]" not in tail:
        tail = tail.rpartition(",")[0]  # cut at the terminal's width: the last number may lack digits
    unit = _UNIT.search(tail)
    name = (unit.group(1) or unit.group(2)) if unit else "it"
    return _made(description, done, None if total == "?" else total, name, tail)


def _rich(text: str) -> Bar | None:
    found = _RICH.search(text)
    if not found:
        return None
    tail = text[found.end() :]
    unit = _UNIT.search(tail)
    name = (unit.group(1) or unit.group(2)) if unit else "it"
    description = text[: found.start()].rstrip("━╸╺ \t")
    return _made(_PERCENT_AT_END.sub("", description), found.group(1), found.group(2), name, tail)


def _made(description: str, done: str, total: str | None, unit: str, tail: str) -> Bar | None:
    if len(done) > 12 or (total and len(total) > 12):
        return None
    return Bar(description.strip(" :|-"), int(done), int(total) if total else None, unit, tail.rstrip(" ]"))


def is_over_epochs(bar: Bar) -> bool:
    """Whether a bar says itself that it counts epochs."""
    if bar.unit in ("epoch", "ep"):
        return True
    return words.parts(bar.description)[0:1] == ["epochs"] or bar.description in ("epoch", "training epochs", "epochs")
