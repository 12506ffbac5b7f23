"""The tags by which runctl knows its own: what has none of them it never ends, deletes or cleans up by itself."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Iterable, Mapping
from typing import Any

MANAGED = "runctl:managed"
CREATED_BY = "runctl:created-by"
# on an instance and its volumes until their creation is complete: the creation's token
CREATING = "runctl:creating"
# the directory at which a volume belongs
MOUNT = "runctl:mount"
# made by runctl without a snapshot and never attached since, so that nothing can be on it
BLANK = "runctl:blank"
# the file system that runctl made on a volume
FILE_SYSTEM = "runctl:file-system"
# the address that an ingress rule of runctl's security group was made for
ADDRESS_OF = "runctl:address-of"
NAME = "Name"
OWN_PREFIXES = ("runctl:", "aws:")

LONGEST_KEY, LONGEST_VALUE = 128, 256
MANAGED_FILTER = {"Name": f"tag:{MANAGED}", "Values": ["true"]}


def creator() -> str:
    """`user@host` of whoever runs this, as every resource that it creates is tagged."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"  # a process whose user id has no name, as in many containers
    return f"{user}@{socket.gethostname()}"[:LONGEST_VALUE]


def own(name: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The tags of a resource called `name` that runctl makes, and `more`."""
    return {NAME: name, MANAGED: "true", CREATED_BY: creator(), **(more or {})}


def as_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as AWS's requests take them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def from_list(tags: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """Tags of one of AWS's answers."""
    return {tag["Key"]: tag["Value"] for tag in tags or ()}
