"""What a download would fetch: which objects are meant, where they belong, and which are there already."""

from __future__ import annotations

import difflib
import itertools
import os
import stat
import zlib
from typing import Dict, List, NamedTuple, Tuple

from runctl.agent.s3.client import S3
from runctl.agent.s3.documents import Object
from runctl.agent.s3.errors import NoSuchKey
from runctl.agent.s3.location import Location
from runctl.agent.s3.transfer_model import NoMatch
from runctl.agent.s3.transfer_names import Layout, Place, check_paths, lay_out, refuse_longest

_MOST_LOOKED_AT = 5000
_MOST_NAMED = 5


class DownloadPlan(NamedTuple):
    """`files` are to be fetched into `folder`, below which `folders` belong; `unchanged` files are there already.
    `prefix` is what the objects' keys have before their path, `single` that one object was named."""

    bucket: str
    prefix: str
    single: bool
    folder: str
    files: List[Place]
    folders: List[str]
    unchanged: List[Place]

    @property
    def size(self) -> int:
        """Bytes to be fetched."""
        return sum(each.object.size for each in self.files)


def plan_download(s3: S3, source: Location, folder: str) -> DownloadPlan:
    """What downloading `source` into `folder` means. Nothing is written.

    Raises NoMatch when nothing has the name, Refused when objects can't be files there, and S3Error.
    """
    objects, prefix = find(s3, source)
    layout = lay_out(objects, prefix)
    refuse_longest(folder, layout)
    check_paths(folder, layout)
    files, unchanged = _compare(folder, layout)
    single = prefix not in (source.key, source.key + "/")
    return DownloadPlan(source.bucket, prefix, single, folder, files, layout.folders, unchanged)


def find(s3: S3, source: Location) -> Tuple[List[Object], str]:
    """The objects that `source` means, and what their keys have before the path: all below `key/`, or the one
    object `key`. Raises NoMatch."""
    prefix = source.key if source.key.endswith("/") or not source.key else source.key + "/"
    objects = list(s3.list(source.bucket, prefix))
    if objects:
        return objects, prefix
    if source.key and not source.key.endswith("/"):
        try:
            head = s3.head(source.bucket, source.key)
        except NoSuchKey:
            pass
        else:
            return [Object(head.key, head.size, head.etag, head.modified_at)], parent(source.key)
    raise NoMatch("there is nothing at %s" % (source,), near(s3, source))


def parent(key: str) -> str:
    """What comes before the last name in a key, with its slash."""
    return key[: key.rstrip("/").rfind("/") + 1]


def stamp_ns(found: Object) -> int:
    """The modification time that an object's file gets, in nanoseconds: the object's to the second, and a fingerprint
    of its ETag as microseconds. One look at size and time tells so whether a file is still what was fetched, without
    any record of it."""
    return (int(found.modified_at) * 1_000_000 + zlib.crc32(found.etag.encode()) % 1_000_000) * 1000


def _compare(folder: str, layout: Layout) -> Tuple[List[Place], List[Place]]:
    """The files that are to be fetched, and those that need not be."""
    files: List[Place] = []
    unchanged: List[Place] = []
    base = os.path.join(folder, "")
    for each in layout.files:
        (unchanged if _is_there(base + each.path, each.object) else files).append(each)
    return files, unchanged


def _is_there(path: str, found: Object) -> bool:
    try:
        there = os.lstat(path)
    except OSError:
        return False
    return there.st_size == found.size and there.st_mtime_ns == stamp_ns(found) and stat.S_ISREG(there.st_mode)


def near(s3: S3, source: Location) -> str:
    """What there is in place of what was asked for, as a hint."""
    where = parent(source.key)
    while True:
        names: Dict[str, None] = {}
        for each in itertools.islice(s3.list(source.bucket, where), _MOST_LOOKED_AT):
            name, slash, _ = each.key[len(where) :].partition("/")
            names[where + name + slash] = None
        if names or not where:
            break
        where = parent(where)
    if not names:
        return "the bucket is empty"
    near = difflib.get_close_matches(source.key, names, _MOST_NAMED) or list(names)[:_MOST_NAMED]
    return "there is: " + ", ".join("s3://%s/%s" % (source.bucket, name) for name in near)
