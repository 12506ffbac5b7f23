"""Objects of S3 as lines, documents and URIs."""

from __future__ import annotations

from typing import Any

from runctl.core.text import local_time, printable, size
from runctl.storage.s3_list import Listing
from runctl.ui.console import table


def listing_document(listing: Listing) -> dict[str, Any]:
    """The listing as s3-list.json describes it."""
    objects = [
        {"key": found.key, "size_bytes": found.size, "modified_at": found.modified_at, "etag": found.etag}
        for found in listing.objects
    ]
    return {"objects": objects, "prefixes": listing.prefixes}


def listing_lines(listing: Listing) -> list[str]:
    """Prefixes and objects for people, and what the objects come to."""
    rows = [["", "", prefix] for prefix in listing.prefixes]
    rows += [[size(found.size), local_time(found.modified_at), found.key] for found in listing.objects]
    if not rows:
        return []
    count = len(listing.objects)
    total = f"{count:,} object{'' if count == 1 else 's'}, {size(sum(found.size for found in listing.objects))}"
    return [*table(("size", "modified", "key"), rows), total]


def listing_ids(listing: Listing, bucket: str) -> list[str]:
    """A URI for each prefix and each object."""
    keys = [*listing.prefixes, *(found.key for found in listing.objects)]
    return [printable(f"s3://{bucket}/{key}") for key in keys]
