"""Runs commands as root, their output where all output of user data goes."""

from __future__ import annotations

import subprocess
from pathlib import Path


def run(command: list[str]) -> None:
    """Runs a command to its end. Raises CommandFailed."""
    try:
        code = subprocess.run(command, stdin=subprocess.DEVNULL).returncode
    except OSError as error:
        raise CommandFailed(f"cannot run {command[0]}: {error.strerror}") from error
    if code:
        raise CommandFailed(f"{' '.join(command)}: exit code {code}")


def shell_script(commands: list[object]) -> str:
    """A script of `runcmd` or `bootcmd`: a list is one command's words, a text is for the shell to read."""
    lines = [" ".join(map(_quoted, each)) if isinstance(each, list) else str(each) for each in commands]
    return "#!/bin/sh\n" + "".join(f"{line}\n" for line in lines)


def run_script(path: Path, content: bytes) -> None:
    """Writes a script and runs it by its first line. Raises CommandFailed."""
    path.write_bytes(content)
    path.chmod(0o700)
    run([str(path)])


class CommandFailed(Exception):
    """A command could not be started, or ended with another exit code than 0."""


def _quoted(word: object) -> str:
    return "'" + str(word).replace("'", "'\\''") + "'"
