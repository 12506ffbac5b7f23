"""What requests are signed with."""

from __future__ import annotations

import os
from typing import Callable, NamedTuple, Optional

from runctl.agent.s3.errors import first


class Credentials(NamedTuple):
    """`expires_at` is seconds since the epoch, None for keys that don't expire."""

    access_key: str
    secret_key: str
    token: Optional[str] = None
    expires_at: Optional[float] = None

    def __repr__(self) -> str:
        """Without the secrets, because tracebacks and logs show it."""
        return f"Credentials({self.access_key})"


# Returns what is valid now. Thread-safe. Raises NoCredentials.
Source = Callable[[], Credentials]


def on_machine(stopped: Callable[[], bool] = lambda: False) -> Source:
    """The credentials of the machine that this runs on: the environment's keys, else the instance's role by IMDSv2.

    Nothing is asked before it is needed; the source then raises NoCredentials, or Stopped.
    """
    from runctl.agent.s3.role import RoleCredentials

    environment = _of_environment()
    return RoleCredentials(stopped) if environment is None else lambda: environment


def _of_environment() -> Optional[Credentials]:
    access_key = os.environ.get("AWS_ACCESS_KEY_ID")
    secret_key = os.environ.get("AWS_SECRET_ACCESS_KEY")
    if not access_key or not secret_key:
        return None
    token = first(os.environ.get("AWS_SESSION_TOKEN"), os.environ.get("AWS_SECURITY_TOKEN"))
    return Credentials(access_key, secret_key, token or None)
