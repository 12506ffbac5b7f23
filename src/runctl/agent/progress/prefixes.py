"""What loggers and launchers put before a line: times, levels, names, ranks."""

from __future__ import annotations

import re

_RANK = re.compile(r"\[?(?:default|rank|\d+,)\s?(\d+)\]?(?:<std(?:out|err)>)?\s?[:|]\s?")
_FIRST_RANK = re.compile(r"\s*\[(?:default|rank)?(\d+)\]:\s?")
_STAMP = re.compile(
    r"\[?\d{4}[-/]\d\d[-/]\d\d[t ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:z|[+-]\d\d:?\d\d)?\]?|\[?\d\d[-/]\d\d(?:[-/]\d{2,4})? "
    r"\d\d:\d\d:\d\d(?:[.,]\d+)?\]?|\[\d\d:\d\d:\d\d\]|\d\d:\d\d:\d\d(?:[.,]\d+)?\s"
)
_LEVEL = r"(?:debug|info|notice|success|trace|warning|error|critical)"
_LOGGER = re.compile(
    r"(?:\s*(?:[-|:]\s*)?(?:\[[\w .:/-]{1,60}\]\s*)?)?\[?" + _LEVEL + r"\]?\s*(?:[:|-]|\s)\s*"
    r"(?:[\w.<>-]{1,80}:[\w.<>-]{1,80}:\d+\s*-\s*|[\w./<>-]{1,80}\s*(?:-\s|:(?!\s*[-+.\d])\s*(?=\w+[ :=]))|:)?"
)
_NAME_FIRST = re.compile(r"\s*[-|]\s*[\w.<>]{1,60}\s*[-|]\s*\[?" + _LEVEL + r"\]?\s*[-|:]\s*")
_GLOG = re.compile(r"i\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ [\w./-]{1,80}:\d+\] ")
_TROUBLE = re.compile(
    r"\w{0,80}(?:warning|error|exception)\b(?::|\s*\[)|.{0,200}\.py:\d+: \w*warning|\[?(?:warning|warn|error)\b|"
    r"[we]\d{4} "
)


def stripped(text: str) -> str | None:
    """A lower-case line without them; None when the line is of a rank other than the first, or warns of something."""
    match = _FIRST_RANK.match(text) or _RANK.match(text)
    if match:
        if int(match.group(1)) != 0:
            return None
        text = text[match.end() :]
    glog = _GLOG.match(text)
    if glog:
        return text[glog.end() :].strip()
    stamp = _STAMP.match(text)
    if stamp:
        text = text[stamp.end() :]
    match = _NAME_FIRST.match(text) or _LOGGER.match(text)
    if match and ("info" in match.group() or "debug" in match.group() or "success" in match.group()):
        text = text[match.end() :]
    elif match or _TROUBLE.match(text):
        return None
    return text.strip()
