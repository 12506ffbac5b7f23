"""How a machine is reached. Three methods; everything else is built on them."""

from __future__ import annotations

from typing import Protocol

from runctl.core.process import Completed, Stream


class Transport(Protocol):
    """A way to a machine. `home` is runctl's folder there, `python` an interpreter that can run the agent."""

    home: str
    python: str

    def put(self, path: str, data: bytes) -> None:
        """Writes a file whole; readers never see a part of it. Raises RunctlError."""

    def exists(self, path: str) -> bool:
        """Whether there is a file of this path. Raises RunctlError when the machine can't be reached."""

    def run(self, command: list[str], stdin: bytes) -> Completed:
        """Runs a command to its end, with exactly these arguments. Raises RunctlError when it can't start."""

    def stream(self, command: list[str], stdin: bytes, more_input: bool = False) -> Stream:
        """Runs a command whose output is read while it goes on; with `more_input` its stdin stays open after `stdin`.
        Raises RunctlError when it can't start."""
