"""Fixtures for tests of commands against an account in a sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sshd import own_connections


@pytest.fixture(autouse=True)
def connections(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the control sockets; the connections that commands leave open end with the test."""
    with own_connections(monkeypatch) as folder:
        yield folder
