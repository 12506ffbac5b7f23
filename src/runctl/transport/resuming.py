"""Reading on over connections that get lost: each new one goes on where the last one ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from runctl.agent import protocol
from runctl.core.errors import UnreachableError
from runctl.transport.agent_client import AgentClient

T = TypeVar("T")
# is told of a lost connection, and in how many seconds another one is tried
Lost = Callable[[UnreachableError, float], None]
_PATIENCE_S = 3600
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0


def follow_resuming(client: AgentClient, run_id: str, lost: Lost, **start: Any) -> Iterator[protocol.Frame]:
    """Yields a run's frames as `AgentClient.follow` does, each event and each byte of output once, whatever happens to
    the connection; a state may come again. Raises as `resuming` does."""

    def frames() -> Iterator[protocol.Frame]:
        nonlocal start
        for frame in client.follow(run_id, **start):
            start = _after(start, frame)
            yield frame

    return resuming(frames, lost)


def resuming(
    connect: Callable[[], Iterator[T]],
    lost: Lost,
    patience_s: float = _PATIENCE_S,
    pause: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> Iterator[T]:
    """Yields what `connect` yields, which is called again, after growing pauses, when it raises UnreachableError.

    Raises UnreachableError when nothing came for `patience_s` seconds.
    """
    pause_s, since = _FIRST_PAUSE_S, now()
    while True:
        try:
            for item in connect():
                yield item
                pause_s, since = _FIRST_PAUSE_S, now()
            return
        except UnreachableError as error:
            if now() - since + pause_s > patience_s:
                raise
            lost(error, pause_s)
            pause(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def _after(start: dict[str, Any], frame: protocol.Frame) -> dict[str, Any]:
    """Where to begin again after `frame` was seen."""
    if frame.kind == "event":
        return {**start, "events_after": frame.header["event"]["n"]}
    if frame.kind == "output":
        place = {**start, "output_from": frame.header["offset"] + frame.header["size"]}
        return {name: value for name, value in place.items() if name not in ("tail", "since")}
    return start
