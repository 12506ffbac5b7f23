"""Files that a container wrote as root become the user's. This file is also a program, which root runs in a container
that has nothing but the machine's own Python: so it imports nothing of the agent's at its top but what it needs there.
"""

from __future__ import annotations

import os
import sys


def give_back(owner: int, group: int, since: float, roots: list[str]) -> int:
    """Gives `owner` what is root's below the folders `roots` and was changed at Unix time `since` (seconds) or later.
    Returns how many files and folders that were.

    The change time is what counts, which no program can set; and a folder is looked into file by file only when
    something was made in it since. Other disks below are not entered, links not followed.
    """
    given = 0
    for root in roots:
        try:
            disk = os.lstat(root).st_dev
        except OSError:
            continue
        given += _give(root, owner, group, since)
        folders = [root]
        while folders:
            given += _give_in(folders.pop(), disk, owner, group, since, folders)
    return given


def _give_in(folder: str, disk: int, owner: int, group: int, since: float, folders: list[str]) -> int:
    given = 0
    try:
        touched = os.lstat(folder).st_ctime >= since
        entries = list(os.scandir(folder))
    except OSError:
        return 0  # removed just now
    for entry in entries:
        if touched:
            given += _give(entry.path, owner, group, since)
        if entry.is_dir(follow_symlinks=False) and os.lstat(entry.path).st_dev == disk:
            folders.append(entry.path)
    return given


def _give(path: str, owner: int, group: int, since: float) -> int:
    try:
        found = os.lstat(path)
        if found.st_uid != 0 or found.st_ctime < since:
            return 0
        os.lchown(path, owner, group)
        if found.st_mode & 0o6000 and not os.path.islink(path):
            os.chmod(path, found.st_mode & 0o7777)
    except OSError:
        return 0
    return 1


if __name__ == "__main__":
    print(give_back(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]))
