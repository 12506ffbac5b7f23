"""Runs the programs that fill a folder with an environment, and makes sure that it is whole or not there."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import time
from collections import deque
from contextlib import contextmanager, suppress
from typing import Any, Callable, Iterator, Sequence

Report = Callable[[str], None]
Stop = Callable[[], bool]

MARKER = ".complete"
TAIL_LINES = 40
POLL_SECONDS = 0.1
LONGEST_LINE = 4000
# variables that would lead an installer into another environment than the one it is told to make
MISLEADING = (
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "PYTHONHOME",
    "PIP_USER",
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_ROOT",
    "UV_SYSTEM_PYTHON",
    "UV_PROJECT",
    "UV_PROJECT_ENVIRONMENT",
)
SETTINGS = {
    "PIP_NO_INPUT": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_PROGRESS_BAR": "off",
    "PIP_REQUIRE_VIRTUALENV": "0",
    "UV_NO_PROGRESS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "PYTHONUNBUFFERED": "1",
}
LEAST_FREE_BYTES = 1024 * 1024
NO_SPACE = re.compile(r"No space left on device|Disk quota exceeded|os error 28\b|Errno 28\b")
NO_VENV = re.compile(r"ensurepip is not|No module named '?(venv|ensurepip)")
PROBE = "import json, sys; print(json.dumps(['%d.%d.%d' % sys.version_info[:3], sys.executable]))"


class EnvironmentFailed(Exception):
    """The environment can't be made: `message` says why, `output` is the end of what the installer wrote."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.output = output


class Stopped(Exception):
    """`stopped()` became true before the environment was made."""


def complete(home: str) -> str | None:
    """The interpreter of the environment in `home`, if it was finished there and its Python is unchanged."""
    try:
        with open(os.path.join(home, MARKER), encoding="utf-8") as file:
            marker = json.load(file)
        python = interpreter_in(home)
        return python if marker == _identity(python) else None
    except (OSError, ValueError):
        return None


def interpreter_in(home: str) -> str:
    return os.path.join(home, "bin", "python")


def _identity(python: str) -> dict[str, Any]:
    """What changes when an environment's Python is upgraded, removed, or the environment is moved."""
    about = os.stat(python)
    return {
        "python": python,
        "executable": os.path.realpath(python),
        "size": about.st_size,
        "modified_ns": about.st_mtime_ns,
    }


