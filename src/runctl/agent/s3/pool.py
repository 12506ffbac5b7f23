"""Connections that are kept for the next request."""

from __future__ import annotations

import threading
import time
from typing import Dict, List, Optional

from runctl.agent.s3.dialing import Server
from runctl.agent.s3.wire import Wire

# firewalls forget connections without a word
_LONGEST_IDLE_S = 30.0
# after so long it is worth a look whether it was closed
_FRESH_S = 1.0


class Pool:
    """Thread-safe. What was used last is used next, so that no more connections stay open than are needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: Dict[Server, List[Wire]] = {}

    def take(self, server: Server) -> Optional[Wire]:
        """An open connection, or None."""
        while True:
            with self._lock:
                idle = self._idle.get(server)
                if not idle:
                    return None
                wire = idle.pop()
            unused_s = time.monotonic() - wire.used_at
            if unused_s < _FRESH_S or (unused_s < _LONGEST_IDLE_S and wire.is_quiet()):
                return wire
            wire.close()

    def give(self, server: Server, wire: Wire) -> None:
        """Keeps `wire`, whose last answer has been read, or closes it where it can't be used again."""
        if not wire.reusable:
            wire.close()
            return
        wire.used_at = time.monotonic()
        with self._lock:
            self._idle.setdefault(server, []).append(wire)

    def __del__(self) -> None:
        """A client that nobody has any more needs no close()."""
        self.close()

    def close(self) -> None:
        """Closes what is idle."""
        with self._lock:
            idle, self._idle = self._idle, {}
        for wires in idle.values():
            for wire in wires:
                wire.close()
