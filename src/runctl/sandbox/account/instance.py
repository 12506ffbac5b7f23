"""An instance: moto's record of it, in the states that a real host goes through."""

from __future__ import annotations

import base64
import copy
from datetime import datetime
from typing import TYPE_CHECKING, Any

from moto.core.utils import utcnow
from moto.ec2.models.instances import Instance, InstanceState, StateReason

from runctl.sandbox.account.launching import Disk, Launch
from runctl.sandbox.account.refusing import refuse, refuse_state

if TYPE_CHECKING:
    from runctl.sandbox.account.lifecycle import Lifecycle

_CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
USER = StateReason("Client.UserInitiatedShutdown: User initiated shutdown", "Client.UserInitiatedShutdown")
ITSELF = StateReason(
    "Client.InstanceInitiatedShutdown: Instance initiated shutdown", "Client.InstanceInitiatedShutdown"
)
SPOT_END = StateReason("Server.SpotInstanceTermination: Spot instance termination", "Server.SpotInstanceTermination")
SPOT_STOP = StateReason("Server.SpotInstanceShutdown: Spot instance shutdown", "Server.SpotInstanceShutdown")
NO_BOOT = StateReason("Server.InternalError: Internal error on launch", "Server.InternalError")


class SandboxInstance(Instance):
    """An instance whose host is real, unless it `is_record`."""

    lifecycle_of_hosts: Lifecycle

    def __init__(self, ec2_backend: Any, image_id: str, *args: Any, **kwargs: Any) -> None:
        launch: Launch = ec2_backend.launch
        self.launch = launch
        self.is_record = launch.is_record
        self.is_impaired = False
        self.has_booted = False
        # the spot notice and the rebalance recommendation that the metadata service tells
        self.interruption: tuple[str, datetime] | None = None
        self.rebalance_at: datetime | None = None
        self.reservation_id = ""
        super().__init__(ec2_backend, image_id, *args, **kwargs)
        self._state = InstanceState("running", 16) if self.is_record else InstanceState("pending", 0)
        self.disable_api_termination = launch.termination_protected
        self.spot_instance_request_id: str | None = None
        self.ena_support = True
        for nic in self.nics.values():
            nic.delete_on_termination = True

    # --- what describe tells

    @property
    def network_interfaces(self) -> list[Any]:
        return [] if self.state == "terminated" else list(self.nics.values())

    @property
    def private_ip_address(self) -> str | None:
        return None if self.state == "terminated" else self.nics[0].private_ip_address

    @property
    def private_dns_name(self) -> str:
        return "" if self.state == "terminated" else super().private_dns_name

    @property
    def subnet_id(self) -> str | None:
        return None if self.state == "terminated" else super().subnet_id

    @property
    def vpc_id(self) -> str | None:
        return None if self.state == "terminated" else self.nics[0].subnet.vpc_id if self.nics else None

    @property
    def block_device_mappings(self) -> list[dict[str, Any]]:
        return [
            {
                "DeviceName": device,
                "Ebs": {
                    "VolumeId": block.volume_id,
                    "Status": self.ec2_backend.volumes[block.volume_id].attachment.status,
                    "AttachTime": block.attach_time,
                    "DeleteOnTermination": block.delete_on_termination,
                },
            }
            for device, block in self.get_block_device_mapping
        ]

    @property
    def user_data_bytes(self) -> bytes:
        """The user data, decoded; it may be no text."""
        return base64.b64decode(self.user_data.as_bytes()) if self.user_data else b""

    @property
    def instance_status(self) -> dict[str, Any]:
        return self._status(reachable=not self.is_impaired)

    @property
    def system_status(self) -> dict[str, Any]:
        return self._status(reachable=True)

    def _status(self, reachable: bool) -> dict[str, Any]:
        if self.state != "running":
            return {"Status": "not-applicable"}
        passed = "passed" if reachable else "failed"
        return {"Details": [{"Name": "reachability", "Status": passed}], "Status": "ok" if reachable else "impaired"}

    # --- what a request does

    def start(self) -> InstanceState:
        before = copy.copy(self._state)
        if self.state in ("running", "pending"):
            return before
        if self.state != "stopped":
            refuse_state(self.id, self.state, "started")
        self.enter("pending")
        self.launch_time = utcnow()
        self.lifecycle_of_hosts.boot(self)
        return before

    def stop(self, reason: StateReason = USER) -> InstanceState:
        before = copy.copy(self._state)
        if self.state in ("stopping", "stopped"):
            return before
        if self.state != "running":
            refuse_state(self.id, self.state, "stopped")
        if self.launch.spot and self.launch.spot_type == "one-time" and reason is USER:
            refuse(
                "UnsupportedOperation",
                f"You can't stop the Spot Instance '{self.id}' because it is associated with a one-time Spot Instance "
                "request. You can only stop Spot Instances associated with persistent Spot Instance requests.",
            )
        self.enter("stopping", reason)
        self.lifecycle_of_hosts.stop(self)
        return before

    def reboot(self) -> None:
        if self.state != "running":
            refuse_state(self.id, self.state, "rebooted")
        self.lifecycle_of_hosts.reboot(self)

    def terminate(self, reason: StateReason = USER) -> InstanceState:
        before = copy.copy(self._state)
        if self.state in ("shutting-down", "terminated"):
            return before
        self.enter("shutting-down", reason)
        self.lifecycle_of_hosts.terminate(self)
        return before

    def enter(self, state: str, reason: StateReason | None = None) -> None:
        """Goes into a state; without a reason it goes there because all is well."""
        self._state = InstanceState(state, _CODES[state])
        if state in ("pending", "running"):
            self._reason, self.state_reason = "", StateReason()
        if reason is not None:
            at = utcnow().strftime("%Y-%m-%d %H:%M:%S GMT")
            self._reason = f"User initiated ({at})" if reason is USER else reason.message if reason is NO_BOOT else ""
            self.state_reason = reason

    # --- its volumes

    def setup_defaults(self) -> None:
        """Makes the volumes that the AMI and the request name, attached as they will be; called by moto."""
        ami = self.ec2_backend.amis[self.image_id]
        root = ami.block_device_mappings[0]["Ebs"]
        wanted = {disk.device: disk for disk in self.launch.disks if disk.device not in self.launch.without}
        asked = wanted.pop(self.root_device_name, Disk(self.root_device_name))
        root_type = asked.volume_type or root["VolumeType"]
        if asked.size_gib is not None and asked.size_gib < root["VolumeSize"]:
            refuse(
                "InvalidBlockDeviceMapping",
                f"Volume of size {asked.size_gib}GB is smaller than snapshot '{root['SnapshotId']}', expect size >= "
                f"{root['VolumeSize']}GB",
            )
        self._add(
            asked._replace(
                size_gib=asked.size_gib or root["VolumeSize"],
                snapshot_id=asked.snapshot_id or root["SnapshotId"],
                volume_type=root_type,
            ),
            is_root=True,
        )
        for disk in wanted.values():
            self._add(disk, is_root=False)

    def _add(self, disk: Disk, is_root: bool) -> None:
        volume = self.ec2_backend.create_volume(
            size=disk.size_gib,
            zone_name=self._placement.zone,
            snapshot_id=disk.snapshot_id,
            encrypted=disk.encrypted,
            volume_type=disk.volume_type or "gp3",
            iops=disk.iops,
            throughput=disk.throughput,
        )
        volume.is_root = is_root
        on_termination = True if disk.delete_on_termination is None else disk.delete_on_termination
        self.ec2_backend.record_attachment(volume, self, disk.device, on_termination, "attached")