class Installer:
    """Runs the programs that fill one folder with an environment."""

    def __init__(self, environment: dict[str, Any], home: str, report: Report, stopped: Stop) -> None:
        self.environment = environment
        self.home = home
        self.report = report
        self.stopped = stopped
        self._folder = os.path.dirname(os.path.join(environment["root"], environment["source"]))
        self._lock = -1

    def make(self, install: Callable[[], None]) -> str:
        """Makes the environment unless another run does so meanwhile. Returns its interpreter."""
        python = interpreter_in(self.home)
        try:
            with self._locked():
                if not complete(self.home):
                    self._make_anew(install)
        except OSError as error:
            raise EnvironmentFailed(_reason(error, self.home)) from error
        return python

    def _make_anew(self, install: Callable[[], None]) -> None:
        _remove(self.home)
        try:
            install()
            content = json.dumps(_identity(interpreter_in(self.home)))
            temporary = os.path.join(self.home, MARKER + ".new")
            with open(temporary, "w", encoding="utf-8") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, os.path.join(self.home, MARKER))
        except BaseException:
            shutil.rmtree(self.home, ignore_errors=True)
            raise

    @contextmanager
    def _locked(self) -> Iterator[None]:
        os.makedirs(os.path.dirname(self.home), exist_ok=True)
        self._lock = os.open(self.home + ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            waiting = False
            while not _try_lock(self._lock):
                if not waiting:
                    self.report("waiting for another run that prepares the same environment")
                    waiting = True
                self._raise_if_stopped()
                time.sleep(POLL_SECONDS)
            yield
        finally:
            os.close(self._lock)

    def listed(self, requirements: list[str]) -> str:
        """The path of a requirements file that holds `requirements`."""
        path = os.path.join(self.home, "requirements.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in requirements))
        return path

    def probe(self, python: str) -> tuple[str, str]:
        """(version, executable) of an interpreter; `python` may be a pyenv shim, the executable is none."""
        lines: list[str] = []
        try:
            self.run([python, "-I", "-c", PROBE], lines.append)
            version, executable = json.loads(lines[-1])
        except (EnvironmentFailed, IndexError, ValueError) as error:
            output = "\n".join(lines)
            raise EnvironmentFailed("%s does not answer as Python 3 does" % python, output) from error
        return version, executable

    def make_venv(self, python: str, version: str) -> None:
        try:
            self.run([python, "-m", "venv", self.home])
        except EnvironmentFailed as error:
            if not NO_VENV.search(error.output):
                raise
            package = "python%s-venv" % version.rpartition(".")[0]
            raise EnvironmentFailed(
                "%s can't make environments: its venv module is not installed. On Debian and Ubuntu: "
                "apt install %s" % (python, package),
                error.output,
            ) from error

    def run(self, words: list[str], report: Report | None = None, **variables: str) -> None:
        """Runs one program in the source's folder. Raises EnvironmentFailed unless it exits with 0."""
        self._raise_if_stopped()
        process = self._started(words, variables)
        tail: deque[str] = deque(maxlen=TAIL_LINES)
        try:
            for line in self._lines(process):
                tail.append(line)
                (report or self.report)(line)
        except BaseException:
            _kill_group(process)
            raise
        if process.returncode != 0:
            message = _failure(words, process.returncode, tail)
            if _is_full(self.home) or any(NO_SPACE.search(line) for line in tail):
                message = "no space was left on the disk: " + message
            raise EnvironmentFailed(message, "\n".join(tail))

    def _started(self, words: list[str], variables: dict[str, str]) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                words,
                cwd=self._folder,
                env=_installer_variables(variables),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # an installer that outlives a killed agent keeps the lock: nobody else builds in its place
                pass_fds=[self._lock],
            )
        except OSError as error:
            raise EnvironmentFailed("%s can't be started in %s: %s" % (words[0], self._folder, error)) from error

    def _lines(self, process: subprocess.Popen[bytes]) -> Iterator[str]:
        """The program's output until it has ended, even if what it left behind keeps the pipe open."""
        assert process.stdout
        rest = b""
        with process.stdout as pipe, selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while True:
                self._raise_if_stopped()
                ended = process.poll() is not None
                chunk = b""
                if selector.select(0 if ended else POLL_SECONDS):
                    chunk = os.read(pipe.fileno(), 65536)
                    if not chunk:
                        break
                elif ended:
                    break
                *whole, rest = re.split(rb"[\r\n]+", rest + chunk)
                if len(rest) > LONGEST_LINE:
                    whole, rest = [*whole, rest], b""
                for line in whole:
                    if line.strip():
                        yield line[:LONGEST_LINE].decode("utf-8", "replace").rstrip()
        if rest.strip():
            yield rest.decode("utf-8", "replace").rstrip()
        while process.poll() is None:
            self._raise_if_stopped()
            time.sleep(POLL_SECONDS)

    def _raise_if_stopped(self) -> None:
        if self.stopped():
            raise Stopped()


def _installer_variables(more: dict[str, str]) -> dict[str, str]:
    variables = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    variables.update(SETTINGS)
    variables.update(more)
    return variables


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    # one that was waited for has given its id back, which may be another's by now
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _remove(home: str) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(home)


def _is_full(home: str) -> bool:
    """Whether the disk is full; `python -m venv` does not say that it failed because of that."""
    try:
        disk = os.statvfs(home)
    except OSError:
        return False
    no_files = disk.f_files > 0 and disk.f_favail == 0
    return no_files or disk.f_bavail * disk.f_frsize < LEAST_FREE_BYTES


def _reason(error: OSError, home: str) -> str:
    cache = os.path.dirname(home)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "no space is left for environments in %s" % cache
    return "environments can't be kept in %s: %s" % (cache, error.strerror or error)


def _failure(words: list[str], code: int, tail: Sequence[str]) -> str:
    program = " ".join([os.path.basename(words[0]), *words[1:4]])
    if code < 0:
        return "`%s …` was killed by signal %d" % (program, -code)
    return "`%s …` failed with exit code %d: %s" % (program, code, tail[-1] if tail else "it wrote nothing")
