"""The one place where the client starts processes: argument lists only, never a shell."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from typing import BinaryIO, NamedTuple, NoReturn, cast

from runctl.core.errors import RunctlError


class Completed(NamedTuple):
    """How a process ended: exit code (negative for a signal), stdout and stderr as bytes."""

    code: int
    stdout: bytes
    stderr: bytes


def run(command: list[str], stdin: bytes = b"", environment: dict[str, str] | None = None) -> Completed:
    """Runs a process to its end. Raises RunctlError when it can't be started."""
    process = _start(command, environment)
    stdout, stderr = process.communicate(stdin)
    return Completed(process.returncode, stdout, stderr)


def run_leaving(command: list[str]) -> Completed:
    """Runs a process to its end that leaves another behind, which may keep its stderr open for as long as it likes.
    There is no stdin, and stdout is dropped. Raises RunctlError when it can't be started."""
    import tempfile

    with tempfile.TemporaryFile() as messages:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=messages, start_new_session=True
            )
        except OSError as error:
            raise cannot_start(command, error) from error
        try:
            code = process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
        messages.seek(0)
        return Completed(code, b"", messages.read())


def become(command: list[str]) -> NoReturn:
    """Makes this process another program, which then has its terminal, its descriptors and its exit code.
    Raises RunctlError when it can't be started."""
    try:
        os.execvp(command[0], command)
    except OSError as error:
        raise cannot_start(command, error) from error


class Stream:
    """A running process whose stdout is read while it goes on; in a session of its own, so that Ctrl-C in the
    terminal reaches the reader alone. Leaving the `with` block ends it. With `more_input` its stdin stays open after
    `stdin` for what is sent later."""

    def __init__(
        self, command: list[str], stdin: bytes, environment: dict[str, str] | None = None, more_input: bool = False
    ) -> None:
        self._process = _start(command, environment)
        assert self._process.stdin is not None and self._process.stdout is not None
        self._stdout = cast(BinaryIO, self._process.stdout)
        try:
            self.send(stdin)
            if not more_input:
                self.end_input()
        except BrokenPipeError:
            pass  # it failed at once; `result` says why

    @property
    def stdout(self) -> BinaryIO:
        """What it prints."""
        return self._stdout

    def send(self, data: bytes | bytearray | memoryview) -> None:
        """Writes to its stdin, at the pace at which it reads. Raises BrokenPipeError when it has ended; `result` says
        why."""
        assert self._process.stdin is not None
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def end_input(self) -> None:
        """Ends its stdin. Raises BrokenPipeError."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def result(self) -> Completed:
        """Waits for the end, after stdout was read to its own. Returns exit code and stderr."""
        assert self._process.stderr is not None
        stderr = self._process.stderr.read()
        return Completed(self._process.wait(), b"", stderr)

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with suppress(BrokenPipeError):
                if pipe:
                    pipe.close()
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait()


def _start(command: list[str], environment: dict[str, str] | None) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        raise cannot_start(command, error) from error


def cannot_start(command: list[str], error: OSError) -> RunctlError:
    """The error for a program that can't be started."""
    return RunctlError(f"cannot start {command[0]}: {error.strerror}")
