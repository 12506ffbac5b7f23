"""Where a sandbox keeps its files, and what is written down about it."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import NamedTuple


class State(NamedTuple):
    """A sandbox as its state file tells it. `pid` is the daemon's; `admin_key` opens /_sandbox/; `started_at` is Unix
    time in seconds."""

    id: str
    pid: int
    port: int
    access_key: str
    secret_key: str
    admin_key: str
    started_at: float

    @property
    def endpoint(self) -> str:
        """The URL of the account's services."""
        return f"http://127.0.0.1:{self.port}"


class Folder:
    """A sandbox's state folder, `<RUNCTL_HOME>/sandbox`; everything that a sandbox writes lies below it."""

    def __init__(self, home: Path) -> None:
        self.path = home / "sandbox"
        self.log = self.path / "daemon.log"
        # outside of the folder, which `down` removes while it holds this
        self.lock = home / "sandbox.lock"
        self._state = self.path / "state.json"

    def read(self) -> State | None:
        """The state; None when no sandbox was made, or its state can't be read."""
        try:
            return State(**json.loads(self._state.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, state: State) -> None:
        """Writes the state, readable by its owner alone: it holds the keys."""
        self.path.mkdir(parents=True, exist_ok=True)
        new = self._state.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(json.dumps(state._asdict(), indent=2))
        new.replace(self._state)


def new_state(pid: int, port: int, started_at: float) -> State:
    """The state of a new sandbox, with an id and keys of its own."""
    return State(
        id=secrets.token_hex(4),
        pid=pid,
        port=port,
        access_key="AKIA" + "".join(secrets.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(16)),
        secret_key=secrets.token_urlsafe(30),
        admin_key=secrets.token_urlsafe(24),
        started_at=started_at,
    )
