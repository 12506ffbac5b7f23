"""What the metadata service tells an instance about itself, read from the account's records."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime, timezone
from typing import Any

from runctl.sandbox.account.identities import role_keys, role_of_profile
from runctl.sandbox.account.instance import SandboxInstance
from runctl.sandbox.account.parts import ACCOUNT_ID
from runctl.sandbox.metadata import Credentials, Host, Notice, Profile


def metadata_of(instance: SandboxInstance, lock: AbstractContextManager[object]) -> Host:
    """An instance as its metadata service knows it. `lock` is held while keys of its role are made."""
    nic: Any = instance.nics[0]
    pair: Any = instance.ec2_backend.key_pairs.get(instance.key_name)
    return Host(
        instance_id=instance.id,
        instance_type=instance.instance_type,
        zone=str(instance.availability_zone),
        region=instance.region_name,
        ami=instance.image_id,
        private_address=str(nic.private_ip_address),
        hostname=instance.private_dns_name,
        mac=nic.mac_address,
        account=ACCOUNT_ID,
        launched=_aware(instance.launch_time),
        public_address=nic.public_ip,
        vpc=nic.subnet.vpc_id,
        vpc_cidr=instance.ec2_backend.vpcs[nic.subnet.vpc_id].cidr_block,
        subnet=nic.subnet.id,
        subnet_cidr=nic.subnet.cidr_block,
        reservation=instance.reservation_id,
        security_groups=tuple((group.id, group.name) for group in nic.group_set),
        tags=_tags(instance),
        profile=_profile(instance, lock),
        spot=instance.launch.spot,
        notice=instance.interruption and Notice(*instance.interruption),
        rebalance=instance.rebalance_at,
        public_keys=((str(instance.key_name), pair.material_public.decode().strip()),) if pair else (),
        user_data=instance.user_data_bytes or None,
        block_devices=_block_devices(instance),
        hop_limit=instance.metadata_options.http_put_response_hop_limit,
    )


def _tags(instance: SandboxInstance) -> dict[str, str] | None:
    if instance.metadata_options.instance_metadata_tags != "enabled":
        return None
    return dict(instance.ec2_backend.tags.get(instance.id, {}))


def _profile(instance: SandboxInstance, lock: AbstractContextManager[object]) -> Profile | None:
    if not instance.iam_instance_profile:
        return None
    arn = instance.iam_instance_profile["Arn"]
    role = role_of_profile(arn)
    if role is None:
        return None

    def credentials() -> Credentials:
        with lock:
            keys = role_keys(role, instance.id)
        return Credentials(keys.access_key, keys.secret_key, keys.token, datetime.now(timezone.utc), keys.expires_at)

    return Profile(arn, instance.iam_instance_profile["Id"], role.name, credentials)


def _block_devices(instance: SandboxInstance) -> dict[str, str]:
    devices = {"ami": instance.root_device_name, "root": instance.root_device_name}
    others = sorted(device for device, _ in instance.get_block_device_mapping if device != instance.root_device_name)
    return {**devices, **{f"ebs{number}": device for number, device in enumerate(others, 1)}}


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)
