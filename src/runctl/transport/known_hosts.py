"""runctl's own known_hosts file: hosts by instance id, which unlike an address is never used again."""

from __future__ import annotations

import fcntl
from collections.abc import Iterable
from pathlib import Path


def knows(file: Path, alias: str) -> bool:
    """Whether a key of this host is known."""
    return any(_alias_of(line) == alias for line in _lines(file))


def learn(file: Path, alias: str, keys: Iterable[str]) -> None:
    """Makes `keys` (lines `type base64 [comment]`, as in /etc/ssh/*.pub) all the keys that a host is known by."""
    _replace(file, alias, [f"{alias} {' '.join(key.split()[:2])}" for key in keys])


def forget(file: Path, alias: str) -> None:
    """Forgets a host's keys, if any are known."""
    if knows(file, alias):
        _replace(file, alias, [])


def _replace(file: Path, alias: str, new: list[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file.with_name(file.name + ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = [line for line in _lines(file) if _alias_of(line) != alias]
        temporary = file.with_name(file.name + ".new")
        temporary.write_text("".join(f"{line}\n" for line in [*kept, *new]), errors="surrogateescape")
        temporary.replace(file)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(errors="surrogateescape").splitlines()
    except FileNotFoundError:
        return []


def _alias_of(line: str) -> str:
    return line.partition(" ")[0]
