"""Keys as paths below a folder: exactly, or not at all."""

from __future__ import annotations

import hashlib
import os
from typing import Dict, Iterable, List, NamedTuple, Optional, Set

from runctl.agent.s3.documents import Object
from runctl.agent.s3.transfer_model import Refused

# what is not whole yet is called so, beside where it belongs
PART_PREFIX = ".runctl-part-"
_LONGEST_NAME = 255
_LONGEST_PATH = 4095
_MOST_NAMED = 5


class Place(NamedTuple):
    """An object, and the path relative to the folder where its contents belong."""

    object: Object
    path: str


class Layout(NamedTuple):
    """Where objects belong: files, and folders (also those of `folder/` markers), relative."""

    files: List[Place]
    folders: List[str]


def lay_out(objects: Iterable[Object], prefix: str) -> Layout:
    """Where the objects below `prefix` belong. Raises Refused, naming keys that can be no path."""
    files: List[Place] = []
    folders: Set[str] = set()
    refused: Dict[str, str] = {}
    for found in objects:
        path = found.key[len(prefix) :]
        if path.endswith("/") and not found.size:
            path = path[:-1]
            _add_with_parents(folders, path)
        elif path:
            files.append(Place(found, path))
            _add_with_parents(folders, os.path.dirname(path))
        elif found.size:
            refused[found.key] = "it has the name of the folder itself"
            continue
        reason = path and _wrong_with(path)
        if reason:
            refused[found.key] = reason
    for each in files:
        if each.path in folders:
            refused[each.object.key] = "it is a file and a folder at once"
    _refuse(refused)
    return Layout(files, sorted(folders - {""}))


def part_path(path: str) -> str:
    """Where the contents of `path` are gathered until they are whole: beside it, the same name each time."""
    folder, name = os.path.split(path)
    return os.path.join(folder, PART_PREFIX + hashlib.sha256(os.fsencode(name)).hexdigest()[:16])


def check_paths(folder: str, layout: Layout) -> None:
    """Raises Refused when something in `folder` stands in the way, or a link there leads out of it."""
    real = os.path.realpath(folder)
    refused: Dict[str, str] = {}
    for path in layout.folders:
        there = os.path.join(folder, path)
        if not os.path.lexists(there):
            continue
        found = os.path.realpath(there)
        if os.path.commonpath([real, found]) != real:
            refused[path + "/"] = "%s leads out of the folder, to %s" % (there, found)
        elif not os.path.isdir(there):
            refused[path + "/"] = "%s is no folder" % there
    _refuse(refused)


def refuse_longest(folder: str, layout: Layout) -> None:
    """Raises Refused when a path below `folder` is longer than systems allow."""
    room = _LONGEST_PATH - len(os.fsencode(os.path.abspath(folder))) - len(PART_PREFIX) - 24
    refused = {
        each.object.key: "its path is too long"
        for each in layout.files
        if len(each.path) * 4 > room and len(os.fsencode(each.path)) > room
    }
    _refuse(refused)


def _add_with_parents(folders: Set[str], path: str) -> None:
    while path and path not in folders:
        folders.add(path)
        path = os.path.dirname(path)


def _wrong_with(path: str) -> Optional[str]:
    """Why `path` can't be below a folder; None when it can."""
    if "\0" in path:
        return "it has a NUL in it"
    for name in path.split("/"):
        if not name:
            return "it has an empty name in it (//)"
        if name in (".", ".."):
            return "it has %s in it" % name
        if name.startswith(PART_PREFIX):
            return "%s… is runctl's own name for unfinished files" % PART_PREFIX
        # no character takes more than four bytes
        if len(name) * 4 > _LONGEST_NAME and len(os.fsencode(name)) > _LONGEST_NAME:
            return "a name in it is longer than %d bytes" % _LONGEST_NAME
    return None


def _refuse(refused: Dict[str, str]) -> None:
    if not refused:
        return
    named = ["%r: %s" % each for each in sorted(refused.items())[:_MOST_NAMED]]
    if len(refused) > _MOST_NAMED:
        named.append("and %d more" % (len(refused) - _MOST_NAMED))
    raise Refused("these objects can't be files here:\n%s" % "\n".join(named), "rename them, or take another prefix")
