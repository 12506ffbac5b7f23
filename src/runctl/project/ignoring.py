"""gitignore's patterns: what they match, byte for byte as git's own wildmatch does. See gitignore(5)."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from typing import NamedTuple

_CLASSES = {
    b"alnum": string.ascii_letters + string.digits,
    b"alpha": string.ascii_letters,
    b"blank": " \t",
    b"cntrl": "".join(map(chr, [*range(32), 127])),
    b"digit": string.digits,
    b"graph": "".join(map(chr, range(33, 127))),
    b"lower": string.ascii_lowercase,
    b"print": "".join(map(chr, range(32, 127))),
    b"punct": string.punctuation,
    b"space": " \t\n\r\v\f",
    b"upper": string.ascii_uppercase,
    b"xdigit": string.hexdigits,
}
_NEVER = rb"(?!)"


class Rule(NamedTuple):
    """One pattern. `whole` says that it is matched with a path from the rules' folder, not with the last name alone."""

    expression: re.Pattern[bytes]
    whole: bool
    folders_only: bool
    excludes: bool


class Rules:
    """The patterns of one file, of which the last that matches decides."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._rules = [rule for line in lines if (rule := _parsed(line))]
        self._rules.reverse()

    @classmethod
    def read(cls, text: bytes) -> Rules:
        """The patterns of a file like .gitignore."""
        return cls(_lines(text.removeprefix(b"\xef\xbb\xbf")))

    def __bool__(self) -> bool:
        return bool(self._rules)

    def verdict(self, path: bytes, is_folder: bool) -> bool | None:
        """Whether a path below the rules' folder is ignored for its own sake; None when no pattern says so."""
        name = path.rpartition(b"/")[2]
        for rule in self._rules:
            if (is_folder or not rule.folders_only) and rule.expression.fullmatch(path if rule.whole else name):
                return rule.excludes
        return None

    def covers(self, path: bytes, is_folder: bool = False, known: dict[bytes, bool] | None = None) -> bool:
        """Whether a path is ignored, itself or with a folder above it. `known` remembers folders from call to call."""
        known = {} if known is None else known
        parent = path.rpartition(b"/")[0]
        if parent:
            if parent not in known:
                known[parent] = self.covers(parent, True, known)
            if known[parent]:
                return True
        return bool(self.verdict(path, is_folder))


def _lines(text: bytes) -> Iterable[bytes]:
    *lines, last = text.split(b"\n")
    return [*(line.removesuffix(b"\r") for line in lines), last]


def _parsed(line: bytes) -> Rule | None:
    pattern = _without_trailing_spaces(line)
    if not pattern or pattern.startswith(b"#"):
        return None
    excludes = not pattern.startswith(b"!")
    if not excludes:
        pattern = pattern[1:]
    folders_only = pattern.endswith(b"/")
    if folders_only:
        pattern = pattern[:-1]
    whole = b"/" in pattern
    if whole:
        pattern = pattern.removeprefix(b"/")
    return Rule(re.compile(_expression(pattern), re.DOTALL), whole, folders_only, excludes)


def _without_trailing_spaces(line: bytes) -> bytes:
    kept = line.rstrip(b" ")
    backslashes = len(kept) - len(kept.rstrip(b"\\"))
    # of spaces after a backslash the first is meant
    return kept + b" " if backslashes % 2 and len(kept) < len(line) else kept


def _expression(pattern: bytes) -> bytes:
    """A regular expression for a pattern, in which only `**` matches a slash."""
    out, at = bytearray(), 0
    while at < len(pattern):
        byte = pattern[at : at + 1]
        if byte == b"*":
            text, at = _stars(pattern, at)
        elif byte == b"?":
            text, at = b"[^/]", at + 1
        elif byte == b"[":
            text, at = _bracket(pattern, at)
        elif byte == b"\\":
            # at the end of a pattern it stands for nothing
            text, at = (re.escape(pattern[at + 1 : at + 2]), at + 2) if at + 1 < len(pattern) else (_NEVER, at + 1)
        else:
            text, at = re.escape(byte), at + 1
        out += text
    return bytes(out)


def _stars(pattern: bytes, start: int) -> tuple[bytes, int]:
    end = start
    while pattern[end : end + 1] == b"*":
        end += 1
    begins = start == 0 or pattern[start - 1 : start] == b"/"
    after = pattern[end:]
    if end - start == 1 or not begins or not (after == b"" or after.startswith((b"/", b"\\/"))):
        return b"[^/]*", end
    if after.startswith(b"/"):
        return b"(?:.*/)?", end + 1
    return b".*", end


def _bracket(pattern: bytes, start: int) -> tuple[bytes, int]:
    """A set of bytes; a set that isn't closed matches nothing."""
    at = start + 1
    negated = pattern[at : at + 1] in (b"!", b"^")
    at += negated
    found: set[int] = set()
    first, previous = True, None
    while True:
        byte = pattern[at : at + 1]
        if not byte:
            return _NEVER, len(pattern)
        if byte == b"]" and not first:
            break
        first = False
        if byte == b"[" and pattern[at + 1 : at + 2] == b":":
            members, at = _class(pattern, at)
            if members is None:
                return _NEVER, len(pattern)
            found |= members
            previous = None if len(members) != 1 or members != {ord("[")} else ord("[")
            continue
        following = pattern[at + 1 : at + 2]
        if byte == b"-" and previous is not None and following not in (b"", b"]"):
            high, at = _member(pattern, at + 1)
            if high is None:
                return _NEVER, len(pattern)
            found |= set(range(previous, high + 1))
            previous = None
            continue
        member, at = _member(pattern, at)
        if member is None:
            return _NEVER, len(pattern)
        found.add(member)
        previous = member
    matching = (set(range(256)) - found if negated else found) - {ord("/")}
    return (b"[" + b"".join(b"\\x%02x" % byte for byte in sorted(matching)) + b"]") if matching else _NEVER, at + 1


def _member(pattern: bytes, at: int) -> tuple[int | None, int]:
    if pattern[at : at + 1] == b"\\":
        at += 1
    return (pattern[at], at + 1) if at < len(pattern) else (None, at)


def _class(pattern: bytes, at: int) -> tuple[set[int] | None, int]:
    """The bytes of `[:name:]`; of what only begins like it the bracket alone."""
    end = pattern.find(b"]", at + 2)
    if end < 0:
        return None, at
    if end - (at + 2) < 1 or pattern[end - 1 : end] != b":":
        return {ord("[")}, at + 1
    members = _CLASSES.get(pattern[at + 2 : end - 1])
    return (set(members.encode()) if members is not None else None), end + 1
