"""The two directions of a data channel as amazon-ssm-agent keeps them (agent/session/datachannel/datachannel.go)."""

from __future__ import annotations

import time

from runctl.core import session_messages as messages

# agent/session/config/config.go; seconds
_CAPACITY = 100_000
_FIRST_TIMEOUT, _FIRST_ROUND_TRIP = 0.2, 0.1
_GRANULARITY, _LONGEST_TIMEOUT = 0.01, 1.0
_SYN = 1


class Sent:
    """Output that the client has not acknowledged."""

    def __init__(self) -> None:
        self._unacknowledged: dict[int, tuple[bytes, float]] = {}
        self._next = 0
        self._round_trip, self._variation = _FIRST_ROUND_TRIP, 0.0
        self._timeout = _FIRST_TIMEOUT

    def __len__(self) -> int:
        return len(self._unacknowledged)

    def add(self, payload_type: int, payload: bytes) -> bytes:
        frame = messages.pack(messages.OUTPUT, self._next, payload_type, payload, 0 if self._next else _SYN)
        if len(self._unacknowledged) < _CAPACITY:
            self._unacknowledged[self._next] = (frame, time.monotonic())
        self._next += 1
        return frame

    def acknowledge(self, message: messages.Message) -> None:
        """Raises MessageError for an acknowledgement of something that was never sent, or without what belongs in."""
        content = messages.content(message)
        sequence = messages.acknowledged(message)
        if content.get("AcknowledgedMessageType") != messages.OUTPUT or content.get("IsSequentialMessage") is not True:
            raise messages.MessageError(f"a wrong acknowledgement: {content}")
        if sequence >= self._next:
            raise messages.MessageError(f"message {sequence} is acknowledged and was never sent")
        frame, sent = self._unacknowledged.pop(sequence, (b"", 0.0))
        if not frame:
            return
        if content.get("AcknowledgedMessageId") != str(messages.unpack(frame).id):
            raise messages.MessageError(f"message {sequence} is acknowledged with the id of another")
        self._measured(time.monotonic() - sent)

    def overdue(self) -> bytes | None:
        """The oldest message, if it has waited for too long: the agent repeats no other."""
        if not self._unacknowledged:
            return None
        sequence, (frame, sent) = next(iter(self._unacknowledged.items()))
        if time.monotonic() - sent <= self._timeout:
            return None
        self._unacknowledged[sequence] = (frame, time.monotonic())
        return frame

    def _measured(self, round_trip: float) -> None:
        self._variation = 0.75 * self._variation + 0.25 * abs(self._round_trip - round_trip)
        self._round_trip = 0.875 * self._round_trip + 0.125 * round_trip
        self._timeout = min(self._round_trip + max(_GRANULARITY, 4 * self._variation), _LONGEST_TIMEOUT)


class Received:
    """Input, in order. As the agent does, it acknowledges nothing twice."""

    def __init__(self) -> None:
        self.expected = 0
        self._early: dict[int, messages.Message] = {}

    def keep(self, message: messages.Message) -> bool:
        """Keeps a message that came too early; False when there is no room, and it must come again."""
        if len(self._early) >= _CAPACITY:
            return False
        self._early[message.sequence] = message
        return True

    def next_early(self) -> messages.Message | None:
        return self._early.get(self.expected)

    def handled(self) -> None:
        self._early.pop(self.expected, None)
        self.expected += 1
