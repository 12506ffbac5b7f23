"""Hides secret values in a stream of bytes, also where a value is split between two reads."""

from __future__ import annotations

import re

MASK = b"***"


class Masker:
    """Replaces every secret value by `***`. With no secrets it passes everything on unchanged."""

    def __init__(self, secrets: list[str]) -> None:
        values = sorted({secret.encode("utf-8", "surrogateescape") for secret in secrets if secret}, key=len)
        # the longest first: a value that begins with another is hidden whole
        self._pattern = re.compile(b"|".join(re.escape(value) for value in reversed(values))) if values else None
        self._values = values
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """What may be shown now. Bytes at the end that may begin a secret are held until more is known."""
        if self._pattern is None:
            return data
        text = self._held + data
        cut = self._safe_cut(text)
        self._held = text[cut:]
        return self._pattern.sub(MASK, text[:cut])

    def finish(self) -> bytes:
        """What was held back, when nothing more will come."""
        held, self._held = self._held, b""
        return held if self._pattern is None else self._pattern.sub(MASK, held)

    def text(self, text: str) -> str:
        """A whole text with its secrets hidden."""
        if self._pattern is None:
            return text
        return self._pattern.sub(MASK, text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def _safe_cut(self, text: bytes) -> int:
        """Where `text` may be cut so that no secret, whole or begun, lies across the cut."""
        assert self._pattern is not None
        cut = len(text) - self._beginning_at_end(text)
        for match in self._pattern.finditer(text):
            if match.start() < cut < match.end():
                cut = len(text) - self._beginning_at_end(text[match.end() :])
        return cut

    def _beginning_at_end(self, text: bytes) -> int:
        """How many bytes at the end of `text` are the beginning, not the whole, of some secret."""
        longest = min(len(text), max(len(value) for value in self._values) - 1)
        for size in range(longest, 0, -1):
            tail = text[len(text) - size :]
            if any(len(value) > size and value.startswith(tail) for value in self._values):
                return size
        return 0
