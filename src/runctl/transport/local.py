"""This machine, reached through its own file system and processes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from runctl.agent import protocol
from runctl.core import process
from runctl.core.errors import RunctlError


class LocalTransport:
    """Reaches this machine. The agent is started with the interpreter that runs runctl."""

    def __init__(self, home: Path) -> None:
        self.home = str(home)
        self.python = sys.executable
        # a run inside a run is its own: it must not be taken for a part of the outer one
        self._environment = {
            name: value for name, value in os.environ.items() if name not in (protocol.RUN_ID, protocol.RUN_DIR)
        }
        self._environment[protocol.AGENT] = "1"

    def put(self, path: str, data: bytes) -> None:
        import tempfile

        target = Path(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, temporary = tempfile.mkstemp(dir=target.parent)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            Path(temporary).replace(target)
        except OSError as error:
            raise cannot_write(self.home, error) from error

    def exists(self, path: str) -> bool:
        return os.path.exists(path)

    def run(self, command: list[str], stdin: bytes) -> process.Completed:
        return process.run(command, stdin, self._environment)

    def stream(self, command: list[str], stdin: bytes, more_input: bool = False) -> process.Stream:
        return process.Stream(command, stdin, self._environment, more_input)


def cannot_write(home: str, error: OSError) -> RunctlError:
    """The error for a home folder that nothing can be written to."""
    return RunctlError(
        f"cannot write to runctl's folder {home}: {error.strerror}",
        hint="set RUNCTL_HOME to a folder that can be written to",
    )
