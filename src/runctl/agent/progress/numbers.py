"""The numbers of a line of text, and what each is called there."""

from __future__ import annotations

import math
import re
from itertools import islice
from typing import Iterator, NamedTuple

from runctl.agent.progress import words

_LONGEST_NUMBER = 40
_LONGEST_NAME = 64
_MOST_NUMBERS = 200
_NUMBER = re.compile(
    r"(?<![\w.@+/-])([-+]?(?:[1-9]\d{0,2}(?:,\d{3})+(?![\d,])(?:\.\d+)?|\d{1,25}(?:\.\d{0,25})?(?!\d)(?:e[-+]?\d{1,4})?|\.\d{1,25}(?!\d)(?:e[-+]?\d{1,4})?"
    r"|nan\b|inf(?:inity)?\b))([a-z%µ_][\w/%]*|)(?![.-][a-z])"
)
_CLOCK = re.compile(r"(?<![\w.])(?:\d+ days?, )?\d+:\d\d(?::\d\d)?(?:[.,]\d+)?(?![\d:])")
_UNIT = re.compile(
    r"\s?(?:s|ms|us|secs?|seconds?|mins?|minutes?|hours?|hrs?|h|[kmgt]i?b|[\w.]{1,20}/s(?:ec)?|bytes|/)(?![\w=:])|\s[*+^]\s"
)
_DELIMITER = re.compile(
    r"[,;|\t\[\]{}!?\"<>•·—\x00-\x1f]|\s{2,}|\s[-–*]+\s|:\s|(?<!\bavg)(?<!\bacc)(?<!\bval)\.\s|\)\s*(?=\w)"
)
_FILE = re.compile(r"\.(?:py|cpp|cc|c|h|cu|js|ts|rs|go|java|json|ya?ml|log|txt|pyx|so|ckpt|pth?)$")
_BRACKET = re.compile(r"\s*\(\s*")
_DOT = re.compile(r"\.?\s+")
_STOPS = words.word_set(
    """the with and has is was of on at in for a an finished done got current currently gives reached after now to from
    ended completed => ->"""
)
_NAME = re.compile(r"[^\W\d][\w./@'()%+-]*(?: [^\W\d(][\w./@'()%+-]*| \([\w ]+\)){0,3}")


class Named(NamedTuple):
    """A number and its name: as it is printed, in lower case, spaces as `_`. `sure`: a `:` or `=` stands between
    them. `exact`: it is no whole number."""

    name: str
    value: float
    sure: bool
    exact: bool
    cell: bool


def value_of(text: str) -> float | None:
    """The number that a text is, thousands separated by commas or not; None for any other text."""
    if len(text) > _LONGEST_NUMBER or "_" in text:
        return None
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None


def without_clocks(text: str) -> str:
    """The text with times of day and durations blotted out."""
    return _CLOCK.sub(";", text) if ":" in text else text


def named(text: str) -> Iterator[Named]:
    """Yields the numbers of a lower-case text that have a name and no unit of time, size or speed."""
    end = 0
    for match in islice(_NUMBER.finditer(text), _MOST_NUMBERS):
        gap = text[end : match.start()][-120:]
        end = match.end()
        if match.group(2) not in ("", "%") or text.startswith("/", end) or _UNIT.match(text, end):
            continue
        value = value_of(match.group(1))
        if value is None:
            continue
        name, sure, cell = _name(gap)
        if name and (sure or math.isfinite(value)):
            exact = not match.group(1).lstrip("+-").isdigit()
            yield Named(name, value, sure, exact, cell)


def plain_name(text: str) -> str:
    """A printed name as metrics are called: lower case, spaces as `_`, without brackets, abbreviations' dots and
    LightGBM's genitive."""
    name = _BRACKET.sub("_", text.strip().lower().replace("'s ", "_").replace(")", ""))
    return _DOT.sub("_", name).replace(" ", "_").rstrip("._")[:_LONGEST_NAME]


def json_value(value: float) -> float | str:
    """A value as events hold it: JSON has no number for what is not finite, and whole numbers stay as they are."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _name(gap: str) -> tuple[str, bool, bool]:
    """The name that ends a gap between two numbers, whether `:` or `=` ends it, and whether a cell begins with it."""
    text = gap[:-1] if gap.endswith(("=[", ":[")) else gap.rstrip()
    sure = text.endswith((":", "="))
    if sure:
        text = text[:-1].rstrip("=: ")
    elif text.endswith(("(", "[", "/")) or text == gap:
        return "", False, False
    text = text.rstrip("'\"`* ")
    pieces = _DELIMITER.split(text)
    cell = len(pieces) > 1 and "|" in gap
    phrase = pieces[-1].strip(" -*#'\"`~").lstrip("(")
    listed = phrase.split(" ")
    while len(listed) > 1 and listed[-1] in _STOPS:
        listed.pop()
    for position in range(len(listed) - 1, -1, -1):
        if listed[position] in _STOPS:
            listed = listed[position + 1 :]
            break
    if (
        sure
        and gap.rstrip(" [").endswith("=")
        and not gap.endswith(" ")
        and not phrase.endswith(")")
        and listed[-2:-1] != ["val"]
    ):
        listed = listed[-1:]  # `key=value` has no spaces; what stands before is another word
    elif len(listed) > 3 or not sure:
        listed = _shortest_result(listed)
    phrase = " ".join(listed)
    if not _NAME.fullmatch(phrase) or _FILE.search(phrase):
        return "", False, False
    return plain_name(phrase), sure, cell


def _shortest_result(listed: list[str]) -> list[str]:
    """The last words of a phrase: `val loss` of `model with its val loss`."""
    qualifiers = ("train", "training", "val", "valid", "validation", "test", "eval", "mean", "avg", "average", "dev")
    pair = len(listed) == 2 and words.is_known(" ".join(listed))
    if pair or (len(listed) > 1 and listed[-2] in qualifiers):
        return listed[-2:]
    return listed[-1:]
