"""What is in a bucket."""

from __future__ import annotations

from typing import NamedTuple

from runctl.agent.s3.client import S3
from runctl.agent.s3.documents import Object
from runctl.agent.s3.location import Location
from runctl.agent.s3.transfer_model import NoMatch
from runctl.agent.s3.transfer_plan import near
from runctl.storage.s3 import talking


class Listing(NamedTuple):
    """Objects in order of their keys, and the prefixes of those that are below another slash."""

    objects: list[Object]
    prefixes: list[str]


def list_objects(s3: S3, place: Location, recursive: bool) -> Listing:
    """What is below a prefix, or begins with it when it does not end in a slash. Raises NotFoundError, CloudError."""
    with talking():
        objects = []
        prefixes: dict[str, None] = {}
        for found in s3.list(place.bucket, place.key):
            _, slash, _ = found.key[len(place.key) :].partition("/")
            if slash and not recursive:
                prefixes[found.key[: found.key.index("/", len(place.key)) + 1]] = None
            else:
                objects.append(found)
        if not objects and not prefixes and place.key:
            raise NoMatch(f"there is nothing at {place}", near(s3, place))
    return Listing(objects, list(prefixes))
