"""The one place where the sandbox calls Docker: its command line, whichever engine that is set to."""

from __future__ import annotations

from runctl.core import process
from runctl.core.errors import RunctlError
from runctl.core.process import Completed, Stream
from runctl.sandbox.model import SandboxError

SANDBOX_LABEL = "runctl.sandbox"
INSTANCE_LABEL = "runctl.instance"


def docker(*words: str, stdin: bytes = b"") -> str:
    """What `docker WORDS…` prints, stripped. Raises SandboxError with Docker's own message."""
    done = attempt(*words, stdin=stdin)
    if done.code:
        raise SandboxError(f"docker {words[0]}: {_message(done)}")
    return done.stdout.decode(errors="replace").strip()


def attempt(*words: str, stdin: bytes = b"") -> Completed:
    """How `docker WORDS…` ends. Raises SandboxError when there is no `docker` to start."""
    try:
        return process.run(["docker", *words], stdin)
    except RunctlError as error:
        raise SandboxError(error.message) from error


class Following(Stream):
    """A running `docker WORDS…`, whose output another thread reads. It ends with the thread that started it, however
    that one ends."""

    def __init__(self, *words: str) -> None:
        super().__init__(["setpriv", "--pdeathsig", "TERM", "docker", *words], b"")

    def end(self) -> None:
        """Ends it; the reader comes to the end of stdout."""
        self._process.terminate()


def with_label(label: str, value: str, kind: str) -> list[str]:
    """Ids of all objects of a kind (container, volume) that carry a label, running or not."""
    everything = ["--all"] if kind == "container" else []
    return docker(kind, "ls", "--quiet", *everything, "--filter", f"label={label}={value}").split()


def remove_containers(names: list[str]) -> None:
    """Removes containers, running or not, and their anonymous volumes; silent about those that are not there, or that
    another process is removing at this moment. Raises SandboxError."""
    done = attempt("rm", "--force", "--volumes", *names)
    if done.code and b"is already in progress" not in done.stderr:
        raise SandboxError(f"docker rm: {_message(done)}")


def _message(done: Completed) -> str:
    text = done.stderr.decode(errors="replace").strip() or f"exit code {done.code}"
    return text.removeprefix("Error response from daemon: ")
