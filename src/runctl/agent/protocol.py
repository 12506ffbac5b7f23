"""What client and agent agree on: versions, phases, outcomes, and the frames of the follow stream.

A frame is one line of JSON with a `frame` field; an `output` frame is followed by `size` raw bytes, so
that a script's output travels unchanged. Frames: `event`, `state`, `output`, `end`.
"""

from __future__ import annotations

import json
import signal as signals
from typing import Any, BinaryIO, Iterator, NamedTuple

SCHEMA = 1

QUEUED, PREPARING, RUNNING, SAVING, FINISHED = "queued", "preparing", "running", "saving", "finished"
PHASES = (QUEUED, PREPARING, RUNNING, SAVING, FINISHED)

SUCCEEDED, FAILED, STOPPED = "succeeded", "failed", "stopped"
INTERRUPTED, OVER_LIMIT = "interrupted", "over_limit"
OUTCOMES = (SUCCEEDED, FAILED, STOPPED, INTERRUPTED, OVER_LIMIT)

# where a script is, in a line of metrics; every other name there is a metric
POSITION = ("step", "epoch", "total_steps", "total_epochs")

# requests that `runctl.agent.volumes` answers
ABOUT_VOLUMES = ("volumes", "mount", "unmount", "freeze", "warm", "grow")

# what the agent's own exit code says to the client that called it
EXIT_ERROR, EXIT_NOT_FOUND, EXIT_REFUSED = 1, 4, 3

# set for every script; how the processes of a run are told from all others
RUN_ID, RUN_DIR, ATTEMPT, METRICS = "RUNCTL_RUN_ID", "RUNCTL_RUN_DIR", "RUNCTL_ATTEMPT", "RUNCTL_METRICS"
# set for the agent itself: a run started inside a run is not part of the outer one
AGENT = "RUNCTL_AGENT"


class Frame(NamedTuple):
    """One frame: its header, and the raw bytes of an `output` frame."""

    kind: str
    header: dict[str, Any]
    payload: bytes


def header(kind: str, **fields: Any) -> bytes:
    """The header line of a frame."""
    return json.dumps({"frame": kind, **fields}).encode() + b"\n"


def read_frames(stream: BinaryIO) -> Iterator[Frame]:
    """Yields the frames of a stream until it ends; a frame cut short by a lost connection is dropped."""
    while True:
        line = stream.readline()
        if not line.endswith(b"\n"):
            return
        fields = json.loads(line)
        payload = b""
        if fields["frame"] == "output":
            payload = stream.read(fields["size"])
            if len(payload) < fields["size"]:
                return
        yield Frame(fields["frame"], fields, payload)


def signal_name(number: int) -> str:
    """`SIGTERM` for 15; `SIG34` for a real-time signal, which has no name of its own."""
    try:
        return signals.Signals(number).name
    except ValueError:
        return "SIG%d" % number
