"""A long command of Docker's (pull, build), whose lines are reported, and which ends when the run is stopped."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import time
from collections import deque
from typing import Callable, Deque, Iterator, List, Mapping, NamedTuple

from runctl.agent.installer import Stopped

_POLL_S = 0.1
_LONGEST_LINE = 4000
_TAIL_LINES = 40
_ENDS_WITHIN_S = 5.0
_COLORS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Watched(NamedTuple):
    """How a command ended: its exit code, and its last lines."""

    code: int
    tail: str


def watch(
    command: List[str], variables: Mapping[str, str], report: Callable[[str], None], stopped: Callable[[], bool]
) -> Watched:
    """Runs a command to its end. Raises `runctl.agent.installer.Stopped` when `stopped` says so, once it has ended."""
    process = subprocess.Popen(
        command,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    tail: Deque[str] = deque(maxlen=_TAIL_LINES)
    try:
        for line in _lines(process, stopped):
            tail.append(line)
            report(line)
    except BaseException:
        _end(process)
        raise
    return Watched(process.returncode, "\n".join(tail))


def _lines(process: subprocess.Popen[bytes], stopped: Callable[[], bool]) -> Iterator[str]:
    assert process.stdout
    rest = b""
    with process.stdout as pipe:
        while True:
            if stopped():
                raise Stopped
            if not select.select([pipe], [], [], _POLL_S)[0]:
                continue
            chunk = os.read(pipe.fileno(), 1 << 16)
            *whole, rest = re.split(rb"[\r\n]+", rest + chunk)
            if not chunk or len(rest) > _LONGEST_LINE:
                whole, rest = [*whole, rest], b""
            for line in whole:
                text = _COLORS.sub("", line[:_LONGEST_LINE].decode("utf-8", "replace")).rstrip()
                if text.strip():
                    yield text
            if not chunk:
                break
    process.wait()


def _end(process: subprocess.Popen[bytes]) -> None:
    """A builder is told to end: when its command is killed instead, BuildKit goes on by itself."""
    if process.poll() is not None:
        return
    _signal_group(process.pid, signal.SIGINT)
    deadline = time.monotonic() + _ENDS_WITHIN_S
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    if process.poll() is None:
        _signal_group(process.pid, signal.SIGKILL)
        process.wait()


def _signal_group(leader: int, number: signal.Signals) -> None:
    try:
        os.killpg(leader, number)
    except PermissionError:
        # what sudo has started is root's
        subprocess.run(["sudo", "-n", "kill", "-%d" % number, "--", "-%d" % leader], check=False)
    except ProcessLookupError:
        return
