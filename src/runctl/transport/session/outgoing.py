"""What was sent and not yet acknowledged, and when it must be sent again."""

from __future__ import annotations

from runctl.core import session_messages as messages

# Messages on the way, so that a slow channel slows the reader of stdin. Those that were repeated do not count: their
# acknowledgement may never come, and if they closed the window, nothing would come after them that shows so.
WINDOW = 512
_MOST = 4 * WINDOW
# seconds; the plugin's figures (src/config/config.go) with wider limits, for fewer needless repetitions
_FIRST_ROUND_TRIP, _FLOOR, _CEILING = 0.1, 0.2, 4.0
_LONGEST_TIMEOUT = 8.0
_MOST_AT_ONCE = 16
# Agents drop a message that they have already, and do not acknowledge it again. When so many repetitions passed through
# without an acknowledgement, the first one's was lost. A repetition passed through when a message that was sent right
# after it (in seconds) was acknowledged.
_ENOUGH_REPETITIONS = 3
_RIGHT_AFTER = 0.05


class _Pending:
    __slots__ = ("frame", "lost", "passed", "passed_times", "repeated", "sent", "timeout")

    def __init__(self, frame: bytes, now: float, timeout: float) -> None:
        self.frame = frame
        self.sent = now
        self.timeout = timeout
        self.repeated = False
        self.passed = False  # the last repetition did
        self.passed_times = 0
        self.lost = False  # sent over a connection that is no more


class Outgoing:
    """The sender's half of the protocol. Times are seconds of any steady clock."""

    def __init__(self) -> None:
        self._pending: dict[int, _Pending] = {}
        self._next = 0
        self._repeated: dict[int, _Pending] = {}
        self._round_trip, self._variation = _FIRST_ROUND_TRIP, 0.0
        self._timeout = _FLOOR
        self._answered = 0.0
        self._connected = 0.0

    def __len__(self) -> int:
        return len(self._pending)

    @property
    def full(self) -> bool:
        return len(self._pending) - len(self._repeated) >= WINDOW or len(self._pending) >= _MOST

    def add(self, payload_type: int, payload: bytes, now: float) -> bytes:
        """The next message of the stream, to be sent now."""
        frame = messages.pack(messages.INPUT, self._next, payload_type, payload)
        if not self._pending:
            self._answered = now
        self._pending[self._next] = _Pending(frame, now, self._timeout)
        self._next += 1
        return frame

    def acknowledge(self, sequence: int, now: float) -> None:
        pending = self._pending.pop(sequence, None)
        if pending is None:
            return
        self._answered = now
        self._repeated.pop(sequence, None)
        for other in self._repeated.values():
            other.passed = other.passed or 0 <= pending.sent - other.sent <= _RIGHT_AFTER
        if not pending.repeated:  # else nobody knows which sending was acknowledged
            self._measured(now - pending.sent)

    def silent_for(self, now: float) -> float:
        """How long something has been waiting and nothing was acknowledged over the present connection."""
        return now - max(self._answered, self._connected) if self._pending else 0.0

    def unanswered_for(self, now: float) -> float:
        """How long something has been waiting and nothing was acknowledged over any connection."""
        return now - self._answered if self._pending else 0.0

    def connected(self, now: float) -> None:
        """There is a new connection: what is not acknowledged may have been lost with the old one."""
        self._connected = now
        for pending in self._pending.values():
            pending.lost, pending.timeout = True, self._timeout

    def due(self, now: float) -> list[bytes]:
        """What to send again, oldest first: all that a connection may have taken with it, and a few that have waited
        for too long. (The plugin repeats the oldest alone, and is stuck when that one's acknowledgement was lost.)"""
        again = []
        for sequence, pending in list(self._pending.items()):
            if pending.lost:
                again.append(self._repeat(sequence, pending, now))
            elif now >= pending.sent + pending.timeout and len(again) < _MOST_AT_ONCE:
                pending.passed_times += pending.passed
                if pending.passed_times >= _ENOUGH_REPETITIONS:
                    del self._pending[sequence], self._repeated[sequence]
                    continue
                pending.timeout = min(pending.timeout * 2, _LONGEST_TIMEOUT)
                again.append(self._repeat(sequence, pending, now))
        return again

    def _repeat(self, sequence: int, pending: _Pending, now: float) -> bytes:
        self._repeated[sequence] = pending
        pending.sent, pending.repeated, pending.lost, pending.passed = now, True, False, False
        return pending.frame

    def _measured(self, round_trip: float) -> None:
        self._variation += (abs(self._round_trip - round_trip) - self._variation) / 4
        self._round_trip += (round_trip - self._round_trip) / 8
        self._timeout = min(max(self._round_trip + 4 * self._variation, _FLOOR), _CEILING)
