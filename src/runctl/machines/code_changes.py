"""What of a project differs from what a machine has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from runctl.core.errors import RunctlError
from runctl.core.files import File
from runctl.core.text import printable
from runctl.machines.code_cache import Cache, Known, is_settled
from runctl.transport.code_client import There, hash_of


class Changes(NamedTuple):
    """What would be done: files to send, files whose content is there and whose mode differs, paths to remove. `same`
    is all that need not be sent, by path."""

    send: list[File]
    modes: list[File]
    remove: list[str]
    same: dict[str, Known]

    def __bool__(self) -> bool:
        return bool(self.send or self.modes or self.remove)


class Hashes:
    """The hashes of the files as they are now: those known from before, others read once."""

    def __init__(self, root: Path, cache: Cache, scanned_at_ns: int) -> None:
        self._root = root
        self._scanned_at_ns = scanned_at_ns
        # is called now and then while files are read
        self.meanwhile: Callable[[], None] = lambda: None
        self._known = {path: known for path, known in cache.files.items() if known.settled and known.hash}

    def of(self, file: File) -> Known | None:
        """The file with its hash; None when it has vanished. Raises RunctlError when it can't be read."""
        known = self._known.get(file.path)
        if known is None or known.file.version != file.version or known.file.size != file.size:
            try:
                known = Known(
                    file, hash_of(self._root, file.path, self.meanwhile), is_settled(file, self._scanned_at_ns)
                )
            except FileNotFoundError:
                return None
            except BrokenPipeError:
                raise  # by whom was called meanwhile
            except OSError as error:
                raise unreadable(file, error) from error
            self._known[file.path] = known
        return known._replace(file=file)


def changes(files: Iterable[File], there: Mapping[str, There], changed: Collection[str], hashes: Hashes) -> Changes:
    """What makes the machine have `files`, where `there` was sent before and `changed` is not as it was sent.

    A file is the same when its content is. Raises RunctlError when one can't be read.
    """
    found = Changes([], [], [], {})
    here = set()
    for file in files:
        here.add(file.path)
        other = None if file.path in changed else there.get(file.path)
        if other is None or other.link != file.link or other.size != file.size:
            found.send.append(file)
            continue
        known = Known(file, None, True) if file.link is not None else hashes.of(file)
        if known is None:
            here.remove(file.path)
        elif known.hash != other.hash:
            found.send.append(file)
        else:
            found.same[file.path] = known
            if file.executable != other.executable:
                found.modes.append(file)
    found.remove.extend(path for path in there if path not in here)
    return found


def as_there(cache: Cache) -> dict[str, There]:
    """What the machine has, by what is known here."""
    return {
        path: There(known.file.size, known.file.executable, known.file.link, known.hash)
        for path, known in cache.files.items()
    }


def unreadable(file: File, error: OSError) -> RunctlError:
    """The error for a file of the project that can't be read."""
    return RunctlError(
        f"cannot read {printable(file.path)}: {error.strerror}; nothing was changed on the machine",
        hint="leave it out: name it in .runctlignore",
    )
