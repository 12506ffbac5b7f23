"""Whom to log in as, and with which key."""

from __future__ import annotations

import re
from pathlib import Path

from runctl.core.aws import Account, calling
from runctl.core.errors import NotFoundError
from runctl.providers.aws.keys import key_file
from runctl.providers.aws.model import Instance

# what the makers of images document; the first pattern that an image's name matches counts
_USERS = (
    (re.compile("ubuntu", re.I), "ubuntu"),
    (re.compile("debian", re.I), "admin"),
    (re.compile(r"rocky", re.I), "rocky"),
    (re.compile(r"fedora", re.I), "fedora"),
    (re.compile(r"almalinux|\bal2|amzn|amazon.?linux|rhel|suse|sles", re.I), "ec2-user"),
    (re.compile(r"centos", re.I), "centos"),
)
# whom an image of one's own usually knows, the most frequent first
_USUAL = ("ubuntu", "ec2-user", "admin")


def users_of(account: Account, instance: Instance) -> tuple[str, ...]:
    """Who may be logged in as, by the name of the instance's image: one user where the name tells, else those to try
    in turn. Raises CloudError."""
    name = _image_name(account, instance.ami)
    return next(((user,) for pattern, user in _USERS if pattern.search(name)), _USUAL)


def key_of(home: Path, instance: Instance) -> Path | None:
    """The private half of the instance's key pair: runctl's own, or of that name in ~/.ssh. None when there is none
    on this machine, so that ssh tries the user's own keys."""
    if not instance.key_name or "/" in instance.key_name:
        return None
    own = Path.home() / ".ssh"
    places = (key_file(home, instance.key_name), own / f"{instance.key_name}.pem", own / instance.key_name)
    return next((place for place in places if place.is_file()), None)


def _image_name(account: Account, image_id: str) -> str:
    """The image's name; "" when it is no longer there."""
    try:
        with calling(f"look up the machine image {image_id}"):
            images = account.client("ec2").describe_images(ImageIds=[image_id])["Images"]
    except NotFoundError:
        return ""
    return str(images[0].get("Name", "")) if images else ""
