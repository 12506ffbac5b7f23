"""Volumes and snapshots: sparse files on loop devices that appear in a host as EBS volumes do."""

from runctl.sandbox.disks.disks import Disks, remove_everything

__all__ = ["Disks", "remove_everything"]
