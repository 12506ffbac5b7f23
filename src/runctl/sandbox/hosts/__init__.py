"""Instances' hosts: containers that boot as machines do."""

from runctl.sandbox.hosts.hosts import Hosts, remove_everything
from runctl.sandbox.hosts.image import build_image, image_missing, remove_image
from runctl.sandbox.hosts.requirements import missing_requirements

__all__ = ["Hosts", "build_image", "image_missing", "missing_requirements", "remove_everything", "remove_image"]
