"""What arrives, in the order in which it was sent, each message once."""

from __future__ import annotations

from typing import NamedTuple

from runctl.core.session_messages import Message

# the plugin's (src/config/config.go)
_CAPACITY = 10_000


class Taken(NamedTuple):
    """What came of a message: what may be handled now, in order, and whether to acknowledge the message."""

    messages: list[Message]
    acknowledge: bool


class Incoming:
    """The receiver's half of the protocol."""

    def __init__(self) -> None:
        self._expected = 0
        self._early: dict[int, Message] = {}

    def take(self, message: Message) -> Taken:
        if message.sequence < self._expected:
            # handled before: its acknowledgement was lost, and without one the agent would go on sending it
            return Taken([], True)
        if message.sequence > self._expected:
            if len(self._early) >= _CAPACITY:
                return Taken([], False)
            self._early[message.sequence] = message
            return Taken([], True)
        ready = [message]
        self._expected += 1
        while self._expected in self._early:
            ready.append(self._early.pop(self._expected))
            self._expected += 1
        return Taken(ready, True)
