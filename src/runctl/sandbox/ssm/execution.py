"""A shell script in a host: as root, in its namespaces, with a limit on its time."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import NamedTuple

from runctl.sandbox.ssm.fleet import alive

# what AWS keeps of a command's output, in characters (GetCommandInvocation)
STDOUT_KEPT, STDERR_KEPT = 24_000, 8_000
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Ending(NamedTuple):
    """How a command ended on an instance, in AWS's words, and when (Unix time)."""

    status: str
    details: str
    at: float
    exit_code: int = -1
    stdout: str = ""
    stderr: str = ""


class Execution:
    """A running script. `finish` is called once, `cancel` from any thread."""

    def __init__(self, pid: int, script: str, folder: str) -> None:
        self._cancelled = threading.Event()
        self._init = pid
        self._process = subprocess.Popen(
            ["nsenter", "-t", str(pid), "-m", "-u", "-i", "-n", "-p", "--", "sh", "-c", _RUN, "sh", folder, script],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(pid),
            start_new_session=True,
        )

    def cancel(self) -> None:
        """Kills the script and what it started in its process group, as the agent does."""
        self._cancelled.set()
        self._kill()

    def finish(self, limit_s: float) -> Ending | None:
        """Waits for the end, at most `limit_s` seconds. None when the host went away before."""
        timed_out = False
        try:
            stdout, stderr = self._process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            timed_out = True
            self._kill()
            stdout, stderr = self._process.communicate()
        code = self._process.returncode
        if code < 0 and not alive(self._init):
            return None
        status, details = self._status(timed_out, code)
        return Ending(
            status,
            details,
            time.time(),
            code if code >= 0 else 128 - code,
            stdout.decode("utf-8", "replace")[:STDOUT_KEPT],
            stderr.decode("utf-8", "replace")[:STDERR_KEPT],
        )

    def _status(self, timed_out: bool, code: int) -> tuple[str, str]:
        if self._cancelled.is_set():
            return "Cancelled", "Cancelled"
        if timed_out:
            return "TimedOut", "ExecutionTimedOut"
        return ("Failed", "Failed") if code else ("Success", "Success")

    def _kill(self) -> None:
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it has just ended


_RUN = 'cd -- "$1" && exec sh -c "$2"'


def _environment(pid: int) -> dict[str, str]:
    """The environment that the host was booted with."""
    entries = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    pairs = [entry.decode("utf-8", "surrogateescape").partition("=") for entry in entries if entry]
    return {"PATH": _PATH, "HOME": "/root", **{name: value for name, _, value in pairs}}
