"""What a request carries: bytes, or a piece of a file that is read anew for each attempt."""

from __future__ import annotations

import hashlib
import zlib
from contextlib import contextmanager
from typing import Iterator, NamedTuple, Union

from runctl.agent.s3.errors import shown

_PIECE = 256 * 1024


class Slice(NamedTuple):
    """`size` bytes of the file `path` from `start` on. Little memory is used, and the file is read twice."""

    path: str
    start: int
    size: int


Body = Union[bytes, bytearray, memoryview, Slice]


class FileChanged(OSError):
    """A file is shorter than it was."""


class LocalFailure(Exception):
    """A file here can't be read or written: `error`, which is not one of the network."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


@contextmanager
def local() -> Iterator[None]:
    """Tells OSErrors of files within the block from those of the network: they become LocalFailure."""
    try:
        yield
    except OSError as error:
        raise LocalFailure(error) from error


def size_of(body: Body) -> int:
    """In bytes."""
    return body.size if isinstance(body, Slice) else memoryview(body).nbytes


def pieces(body: Body) -> Iterator[memoryview]:
    """The bytes, each piece valid until the next. Raises LocalFailure."""
    if not isinstance(body, Slice):
        yield memoryview(body).cast("B")
        return
    buffer = memoryview(bytearray(min(_PIECE, body.size)))
    left = body.size
    with local(), open(body.path, "rb", buffering=0) as file:
        file.seek(body.start)
        while left > 0:
            got = file.readinto(buffer[: min(_PIECE, left)])
            if not got:
                raise FileChanged(f"{shown(body.path)} became shorter while it was sent")
            left -= got
            yield buffer[:got]


def crc32_of(body: Body) -> int:
    """Raises LocalFailure."""
    crc32 = 0
    for piece in pieces(body):
        crc32 = zlib.crc32(piece, crc32)
    return crc32


def sha256_of(body: Body) -> str:
    """In hexadecimal. Raises LocalFailure."""
    digest = hashlib.sha256()
    for piece in pieces(body):
        digest.update(piece)
    return digest.hexdigest()
