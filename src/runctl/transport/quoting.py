"""How an argument list becomes the one string that SSH carries, and which some login shell will read."""

from __future__ import annotations

import re
import shlex

from runctl.agent import protocol

# what sh, bash, zsh, fish, csh and tcsh read alike, even within single quotes; all else is written as printf's octal
_NOT_ALIKE = re.compile(rb"[^A-Za-z0-9_./:,+=@% \"$()&|;<>*?#~{}\[\]^-]")
STARTED = b"--- runctl starts here ---\n"
_SAY_STARTED = "echo --- runctl starts here ---; echo --- runctl starts here --- >&2; "
_AS_AGENT = f"export {protocol.AGENT}=1; "


def program_of(words: list[str]) -> list[str]:
    """The program and arguments that a user means: a single word is a line for `sh`, as after plain `ssh HOST`."""
    return ["sh", "-c", words[0]] if len(words) == 1 else words


def remote_command(words: list[str]) -> str:
    """A command that runs a program with exactly these arguments, whatever shell the user logs in with."""
    # the program is not the shell's last command, which the shell would become: of a program that a signal ended SSH
    # says 255, its word for a lost connection, and a shell 128 plus the signal's number
    # (Ctrl-C on a terminal is sent to both)
    return _for_any_shell(f"trap : INT; {shlex.join(words)}; exit $?")


def marked_command(words: list[str]) -> str:
    """As `remote_command`, and STARTED is written to stdout and stderr before: what the user's shell start-up files
    print comes earlier, and what the program prints later. It is runctl's own, and not part of any run."""
    return _for_any_shell(f"{_SAY_STARTED}{_AS_AGENT}{shlex.join(words)}; exit $?")


def _for_any_shell(line: str) -> str:
    return f"exec sh -c '{_evaluated(line)}'"


def _evaluated(line: str) -> str:
    text = line.encode("utf-8", "surrogateescape")
    if not _NOT_ALIKE.search(text):
        return line
    return f'eval "$(printf %b "{_octal(text)}")"'


def _octal(text: bytes) -> str:
    special = re.compile(_NOT_ALIKE.pattern + rb'|["$]')
    return special.sub(lambda match: b"\\0%03o" % match[0][0], text).decode()
