"""The image that instances boot from: Debian with systemd, sshd and Docker, made from Debian's packages."""

from runctl.sandbox.hosts.image.build import build_image, remove_image
from runctl.sandbox.hosts.image.tags import image_missing, tag

__all__ = ["build_image", "image_missing", "remove_image", "tag"]
