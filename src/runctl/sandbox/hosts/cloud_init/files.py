"""`write_files`, `mounts` and `hostname`."""

from __future__ import annotations

import base64
import gzip
import os
import shutil
from pathlib import Path

from .shell import run

Entry = dict[str, object]

_BASE64 = ("b64", "base64")
_GZIP = ("gz", "gzip")
_BOTH = {f"{first}+{second}" for first in _GZIP for second in _BASE64}


def write_file(entry: Entry) -> None:
    """Writes one file of `write_files`; its folders are made."""
    path = Path(str(entry["path"]))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab" if entry.get("append") else "wb") as file:
        file.write(content_of(entry))
    path.chmod(mode_of(entry))
    user, _, group = str(entry.get("owner", "root:root")).partition(":")
    shutil.chown(path, user, group or None)


def content_of(entry: Entry) -> bytes:
    """The bytes of an entry, as its `encoding` says that its `content` is written."""
    content = entry.get("content", "")
    raw = content if isinstance(content, bytes) else str(content).encode()  # YAML's !!binary is bytes already
    encoding = str(entry.get("encoding", "text/plain")).lower()
    if encoding in _BASE64 or encoding in _BOTH:
        raw = base64.b64decode(raw)
    return gzip.decompress(raw) if encoding in _GZIP or encoding in _BOTH else raw


def mode_of(entry: Entry) -> int:
    """An entry's permissions: a string is octal, a number is what YAML read (0644 is octal there, 644 is not)."""
    permissions = entry.get("permissions", 0o644)
    return permissions if isinstance(permissions, int) else int(str(permissions), 8)


def mount(fields: list[object]) -> None:
    """Adds one line of `mounts` to /etc/fstab and mounts it. What is not said is as cloud-init has it."""
    device, folder, kind, options, dump, check = fstab_fields(fields)
    with Path("/etc/fstab").open("a") as fstab:
        fstab.write("\t".join((device, folder, kind, f"{options},comment=cloudconfig", dump, check)) + "\n")
    if folder != "none":
        Path(folder).mkdir(parents=True, exist_ok=True)
        run(["mount", folder])


def fstab_fields(fields: list[object]) -> tuple[str, str, str, str, str, str]:
    """The six fields of an /etc/fstab line; a device may be named without /dev."""
    defaults = ["", "none", "auto", "defaults,nofail", "0", "2"]
    device, folder, kind, options, dump, check = [str(field) for field in fields] + defaults[len(fields) :]
    if "/" not in device and "=" not in device and os.path.exists(f"/dev/{device}"):
        device = f"/dev/{device}"
    return device, folder, kind, options, dump, check


def set_hostname(name: str) -> None:
    """Names the machine, so that it can resolve its own name."""
    Path("/etc/hostname").write_text(f"{name}\n")
    with Path("/etc/hosts").open("a") as hosts:
        hosts.write(f"127.0.1.1\t{name}\n")
    run(["hostname", name])
