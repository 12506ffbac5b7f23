"""A local file that is uploaded: as it was when the upload began, or FileChanged."""

from __future__ import annotations

import os
import stat

from runctl.agent.s3.errors import shown
from runctl.agent.s3.transfer_model import FileChanged
from runctl.agent.s3.transfer_writing import Digests, digests_of


class Reading:
    """A file's size and time as they are now. Raises OSError, and FileChanged for what is no regular file."""

    def __init__(self, path: str) -> None:
        self.path = path
        there = os.stat(path)
        if not stat.S_ISREG(there.st_mode):
            raise FileChanged("%s is not a file" % shown(path))
        self.size, self.mtime_ns = there.st_size, there.st_mtime_ns

    def digests(self, start: int, end: int, with_md5: bool) -> Digests:
        """The checksums of a stretch of the file. Raises OSError."""
        descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return digests_of(descriptor, start, end, with_md5)
        finally:
            os.close(descriptor)

    def contents(self) -> bytes:
        """All of it. Raises OSError, FileChanged."""
        descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            # one byte more than there was shows whether it has grown
            data = os.read(descriptor, self.size + 1)
            while len(data) < self.size:
                more = os.read(descriptor, self.size - len(data))
                if not more:
                    break
                data += more
            self._compare(os.fstat(descriptor), len(data))
        finally:
            os.close(descriptor)
        return data

    def check_unchanged(self) -> None:
        """Raises FileChanged when the file is not what it was, OSError when it is gone."""
        self._compare(os.stat(self.path), self.size)

    def _compare(self, now: os.stat_result, read: int) -> None:
        if (now.st_size, now.st_mtime_ns, read) != (self.size, self.mtime_ns, self.size):
            raise FileChanged("%s was written to while it was uploaded" % shown(self.path), "upload it again")
