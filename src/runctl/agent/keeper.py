"""Two processes for one script, so that its end is known though either of them is killed.

The supervisor forks a keeper, the keeper starts the script and waits for it. Is the supervisor killed, the
keeper takes its place; is the keeper killed, the script becomes the supervisor's own child (on Linux, which
lets a process adopt orphans) and is waited for there.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
from typing import Any, Callable, NamedTuple, NoReturn

from runctl.agent import processes, protocol, rundir


class Command(NamedTuple):
    """What to start: arguments, environment, folder, and the descriptor that takes stdout and stderr, which
    is closed once the script has it."""

    arguments: list[str]
    environment: dict[str, str]
    folder: str
    output: int


class Exit(NamedTuple):
    """How a script ended: by an exit code, by a signal, or (both None) in a way nobody saw."""

    code: int | None
    signal: str | None


class StartFailed(Exception):
    """The script could not be started; the message says why."""


def exit_of(status: int) -> Exit:
    """An exit from subprocess's return code: negative for a signal."""
    return Exit(None, protocol.signal_name(-status)) if status < 0 else Exit(status, None)


def recorded_exit(path: str) -> Exit | None:
    """The exit that a keeper left in this file; None when it left none."""
    try:
        return Exit(**rundir.read_json(path))
    except (OSError, ValueError, TypeError):
        return None


class OwnScript:
    """A script that is this process's child: the keeper's view of it after it took over."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        self.identity = processes.Identity(child.pid, processes.start_time(child.pid))

    def poll(self) -> Exit | None:
        """How it ended; None while it runs."""
        status = self._child.poll()
        return None if status is None else exit_of(status)

    def descriptors(self) -> list[int]:
        """Descriptors to wait on for news; none here, its end is seen at the next look."""
        return []

    def left_children(self) -> bool:
        """Whether children of the script may still live."""
        return True


class KeptScript:
    """A script that a keeper waits for: the supervisor's view of it."""

    def __init__(self, command: Command, record: str, take_over: Callable[[OwnScript], None]) -> None:
        """Starts it. `take_over` is called in the keeper when this process is gone. Raises StartFailed."""
        processes.adopt_orphans()
        self._report, report = os.pipe()
        ours, self._life = os.pipe()
        self._record = record
        self._keeper = os.fork()
        if self._keeper == 0:
            os.close(self._report)
            os.close(self._life)
            _keep(command, record, report, ours, take_over)
        os.close(report)
        os.close(ours)
        os.close(command.output)
        self._lines = b""
        self._statuses: dict[int, int] = {}
        self._ended: Exit | None = None
        self._orphaned = False
        first = self._read_line()
        if "error" in first:
            raise StartFailed(first["error"])
        self.identity = processes.Identity(**first)
        os.set_blocking(self._report, False)

    def poll(self) -> Exit | None:
        """How it ended; None while it runs."""
        if self._ended is None:
            self._reap()
            self._ended = self._poll_orphan() if self._orphaned else self._poll_keeper()
        return self._ended

    def descriptors(self) -> list[int]:
        """Descriptors to wait on for news."""
        return [] if self._orphaned else [self._report]

    def left_children(self) -> bool:
        """Whether children of the script may still live: where orphans are adopted, this process has them."""
        return self._reap() or not processes.LINUX

    def _reap(self) -> bool:
        """Takes note of the children that ended, adopted orphans included. Whether any is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid in (self._keeper, self.identity.pid):
                self._statuses[pid] = status

    def _poll_keeper(self) -> Exit | None:
        try:
            data = os.read(self._report, 4096)
        except BlockingIOError:
            return None
        self._lines += data
        if data and not self._lines.endswith(b"\n"):
            return None
        if self._keeper not in self._statuses:
            os.waitpid(self._keeper, 0)
        if self._lines:
            return Exit(**json.loads(self._lines))
        self._orphaned = True
        return self._poll_orphan()

    def _poll_orphan(self) -> Exit | None:
        # looked at before it is reaped: otherwise it could end between the two, and be taken for unseen
        lives = self.identity.lives()
        self._reap()
        status = self._statuses.get(self.identity.pid)
        if status is not None:
            return exit_of(-os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
        # the keeper may have been killed between writing down what it saw and reporting it
        return None if lives else recorded_exit(self._record) or Exit(None, None)

    def _read_line(self) -> Any:
        # a quick script's end may be reported by now too: it is kept for `poll`
        while b"\n" not in self._lines:
            more = os.read(self._report, 4096)
            if not more:
                raise StartFailed("the agent's keeper process was killed while it started the script")
            self._lines += more
        line, _, self._lines = self._lines.partition(b"\n")
        return json.loads(line)


def _keep(command: Command, record: str, report: int, life: int, take_over: Callable[[OwnScript], None]) -> NoReturn:
    """The keeper's whole life, in the forked process."""
    try:
        news, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        script = _start(command, report)
        if script is None:
            os._exit(0)
        os.close(command.output)
        while True:
            ended = script.poll()
            if ended is not None:
                _tell(record, report, ended)
                os._exit(0)
            ready, _, _ = select.select([news, life], [], [])
            if life in ready:
                break
            os.read(news, 4096)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        take_over(script)
    finally:
        os._exit(1)


def _start(command: Command, report: int) -> OwnScript | None:
    try:
        child = subprocess.Popen(
            command.arguments,
            env=command.environment,
            cwd=command.folder,
            stdin=subprocess.DEVNULL,
            stdout=command.output,
            stderr=command.output,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        _report(report, {"error": str(error)})
        return None
    script = OwnScript(child)
    _report(report, script.identity._asdict())
    return script


def _tell(record: str, report: int, ended: Exit) -> None:
    """Leaves the exit in the run folder, for whoever settles the run if the supervisor dies now, and reports it."""
    try:
        rundir.write_json(record, ended._asdict())
    except OSError:
        pass  # a full disk: the supervisor is told all the same
    _report(report, ended._asdict())


def _report(report: int, document: dict[str, Any]) -> None:
    try:
        os.write(report, json.dumps(document).encode() + b"\n")
    except BrokenPipeError:
        pass  # the supervisor was killed: the keeper takes over, or has left the exit in the run folder
