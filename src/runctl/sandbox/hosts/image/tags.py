"""Names of the image in Docker: hashes of what it is made of, so that a changed recipe is another image.

There are two layers. The base is Debian with its packages, users and services: it takes a minute or two and changes
seldom. What is ours lies on top, and is made in a second."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from runctl.sandbox.hosts.docker import attempt

RECIPE = Path(__file__).parent
OWN_FILES = RECIPE / "root"  # a tree of files that is laid over Debian's
CLOUD_INIT = RECIPE.parent / "cloud_init"


@cache
def base_tag() -> str:
    """The base's name in Docker, `runctl-sandbox-base:<hash of its recipe>`."""
    return f"runctl-sandbox-base:{_hash([RECIPE / name for name in ('base.py', 'packages.txt', 'masked.txt')])}"


@cache
def tag() -> str:
    """The image's name in Docker, `runctl-sandbox:<hash of the whole recipe>`."""
    return f"runctl-sandbox:{_hash([*RECIPE.rglob('*'), *CLOUD_INIT.glob('*.py')])}"


def image_missing() -> bool:
    """True when the image of this recipe is still to be built. Raises SandboxError when there is no Docker to ask."""
    return missing(tag())


def missing(name: str) -> bool:
    """True when Docker has no image of that name."""
    return attempt("image", "inspect", name).code != 0


def _hash(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file() and path.suffix != ".pyc"):
        digest.update(f"{path.relative_to(RECIPE.parent)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
