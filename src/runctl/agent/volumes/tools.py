"""The one door to the machine's own programs: blkid, mkfs, mount, umount, xfs_growfs, resize2fs."""

from __future__ import annotations

import os
import subprocess
from typing import NamedTuple, Sequence

# sudo's path may lack the folders that these programs are in
_FOLDERS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Done(NamedTuple):
    """How a program ended: its exit code, stdout, and stderr without the white space around it."""

    code: int
    output: str
    complaint: str


def run(command: Sequence[str], keep: Sequence[int] = ()) -> Done:
    """Runs a program to its end, in a session of its own: it is not cut short when its caller is.

    It inherits the descriptors in `keep`, so that a lock is held as long as it runs. Raises OSError when there is no
    such program.
    """
    path = os.environ.get("PATH", "")
    process = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C", "PATH": path + ":" + _FOLDERS if path else _FOLDERS},
        pass_fds=keep,
        start_new_session=True,
        check=False,
    )
    texts = [stream.decode("utf-8", "replace") for stream in (process.stdout, process.stderr)]
    return Done(process.returncode, texts[0], texts[1].strip())
