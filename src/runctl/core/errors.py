"""Every error that a user can meet: what happened, why, what to do next, and the exit code that says so."""

from __future__ import annotations


class RunctlError(Exception):
    """An error with a message for people.

    `message` says what was wrong and where, `hint` what would be right, `exit_code` is the process's
    exit code when the error ends a command.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(RunctlError):
    """The command line, a setting or a configuration file is wrong."""

    exit_code = 2


class RefusedError(RunctlError):
    """A check failed before anything was done."""

    exit_code = 3


class NotFoundError(RunctlError):
    """There is no such run, file or setting."""

    exit_code = 4


class CloudError(RunctlError):
    """The cloud refused a request or could not be reached. `code` is the cloud's own word for why."""

    exit_code = 5

    def __init__(self, message: str, hint: str | None = None, code: str = "") -> None:
        super().__init__(message, hint)
        self.code = code


class UnreachableError(RunctlError):
    """A machine can't be reached now. That says nothing about the machine, or about the runs on it."""

    exit_code = 6
