"""What transfers between folders and S3 are about, as data; and what can go wrong with them."""

from __future__ import annotations

from typing import Callable, Dict, List, NamedTuple, Tuple

from runctl.agent.s3.errors import S3Error, shown


class Progress(NamedTuple):
    """How far a transfer has come. What was skipped is in none of the figures."""

    files_done: int
    files_total: int
    bytes_done: int
    bytes_total: int


Report = Callable[[Progress], None]


def quiet(_: Progress) -> None:
    """Reports to nobody."""


class LocalFile(NamedTuple):
    """A file of this machine, and the key that its contents get."""

    path: str
    key: str


class Uploaded(NamedTuple):
    """An object whose contents S3 has confirmed. `crc32` is that of the whole, `mtime` the file's, in seconds."""

    key: str
    size: int
    crc32: int
    etag: str
    mtime: float


class Downloaded(NamedTuple):
    """What a download did: `files` and `bytes` fetched, `skipped` files that were there already, unchanged.

    `verified` counts the fetched files by what their contents were compared with: `crc32`, `etag`, or only `size`
    where the object has nothing that can be recomputed.
    """

    files: int
    bytes: int
    skipped: int
    verified: Dict[str, int]


class TransferError(S3Error):
    """What is wrong with a transfer rather than with one request; `hint` says what would be right."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(type(self).__name__, message, hint=hint)


class NoMatch(TransferError):
    """Nothing has such a name."""


class Refused(TransferError):
    """A check failed before anything was written."""


class Busy(Refused):
    """Another download into the same folder is under way."""


class FileChanged(TransferError):
    """A file was written to while it was uploaded."""


class Damaged(TransferError):
    """What came, came again, and is not what is stored."""


class UploadFailed(TransferError):
    """Some files could not be uploaded; the others were. `failed` says why each."""

    def __init__(self, failed: List[Tuple[LocalFile, Exception]], uploaded: List[Uploaded]) -> None:
        file, reason = failed[0]
        more = " (and %d more)" % (len(failed) - 1) if len(failed) > 1 else ""
        super().__init__(
            "%s could not be uploaded: %s%s" % (shown(file.path), reason, more), getattr(reason, "hint", "")
        )
        self.failed = failed
        self.uploaded = uploaded
