"""moto's model of a region's volumes and snapshots, bound to disks."""

from __future__ import annotations

import time
from typing import Any, ClassVar, cast

from moto.core.utils import utcnow
from moto.ec2.exceptions import InvalidVolumeIdError
from moto.ec2.models import EC2Backend
from moto.ec2.models.block_device import BlockDeviceType

from runctl.sandbox.account.parts import Parts
from runctl.sandbox.account.refusing import refuse
from runctl.sandbox.account.volume import SandboxAttachment, SandboxSnapshot, SandboxVolume

# how often a volume that is being detached is looked at: whether it was unmounted
_LOOK_S = 0.2


class Volumes(EC2Backend):
    """Volumes, attachments and snapshots."""

    parts: ClassVar[Parts]

    # --- creating and deleting

    def make_disk(self, volume: SandboxVolume) -> None:
        """Gives a new volume its disk, in the background."""
        volume.is_record, volume.is_being_created = False, True
        snapshot = self.snapshots.get(volume.snapshot_id or "")
        content = snapshot.id if isinstance(snapshot, SandboxSnapshot) and not snapshot.is_record else None

        def work() -> None:
            try:
                self.parts.disks.create(volume.id, int(volume.size), content)
            except BaseException:
                volume.has_failed = True
                raise
            finally:
                volume.is_being_created = False

        self.parts.background.do(volume.id, work)

    def delete_volume(self, volume_id: str) -> Any:
        volume: Any = self.get_volume(volume_id)
        if volume.attachment:
            refuse("VolumeInUse", f"Volume {volume_id} is currently attached to {volume.attachment.instance.id}")
        self.volumes.pop(volume_id)
        self.tags.pop(volume_id, None)
        if not volume.is_record:
            self.parts.background.do(volume_id, lambda: self.parts.disks.delete(volume_id))
        return volume

    def describe_volumes(self, volume_ids: list[str] | None = None, filters: Any = None) -> list[Any]:
        for volume_id in volume_ids or ():
            self.get_volume(volume_id)
        return super().describe_volumes(volume_ids, filters)

    def get_volume(self, volume_id: str) -> Any:
        if volume_id not in self.volumes and not volume_id.startswith("vol-"):
            refuse("InvalidParameterValue", f"Value ({volume_id}) for parameter volumeId is invalid.")
        if volume_id not in self.volumes:
            raise InvalidVolumeIdError(volume_id)
        return self.volumes[volume_id]

    def modify_volume(self, volume_id: str, target_size: int | None = None, *args: Any, **kwargs: Any) -> Any:
        volume = self.get_volume(volume_id)
        if target_size is not None and int(target_size) < volume.size:
            refuse("InvalidParameterValue", "New size cannot be smaller than existing size")
        modified = super().modify_volume(volume_id, target_size, *args, **kwargs)
        if target_size is not None and not volume.is_record:
            size = int(target_size)
            self.parts.background.do(volume_id, lambda: self.parts.disks.resize(volume_id, size))
        return modified

    # --- attaching

    def record_attachment(
        self, volume: Any, instance: Any, device: str, on_termination: bool, status: str
    ) -> SandboxAttachment:
        """Writes down that a volume is attached, or on its way to be."""
        attachment = SandboxAttachment(volume, instance, device, status, on_termination)  # type: ignore[abstract]
        volume.attachment = attachment
        instance.block_device_mapping[device] = BlockDeviceType(
            volume_id=volume.id, status=status, size=volume.size, attach_time=utcnow(),
            delete_on_termination=on_termination,
        )  # fmt: skip
        return attachment

    def forget_attachment(self, volume: Any) -> None:
        """Writes down that a volume is attached no more."""
        attachment = volume.attachment
        attachment.status = "detached"
        attachment.instance.block_device_mapping.pop(attachment.device, None)
        volume.attachment = None

    def attach_volume(
        self, volume_id: str, instance_id: str, device_path: str, delete_on_termination: bool = False
    ) -> Any:
        volume, instance = self.get_volume(volume_id), cast(Any, self.get_instance(instance_id))
        _check_attachable(volume, instance, device_path)
        attachment = self.record_attachment(volume, instance, device_path, delete_on_termination, "attaching")
        if instance.is_record or instance.state == "stopped":
            attachment.status = "attached"
        elif not self.parts.faults.strike("volume-stuck", volume=volume_id):
            instance.lifecycle_of_hosts.attach(instance, attachment)
        return attachment

    def detach_volume(self, volume_id: str, instance_id: str, device_path: str, force: bool = False) -> Any:
        volume = self.get_volume(volume_id)
        attachment = volume.attachment
        if not attachment:
            refuse("IncorrectState", f"Volume '{volume_id}' is in the 'available' state.")
        instance = attachment.instance
        if instance_id not in (None, instance.id) or device_path not in (None, attachment.device):
            refuse(
                "InvalidAttachment.NotFound",
                f"Volume '{volume_id}' is not attached to instance '{instance_id}' as device '{device_path}'",
            )
        if volume.is_root and instance.state != "stopped":
            refuse("OperationNotPermitted", f"Unable to detach root volume '{volume_id}' from instance '{instance.id}'")
        attachment.status = "detaching"
        if instance.is_record or instance.state == "stopped":
            self.forget_attachment(volume)
            attachment.status = "detaching"
        elif not self.parts.faults.strike("volume-stuck", volume=volume_id):
            self.parts.background.do(f"{volume_id} detaching", lambda: self._detach(volume, attachment, force))
        return attachment

    def _detach(self, volume: Any, attachment: SandboxAttachment, force: bool) -> None:
        """Detaches once nothing of the host uses the volume, as long as that takes."""
        while volume.attachment is attachment:
            pid = self.parts.hosts.pid(attachment.instance.id)
            if pid is not None:
                if not force and self.parts.disks.in_use(volume.id, pid):
                    time.sleep(_LOOK_S)
                    continue
                self.parts.disks.detach(volume.id, pid, force)
            with self.parts.lock:
                if volume.attachment is attachment:
                    self.forget_attachment(volume)

    # --- snapshots

    def create_snapshot(
        self, volume_id: str, description: str, owner_id: str | None = None, from_ami: str | None = None
    ) -> Any:
        snapshot: Any = super().create_snapshot(volume_id, description, owner_id, from_ami)
        snapshot.status = "pending"
        if from_ami or snapshot.is_record:
            snapshot.complete()
            return snapshot
        # the content is that of the moment of the call
        self.parts.disks.snapshot(volume_id, snapshot.id)
        self.parts.background.do(snapshot.id, snapshot.complete)
        return snapshot

    def delete_snapshot(self, snapshot_id: str) -> Any:
        snapshot: Any = super().delete_snapshot(snapshot_id)
        self.tags.pop(snapshot_id, None)
        if not snapshot.is_record:
            self.parts.background.do(snapshot_id, lambda: self.parts.disks.delete_snapshot(snapshot_id))
        return snapshot


def _check_attachable(volume: Any, instance: Any, device: str) -> None:
    if volume.availability_zone != instance.availability_zone:
        refuse(
            "InvalidVolume.ZoneMismatch",
            f"The volume '{volume.id}' is not in the same availability zone as instance '{instance.id}'",
        )
    if volume.attachment:
        refuse("VolumeInUse", f"{volume.id} is already attached to an instance")
    if volume.is_being_created:
        refuse("IncorrectState", f"Volume '{volume.id}' is not 'available'.")
    if instance.state not in ("running", "stopped"):
        refuse("IncorrectState", f"Instance '{instance.id}' is not 'running'.")
    if not device:
        refuse("MissingParameter", "The request must contain the parameter device")
    if device in instance.block_device_mapping:
        refuse(
            "InvalidParameterValue",
            f"Invalid value '{device}' for unixDevice. Attachment point {device} is already in use",
        )
