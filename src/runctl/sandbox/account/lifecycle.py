"""What happens to hosts behind the requests: booting, shutting down, attaching; each instance's work in order."""

from __future__ import annotations

import traceback
from typing import Any

from moto.ec2.models.instances import StateReason

from runctl.sandbox.account.instance import ITSELF, NO_BOOT, SandboxInstance
from runctl.sandbox.account.parts import Parts
from runctl.sandbox.account.reaching import Reaching
from runctl.sandbox.gate import log
from runctl.sandbox.model import Boot

LATE_S = 3.0


class Lifecycle:
    """Carries out on hosts what the records say."""

    def __init__(self, parts: Parts, reaching: Reaching) -> None:
        self._parts, self._reaching = parts, reaching

    # --- what a request asks for; each returns at once

    def boot(self, instance: SandboxInstance) -> None:
        """pending → running."""
        self._parts.background.do(instance.id, lambda: self._boot(instance))

    def stop(self, instance: SandboxInstance) -> None:
        """stopping → stopped."""
        self._parts.background.do(instance.id, lambda: self._stop(instance))

    def reboot(self, instance: SandboxInstance) -> None:
        """Shuts down and boots, and stays running."""
        if not instance.is_impaired:
            self._parts.background.do(instance.id, lambda: self._reboot(instance))

    def terminate(self, instance: SandboxInstance) -> None:
        """shutting-down → terminated."""
        self._parts.background.do(instance.id, lambda: self._terminate(instance))

    def attach(self, instance: SandboxInstance, attachment: Any) -> None:
        """attaching → attached."""
        self._parts.background.do(instance.id, lambda: self._attach(instance, attachment))

    def ended(self, instance: SandboxInstance) -> None:
        """The host has powered itself off."""
        with self._parts.lock:
            if instance.state != "running":
                return
            if instance.instance_initiated_shutdown_behavior == "terminate":
                instance.terminate(ITSELF)
            else:
                instance.stop(ITSELF)

    def rebooted(self, instance: SandboxInstance) -> None:
        """The host has rebooted itself: its network and its devices are new."""
        self._parts.background.do(instance.id, lambda: self._open_again(instance))

    # --- the work

    def _boot(self, instance: SandboxInstance) -> None:
        if instance.state != "pending" or instance.is_record:
            instance.enter("running")
            return
        if self._parts.faults.strike("boot-never", type=instance.instance_type, zone=str(instance.availability_zone)):
            instance.is_impaired = True
            instance.enter("running")
            return
        try:
            self._start_host(instance)
        except Exception:
            log(traceback.format_exc())
            with self._parts.lock:
                instance.terminate(NO_BOOT)
            return
        with self._parts.lock:
            if instance.state == "pending":
                instance.enter("running")

    def _start_host(self, instance: SandboxInstance) -> None:
        first = not instance.has_booted
        if first:
            network = self._reaching.network_of(instance)
            self._parts.hosts.create(
                Boot(
                    instance_id=instance.id,
                    hostname=instance.private_dns_name.partition(".")[0],
                    network=network,
                    address=str(instance.private_ip_address),
                    public_keys=_public_keys(instance),
                    user_data=instance.user_data_bytes,
                    environment={"AWS_ENDPOINT_URL": self._reaching.endpoint_of(instance)},
                )
            )
            instance.has_booted = True
        else:
            self._parts.hosts.start(instance.id)
        self._reaching.open(instance)
        self._attach_all(instance)

    def _attach_all(self, instance: SandboxInstance) -> None:
        for _, block in sorted(instance.get_block_device_mapping):
            volume = instance.ec2_backend.volumes[block.volume_id]
            if volume.is_root:
                continue
            if volume.is_record:
                # it came with the instance
                instance.ec2_backend.make_disk(volume)
            self._parts.background.wait_for(volume.id)
            self._put_in(instance, volume.attachment)

    def _attach(self, instance: SandboxInstance, attachment: Any) -> None:
        if attachment.status == "attaching":
            self._put_in(instance, attachment)
            attachment.status = "attached"

    def _put_in(self, instance: SandboxInstance, attachment: Any) -> None:
        pid = self._parts.hosts.pid(instance.id)
        if pid is None:
            return
        volume_id = attachment.volume.id
        late = self._parts.faults.strike("late-device", volume=volume_id)
        blank = self._parts.faults.strike("late-filesystem", volume=volume_id)
        self._parts.disks.attach(
            volume_id,
            attachment.device,
            pid,
            delay_s=late.number("seconds", LATE_S) if late else 0,
            blank_s=blank.number("seconds", LATE_S) if blank else 0,
        )

    def _reboot(self, instance: SandboxInstance) -> None:
        if instance.state != "running":
            return
        self._parts.hosts.reboot(instance.id)
        self._open_again(instance)

    def _open_again(self, instance: SandboxInstance) -> None:
        self._reaching.open(instance)
        self._attach_all(instance)

    def _stop(self, instance: SandboxInstance) -> None:
        if instance.has_booted:
            self._parts.hosts.stop(instance.id)
        self._reaching.close(instance)
        self._release_volumes(instance)
        with self._parts.lock:
            for nic in instance.nics.values():
                nic.stop()
            instance.is_impaired = False
            instance.enter("stopped", instance.state_reason)

    def _terminate(self, instance: SandboxInstance) -> None:
        if instance.has_booted:
            self._parts.hosts.stop(instance.id)
            self._parts.hosts.remove(instance.id)
        self._reaching.close(instance)
        self._release_volumes(instance)
        with self._parts.lock:
            _give_up(instance)
            _enter_kept_reason(instance, "terminated", instance.state_reason)

    def _release_volumes(self, instance: SandboxInstance) -> None:
        for _, block in instance.get_block_device_mapping:
            volume = instance.ec2_backend.volumes[block.volume_id]
            if not volume.is_record:
                self._parts.background.wait_for(volume.id)
                self._parts.disks.release(volume.id)
            with self._parts.lock:
                if volume.attachment and volume.attachment.status == "detaching":
                    instance.ec2_backend.forget_attachment(volume)
                elif volume.attachment:
                    volume.attachment.status = "attached"


def _enter_kept_reason(instance: SandboxInstance, state: str, reason: StateReason) -> None:
    kept = instance._reason
    instance.enter(state, reason)
    instance._reason = kept


def _give_up(instance: SandboxInstance) -> None:
    """What a terminated instance had: its volumes, interfaces, role and spot request."""
    backend = instance.ec2_backend
    for _, block in instance.get_block_device_mapping:
        volume = backend.volumes[block.volume_id]
        backend.forget_attachment(volume)
        if block.delete_on_termination:
            backend.delete_volume(volume.id)
    for nic in instance.nics.values():
        nic.stop()
        if nic.delete_on_termination:
            nic.delete()
            backend.tags.pop(nic.id, None)
    association = backend.iam_instance_profile_associations.get(instance.id)
    if association:
        backend.disassociate_iam_instance_profile(association_id=association.association_id)
    backend.close_spot_request(instance)


def _public_keys(instance: SandboxInstance) -> tuple[str, ...]:
    pair = instance.ec2_backend.key_pairs.get(instance.key_name)
    return (pair.material_public.decode().strip(),) if pair else ()
