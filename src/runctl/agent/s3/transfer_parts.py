"""A large file while it is fetched in parts: what is there already survives whatever ends the download.

Beside the file of parts lies a record: a line that says of which object they are, and a line for each part. Parts of an
object with another ETag are never used, and those of the same one only as far as their contents are what was recorded.
"""

from __future__ import annotations

import json
import os
import threading
from typing import Callable, Dict, Optional

from runctl.agent.s3 import checksums
from runctl.agent.s3.errors import shown
from runctl.agent.s3.transfer_digests import composite_etag
from runctl.agent.s3.transfer_model import Damaged
from runctl.agent.s3.transfer_names import part_path
from runctl.agent.s3.transfer_plan import stamp_ns
from runctl.agent.s3.transfer_proof import Proof
from runctl.agent.s3.transfer_writing import Digests, digests_of

_PART = 16 * 1024 * 1024
# by what an open file was verified whose CRC32 is known; None when it is wrong
Verify = Callable[[Proof, int, int], Optional[str]]


class PartFile:
    """The parts of one object on their way to `path`. Methods may be called by several threads."""

    def __init__(self, path: str, proof: Proof) -> None:
        self.path = path
        self.proof = proof
        self.object = proof.object
        size, part = self.object.size, proof.part_size if proof.by_parts and proof.part_size else _PART
        self.spans = [(start, min(size, start + part)) for start in range(0, size, part)]
        self._unfinished = part_path(path)
        self._record = self._unfinished + ".json"
        header = {"key": self.object.key, "etag": self.object.etag, "size": size, "part": part}
        self._header = json.dumps(header) + "\n"
        self._known = self._read_record()
        self._arrived: Dict[int, Digests] = {}
        self._descriptor: Optional[int] = None
        self._lock = threading.Lock()

    @property
    def allocated(self) -> int:
        """Bytes of disk that an earlier download has taken for it."""
        try:
            return os.stat(self._unfinished).st_blocks * 512
        except OSError:
            return 0

    def descriptor(self) -> int:
        """The open file; the first call makes it, with all the room it will need. Raises OSError."""
        with self._lock:
            if self._descriptor is None:
                self._descriptor = self._open()
            return self._descriptor

    def kept(self, number: int) -> Optional[Digests]:
        """The checksums of a part that an earlier download has left, if its contents still agree with them."""
        known = self._known.get(number)
        if known and digests_of(self.descriptor(), *self.spans[number], bool(known.md5)) == known:
            return known
        return None

    def add(self, number: int, digests: Digests, verify: Verify) -> Optional[str]:
        """Takes a part as arrived. With the last one the file is verified and gets its name: then returns by what it
        was verified. Raises Damaged, after which nothing of it is left, and OSError."""
        with self._lock:
            self._arrived[number] = digests
            if self._known.get(number) != digests:
                with open(self._record, "a", encoding="ascii") as record:
                    record.write("%d %d %s\n" % (number, *digests))
            if len(self._arrived) < len(self.spans):
                return None
        return self._finish(verify)

    def close(self) -> None:
        """Closes the file; what is in it stays."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def _read_record(self) -> Dict[int, Digests]:
        try:
            with open(self._record, encoding="ascii", errors="replace") as record:
                header, *lines = record.readlines()
            os.stat(self._unfinished)
        except (OSError, ValueError):
            return {}
        if header != self._header:
            return {}
        known = {}
        for line in lines:
            # the last line may be cut short
            words = line[:-1].split(" ") if line.endswith("\n") else []
            if len(words) == 3:
                known[int(words[0])] = Digests(int(words[1]), words[2])
        return known

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | (0 if self._known else os.O_TRUNC)
        descriptor = os.open(self._unfinished, flags, 0o666)
        try:
            if not self._known:
                with open(self._record, "w", encoding="ascii") as record:
                    record.write(self._header)
            _take_room(descriptor, self.object.size)
        except OSError:
            os.close(descriptor)
            if not self._known:
                self._remove()
            raise
        return descriptor

    def _finish(self, verify: Verify) -> str:
        descriptor = self.descriptor()
        verified = self._verified(verify, descriptor)
        if verified is None:
            self.close()
            self._remove()
            raise Damaged("%s did not arrive as it is stored; what came was removed" % shown(self.path), "start again")
        os.utime(descriptor, ns=(stamp_ns(self.object), stamp_ns(self.object)))
        os.replace(self._unfinished, self.path)
        os.unlink(self._record)
        self.close()
        return verified

    def _verified(self, verify: Verify, descriptor: int) -> Optional[str]:
        parts = [self._arrived[number] for number in range(len(self.spans))]
        if self.proof.by_parts and composite_etag(bytes.fromhex(part.md5) for part in parts) == self.proof.etag:
            return "etag"
        crc32 = checksums.combined(
            (self._arrived[number].crc32, end - start) for number, (start, end) in enumerate(self.spans)
        )
        return verify(self.proof, crc32, descriptor)

    def _remove(self) -> None:
        for path in (self._unfinished, self._record):
            try:
                os.unlink(path)
            except FileNotFoundError:
                pass


def _take_room(descriptor: int, size: int) -> None:
    """Gives a file its size, with room on the disk where the system can do that."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:
        os.ftruncate(descriptor, size)
