"""The tokens of IMDSv2: each for one instance, for as long as it asked for."""

from __future__ import annotations

import secrets
import threading
import time

LONGEST_S = 21600


class Tokens:
    """The tokens that were given out and have not run out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, float]] = {}

    def issue(self, instance_id: str, ttl_s: int) -> str:
        """A new token."""
        token = secrets.token_urlsafe(42)
        now = time.monotonic()
        with self._lock:
            self._known = {key: value for key, value in self._known.items() if value[1] > now}
            self._known[token] = instance_id, now + ttl_s
        return token

    def left_s(self, token: str, instance_id: str) -> float:
        """How long the token is still good for that instance, in seconds; 0 when it is not."""
        with self._lock:
            owner, until = self._known.get(token, ("", 0.0))
        return max(0.0, until - time.monotonic()) if owner == instance_id else 0.0


def ttl_of(header: str) -> int | None:
    """The seconds that a request for a token asks for; None where it asks for none or for too many."""
    text = header.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LONGEST_S))):
        return None
    return int(text) if 1 <= int(text) <= LONGEST_S else None
