"""What a user should know about code that is sent: large files, links that lead nowhere, changes made elsewhere."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from runctl.core.files import File
from runctl.core.text import printable, size
from runctl.machines.code_cache import Known
from runctl.machines.code_changes import Changes
from runctl.transport.code_client import Placed, State

LARGE_BYTES, LARGE_IN_ALL_BYTES = 50 << 20, 500 << 20
_MOST_NAMED = 5


def origin(root: Path) -> str:
    """This copy of a project among all others."""
    import getpass
    import socket

    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = str(os.getuid())  # without an account entry, as in many containers
    return printable(f"{user}@{socket.gethostname()}:{root}")


def before(root: Path, files: Sequence[File], found: Changes, state: State) -> list[str]:
    """What is to be said of what would be sent."""
    remarks = [*_large(files, found), *_links_outside(found.send)]
    if found and state.origin not in (None, origin(root)):
        remarks.append(
            f"what lies in {printable(state.folder)} was sent from {printable(str(state.origin))}; "
            "--project-name keeps two projects apart"
        )
    return remarks


def after(found: Changes, sent: Mapping[str, Known], placed: Placed) -> list[str]:
    """What is to be said of what was sent."""
    remarks = []
    unsteady = [
        file.path for file in found.send if file.link is None and file.path in sent and not sent[file.path].hash
    ]
    if unsteady:
        remarks.append(f"changed while they were sent, and may be half old, half new there: {_named(unsteady)}")
    gone = [file.path for file in found.send if file.path not in sent]
    if gone:
        remarks.append(f"vanished before they could be sent: {_named(gone)}")
    if placed.replaced:
        remarks.append(
            f"changed on the machine, and replaced by what is here: {_named(placed.replaced)}; "
            f"what was there is kept in {printable(str(placed.kept_in))}"
        )
    if placed.left:
        remarks.append(f"no longer here, but changed on the machine, and left there: {_named(placed.left)}")
    return remarks


def counted(found: Changes) -> str:
    """How much would change."""
    count = len(found.send) + len(found.modes) + len(found.remove)
    return f"{count:,} file{'' if count == 1 else 's'}"


def _large(files: Sequence[File], found: Changes) -> list[str]:
    hint = "what need not be sent can be named in .runctlignore"
    large = [file for file in found.send if file.size > LARGE_BYTES]
    if large:
        return [f"large files are sent: {_with_sizes(large)}; {hint}"]
    in_all = sum(file.size for file in files)
    if found.send and in_all > LARGE_IN_ALL_BYTES:
        return [f"the project has {size(in_all)}, most of it in {_with_sizes(files)}; {hint}"]
    return []


def _links_outside(files: Iterable[File]) -> list[str]:
    outside = [file.path for file in files if file.link is not None and _leads_outside(file.path, file.link)]
    return [f"links that lead out of the project, sent as links: {_named(outside)}"] if outside else []


def _leads_outside(path: str, link: str) -> bool:
    target = os.path.normpath(PurePosixPath(path).parent / link)
    return link.startswith("/") or target == ".." or target.startswith("../")


def _with_sizes(files: Iterable[File]) -> str:
    largest = sorted(files, key=lambda file: -file.size)
    return _listed([f"{printable(file.path)} ({size(file.size)})" for file in largest])


def _named(paths: Sequence[str]) -> str:
    return _listed([printable(path) for path in paths])


def _listed(texts: Sequence[str]) -> str:
    more = len(texts) - _MOST_NAMED
    return ", ".join(texts[:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
