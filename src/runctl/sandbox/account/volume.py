"""Volumes and snapshots: moto's records of them, with states that take time and contents that are real."""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow
from moto.ec2.models.elastic_block_store import Snapshot, Volume, VolumeAttachment

_GP3_THROUGHPUT = 125


class SandboxVolume(Volume):
    """A volume. `is_record`: it has no disk, or none yet; an instance's root volume never gets one, as it is the host's
    own file system."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_root = False
        self.is_record = True
        self.is_being_created = False
        self.has_failed = False
        if self.volume_type == "gp3" and self.throughput is None:
            self.throughput = _GP3_THROUGHPUT
        if self.volume_type == "gp2":
            self.iops = min(max(100, 3 * int(self.size)), 16000)

    @property
    def status(self) -> str:
        if self.has_failed:
            return "error"
        if self.is_being_created:
            return "creating"
        return "in-use" if self.attachment else "available"


class SandboxAttachment(VolumeAttachment):
    """Where a volume is attached; `status` is attaching, attached, detaching or detached."""

    def __init__(self, volume: SandboxVolume, instance: Any, device: str, status: str, on_termination: bool) -> None:
        super().__init__(volume, instance, device, status)
        self._on_termination = on_termination

    @property
    def delete_on_termination(self) -> bool:
        """As the instance has it now: the request to change it names the instance."""
        block = self.instance.block_device_mapping.get(self.device)
        return bool(block.delete_on_termination) if block else self._on_termination

    @property
    def state(self) -> str:
        return self.status


class SandboxSnapshot(Snapshot):
    """A snapshot. It keeps the size that its volume had."""

    def __init__(self, ec2_backend: Any, snapshot_id: str, volume: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(ec2_backend, snapshot_id, volume, *args, **kwargs)
        self._size = volume.size
        self.is_record = getattr(volume, "is_record", True)
        self.completion_time: Any = None

    @property
    def state(self) -> str:
        return self.status

    @property
    def volume_size(self) -> int:
        return int(self.volume.size if self.from_ami else self._size)

    @property
    def progress(self) -> str:
        return "100%" if self.status == "completed" else "0%"

    def complete(self) -> None:
        """All of the volume's content is in it."""
        self.status = "completed"
        self.completion_time = utcnow()
