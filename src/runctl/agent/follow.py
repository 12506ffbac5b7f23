"""Pushes what happens in a run as one stream of frames, from given offsets, until the run is finished."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import time
from typing import Any, BinaryIO, NamedTuple

from runctl.agent import control, processes, protocol
from runctl.agent.output import offset_of_last_lines, offset_since
from runctl.agent.rundir import RunDir, parse_event

_CHUNK = 1 << 20
_SET_PIPE_SIZE = 1031  # fcntl(2): F_SETPIPE_SZ
_SOONEST_S, _LATEST_S = 0.01, 0.1
_CHECK_AGENT_S = 1.0


class Start(NamedTuple):
    """Where to begin, and whether to wait for more. `tail`: lines; `since`: Unix time in seconds."""

    events_after: int = 0
    output_from: int = 0
    tail: int | None = None
    since: float | None = None
    wait: bool = True


class Follower:
    """One reader of a run folder, writing frames to a descriptor."""

    def __init__(self, run: RunDir, begin: Start, target: int) -> None:
        self._run = run
        self._begin = begin
        self._target = target
        _widen(target)
        self._events_offset = 0
        self._last_event = begin.events_after
        self._output_offset = self._first_offset()
        self._state_stamp: tuple[int, int] | None = None
        self._state: dict[str, Any] = {}

    def follow(self) -> None:
        """Writes frames until the run is finished and all of it was sent, or the reader has gone."""
        hung_up = select.poll()
        hung_up.register(self._target, 0)
        pause, checked_at = _SOONEST_S, time.monotonic()
        while True:
            # the state is read first: what it says was finished is then all there to be sent
            news = self._send_state()
            finished = self._state.get("phase") == protocol.FINISHED
            news = self._send_events() or news
            news = self._send_output() or news
            if finished or not self._begin.wait:
                self._write(protocol.header("end", output=self._output_offset, event=self._last_event))
                return
            pause = _SOONEST_S if news else min(pause * 1.5, _LATEST_S)
            if hung_up.poll(pause * 1000):
                return
            if time.monotonic() - checked_at > _CHECK_AGENT_S:
                checked_at = time.monotonic()
                if not self._run.has_agent():
                    self._settle()

    def _settle(self) -> None:
        """Sees to it that a run without an agent has its end. Where the disk is too full for it, it is told here."""
        settled = control.status(self._run.home, self._run.run_id)
        if settled["phase"] == protocol.FINISHED and not self._send_state():
            self._state = {name: value for name, value in settled.items() if name != "agent"}
            self._write(protocol.header("state", state=self._state))

    def _first_offset(self) -> int:
        begin = self._begin
        if begin.since is not None:
            return offset_since(self._run, begin.since)
        if begin.tail is not None and os.path.exists(self._run.output):
            return offset_of_last_lines(self._run.output, begin.tail)
        return begin.output_from

    def _send_state(self) -> bool:
        stat = os.stat(self._run.state)
        stamp = (stat.st_ino, stat.st_mtime_ns)
        if stamp == self._state_stamp:
            return False
        self._state_stamp = stamp
        self._state = self._run.read_state()
        self._write(protocol.header("state", state=self._state))
        return True

    def _send_events(self) -> bool:
        try:
            with open(self._run.events, "rb") as file:
                file.seek(self._events_offset)
                lines = file.readlines()
        except FileNotFoundError:
            return False
        whole = [line for line in lines if line.endswith(b"\n")]
        self._events_offset += sum(map(len, whole))
        sent = False
        for line in whole:
            event = parse_event(line)
            if event and event["n"] > self._last_event:
                self._last_event = event["n"]
                self._write(protocol.header("event", event=event))
                sent = True
        return sent

    def _send_output(self) -> bool:
        try:
            file = open(self._run.output, "rb")
        except FileNotFoundError:
            return False
        with file:
            # no further than the end there is now: a script that never pauses must not hold up the rest
            end = os.fstat(file.fileno()).st_size
            begin = self._output_offset
            while self._output_offset < end:
                size = min(_CHUNK, end - self._output_offset)
                self._write(protocol.header("output", offset=self._output_offset, size=size))
                self._copy(file, size)
                self._output_offset += size
        return self._output_offset > begin

    def _copy(self, file: BinaryIO, size: int) -> None:
        """Writes the next `size` bytes of the output; on Linux the kernel moves them, and nothing is copied here."""
        start, sent = self._output_offset, 0
        while sent < size:
            if processes.LINUX:
                count = os.sendfile(self._target, file.fileno(), start + sent, size - sent)
            else:
                file.seek(start + sent)
                count = os.write(self._target, file.read(size - sent))
            if not count:
                raise OSError(errno.EIO, "output.log became shorter while it was read", self._run.output)
            sent += count

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._target, view) :]


def _widen(target: int) -> None:
    """Lets a pipe (Linux) hold a whole chunk, so that reader and writer take turns less often."""
    if processes.LINUX:
        try:
            fcntl.fcntl(target, _SET_PIPE_SIZE, _CHUNK)
        except OSError:
            pass  # not a pipe, or the user's share of pipe memory is used up
