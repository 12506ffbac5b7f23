"""From bytes to the drawn lines worth looking at.

A terminal's line is drawn several times: a carriage return or backspaces go back, and the text is drawn anew. Every
such drawing is a line here. Only lines in which a word of training occurs are made at all: to search a whole chunk
for twenty words costs a microsecond a line in the C library, to look at every line in Python many times that.
"""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

# more than this of a line is not looked at
LONGEST = 4096
_LEAST = 64

_TABLE = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ\r\b", b"abcdefghijklmnopqrstuvwxyz\n\n")
_WORDS = (
    *(b"epoch", b"step", b"iter", b"loss", b"acc", b"it/s", b"/it", b"it [", b"%|", b"]\t", b"test:"),
    *(b"learn:", b"score", b"reward", b"rmse", b"auc", b"perplexity", b"ppl", b"f1", b"\xe2\x94\x81", b"bleu"),
    *(b"metrics", b"objective", b"rollout/", b"instances"),
)
_ESCAPES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")
# more than that separates no better, and patterns would look at it more than once
_LONG_GAP = b" " * 40
_GAPS = re.compile(rb"[ \t]{40,}")


class Line(NamedTuple):
    """One drawn line: its text in lower case without escape codes, the text of the line before, and the offset of
    the byte after it."""

    text: str
    before: str
    end: int


class Lines:
    """Cuts a stream of bytes into lines. What it yields does not depend on how the stream is cut."""

    def __init__(self) -> None:
        """`examined`: how many bytes have been looked at closely, a short line counted as 64."""
        self._offset = 0
        self._rest = b""
        self._before = b""
        self.examined = 0
        self.follow = False

    def feed(self, data: bytes) -> Iterator[Line]:
        """Yields the lines that may tell something and are ended by now. While `follow` is set, which whoever takes
        the lines may do in between, every line is yielded."""
        text = self._rest + data.translate(_TABLE)
        end = text.rfind(b"\n") + 1
        position = 0
        for start in [*_starts(text, end), end]:
            while self.follow and position < start:
                stop = text.index(b"\n", position)
                if stop > position:
                    yield self._line(text, position, stop)
                position = stop + 1
            if position <= start < end:
                stop = text.index(b"\n", start)
                yield self._line(text, start, stop)
                position = stop + 1
        self._keep(text, end)

    def pending(self) -> Line | None:
        """The line that nothing has ended yet, as if it ended here; None when there is none, or it is overlong."""
        text = self._rest
        if not 0 < len(text) < LONGEST or not _starts(text + b"\n", len(text) + 1):
            return None
        return Line(_clean(text), _clean(self._before), self._offset + len(text) + 1)

    def skip_to(self, offset: int) -> None:
        """Goes on with the line that begins at `offset`."""
        self._offset, self._rest, self._before, self.follow = offset, b"", b"", False

    def _line(self, text: bytes, start: int, stop: int) -> Line:
        self.examined += max(_LEAST, min(stop - start, LONGEST))
        before = _last_line(text, start) or self._before
        return Line(_clean(text[start : min(stop, start + LONGEST)]), _clean(before[:LONGEST]), self._offset + stop + 1)

    def _keep(self, text: bytes, end: int) -> None:
        self._before = _last_line(text, end)[:LONGEST] or self._before
        # of a line without an end the beginning is kept: the rest of it would not be looked at anyway
        self._rest = text[end : end + LONGEST]
        self._offset += max(end, len(text) - LONGEST)


def _last_line(text: bytes, end: int) -> bytes:
    """The last line before `end`, empty ones passed over."""
    head = text[:end].rstrip(b"\n")
    return head[head.rfind(b"\n") + 1 :]


def _starts(text: bytes, end: int) -> list[int]:
    """Where the lines begin in which a word occurs, in order."""
    starts = set()
    for word in _WORDS:
        position = text.find(word, 0, end)
        while position >= 0:
            start = text.rfind(b"\n", 0, position) + 1
            if position + len(word) <= start + LONGEST:
                starts.add(start)
            position = text.find(word, text.index(b"\n", position), end)
    return sorted(starts)


def _clean(text: bytes) -> str:
    if b"\x1b" in text:
        text = _ESCAPES.sub(b"", text)
    if _LONG_GAP in text:
        text = _GAPS.sub(_LONG_GAP, text)
    return text.decode("utf-8", "replace")
