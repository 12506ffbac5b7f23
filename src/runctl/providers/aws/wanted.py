"""What the user wants of a new instance, checked before AWS is asked anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from runctl.core.errors import UsageError
from runctl.core.text import printable
from runctl.providers.aws import tags

# what the name of an instance's disk has after the instance's
DISK = "-disk"
_LONGEST_NAME = tags.LONGEST_VALUE - len(DISK)
# what EBS's gp3 volumes may have: https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
LARGEST_GIB = 65536
# device names that EC2 recommends for data volumes
DEVICES = tuple(f"/dev/sd{letter}" for letter in "fghijklmnop")
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html
_MOST_USER_DATA = 16384
# keys that an instance can be shown in its metadata, without which EC2 refuses to make it:
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/work-with-tags-in-IMDS.html
_METADATA_KEY = re.compile(r"(?!(?:\.|\.\.|_index)$)[0-9a-zA-Z_+=,.@:-]+", re.ASCII)
# AWS allows 50 tags; runctl adds its own
_MOST_TAGS = 40
_SIZE = re.compile(r"([1-9]\d{0,5})(?:\s*(?:G|GiB|GB))?", re.IGNORECASE | re.ASCII)
# fmt: off
_OF_THE_SYSTEM = (
    "/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/mnt", "/opt", "/proc", "/root", "/run", "/sbin",
    "/srv", "/sys", "/tmp", "/usr", "/var",
)
_INSIDE_THE_SYSTEM = (
    "/bin/", "/boot/", "/dev/", "/etc/", "/lib/", "/lib64/", "/proc/", "/run/", "/sbin/", "/sys/", "/usr/",
)
# fmt: on


class NewVolume(NamedTuple):
    """A data volume to be made with an instance: its size, where it is to be mounted, and its device name."""

    size_gib: int
    mount_point: str | None
    device: str


class Wanted(NamedTuple):
    """A new instance as asked for; what is None is chosen by runctl."""

    type: str | None = None
    name: str | None = None
    spot: bool = False
    spot_max_price: float | None = None
    spot_fallback: bool = False
    volumes: tuple[NewVolume, ...] = ()
    key_name: str | None = None
    security_group: str | None = None
    ami: str | None = None
    root_gib: int | None = None
    profile: str | None = None
    zone: str | None = None
    subnet: str | None = None
    user_data: bytes = b""
    tags: Mapping[str, str] = {}


def parse_size(text: str, where: str) -> int:
    """GiB of `500` or `500G`. Raises UsageError naming `where`."""
    match = _SIZE.fullmatch(text)
    if not match or int(match[1]) > LARGEST_GIB:
        raise UsageError(f"{where}: {printable(text)!r} is not a size", hint=f"whole GiB from 1 to {LARGEST_GIB}")
    return int(match[1])


def parse_volumes(texts: Iterable[str]) -> tuple[NewVolume, ...]:
    """The volumes of `--volume SIZE[:MOUNT]`, in order. Raises UsageError."""
    volumes: list[NewVolume] = []
    for text in texts:
        size, colon, mount = text.partition(":")
        if len(volumes) == len(DEVICES):
            raise UsageError(f"--volume: more than {len(DEVICES)} volumes")
        mount_point = check_mount_point(mount, "--volume") if colon else None
        volumes.append(NewVolume(parse_size(size, "--volume"), mount_point, DEVICES[len(volumes)]))
    mounts = [volume.mount_point for volume in volumes if volume.mount_point]
    for one, other in ((one, other) for one in mounts for other in mounts):
        if other.startswith(one + "/") or (one == other and mounts.count(one) > 1):
            raise UsageError(f"--volume: {other} and {one} can't both be mount points", hint="mount them side by side")
    return tuple(volumes)


def check_mount_point(text: str, where: str) -> str:
    """A directory where a volume may be mounted, without a slash at its end. Raises UsageError naming `where`."""
    path = text.rstrip("/") or text[:1]
    plain = path == printable(path) and str(PurePosixPath(path)) == path and ".." not in PurePosixPath(path).parts
    if not path.startswith("/") or path.startswith("//") or not plain or len(path) > tags.LONGEST_VALUE:
        raise UsageError(
            f"{where}: {printable(text)!r} can't be a mount point", hint="an absolute path, such as /mnt/data"
        )
    if path in _OF_THE_SYSTEM or path.startswith(_INSIDE_THE_SYSTEM):
        raise UsageError(f"{where}: {path} belongs to the system", hint="such as /mnt/data")
    return path


def parse_tags(texts: Iterable[str]) -> dict[str, str]:
    """The tags of `--tag K=V`. Raises UsageError."""
    found: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise UsageError(f"--tag: {printable(text)!r} is not of the form KEY=VALUE")
        if key.lower().startswith(tags.OWN_PREFIXES):
            raise UsageError(
                f"--tag: {printable(key)} is reserved", hint=f"not for you: {', '.join(tags.OWN_PREFIXES)}"
            )
        if key == tags.NAME:
            raise UsageError("--tag: the name is given otherwise", hint=f"--name {printable(value)}")
        if len(key) > tags.LONGEST_KEY or len(value) > tags.LONGEST_VALUE:
            raise UsageError(
                f"--tag: {printable(key)[:40]} is too long",
                hint=f"a key has at most {tags.LONGEST_KEY} characters, a value {tags.LONGEST_VALUE}",
            )
        found[key] = value
    if len(found) > _MOST_TAGS:
        raise UsageError(f"--tag: more than {_MOST_TAGS} tags")
    return found


def parse_instance_tags(texts: Iterable[str]) -> dict[str, str]:
    """The tags of `--tag K=V` for an instance. Raises UsageError."""
    found = parse_tags(texts)
    for key in found:
        if not _METADATA_KEY.fullmatch(key):
            raise UsageError(
                f"--tag: {printable(key)!r} can't be a key of an instance's tags",
                hint="letters of ASCII, digits and + - = . , _ : @, for the instance reads its tags",
            )
    return found


def read_user_data(path: Path) -> bytes:
    """The contents of a file for cloud-init. Raises OSError, UsageError when EC2 would not take it."""
    data = path.read_bytes()
    if len(data) > _MOST_USER_DATA:
        raise UsageError(f"{printable(str(path))}: {len(data)} bytes; user data may have {_MOST_USER_DATA}")
    return data


def parse_name(text: str) -> str:
    """A name for an instance. Raises UsageError where it could be taken for an id, or is none."""
    if not text.strip() or text != printable(text) or len(text) > _LONGEST_NAME or text.startswith(("i-", "-")):
        raise UsageError(f"--name: {printable(text)!r} can't be a name", hint="such as trainer-1")
    return text


def parse_price(text: str) -> float:
    """US dollars per hour, more than 0. Raises UsageError."""
    if not re.fullmatch(r"\d{1,5}(\.\d{1,6})?", text, re.ASCII) or float(text) == 0:
        raise UsageError(
            f"--spot-max-price: {printable(text)!r} is not a price", hint="US dollars per hour, such as 0.5"
        )
    return float(text)
