"""Snapshots, warming and growing of volumes, with what their machines have to do for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from runctl.core.aws import Account
from runctl.core.errors import RefusedError, UnreachableError
from runctl.machines.volumes import Agents, where
from runctl.providers.aws import instances, model, snapshots, volumes
from runctl.providers.aws.model import Snapshot, Volume
from runctl.providers.aws.polling import Pause
from runctl.transport.volumes_client import Grown, OnMachine, Report

_GIB = 1 << 30


class Warmed(NamedTuple):
    """A volume of which every block has been read; `read_bytes` by this command."""

    volume_id: str
    instance_id: str
    read_bytes: int


class Resized(NamedTuple):
    """A volume with its new size. `grown` is None where no machine runs that has it."""

    volume_id: str
    size_gib: int
    grown: Grown | None


def snapshot(account: Account, volume: Volume, name: str, agents: Agents, warn: Callable[[str], None]) -> Snapshot:
    """Begins a snapshot. What is mounted is written out and held still for that moment; where the machine can't be
    reached it is made nonetheless, as after a power cut, and `warn` is told. Raises RefusedError, CloudError."""
    for attachment in volume.attachments:
        instance = instances.get(account, attachment.instance_id)
        if instance.state != model.RUNNING or attachment.device == instance.root_device:
            continue
        try:
            with agents(instance).frozen(OnMachine(volume.id, attachment.device)):
                return snapshots.create(account, volume, name)
        except UnreachableError as error:
            warn(f"{error.message}; the snapshot holds what was on the disk, as after a power cut")
    return snapshots.create(account, volume, name)


def pre_warm(account: Account, volume: Volume, agents: Agents, report: Report) -> Warmed:
    """Reads every block of an attached volume on its machine. Raises RefusedError, UnreachableError."""
    instance, attachment = where(account, volume)
    if instance.state != model.RUNNING:
        raise RefusedError(f"{instance.id} is {instance.state}", hint=f"runctl aws start {instance.id}")
    read = agents(instance).warm(OnMachine(volume.id, attachment.device), report)
    return Warmed(volume.id, instance.id, read)


def resize(account: Account, volume: Volume, size_gib: int, agents: Agents, pause: Pause) -> Resized:
    """Makes a volume larger, and its file system with it where it is mounted. Raises RefusedError, CloudError."""
    if size_gib < volume.size_gib:
        raise RefusedError(
            f"{volume.id} has {volume.size_gib} GiB, and a volume can't become smaller",
            hint="make a smaller one and copy what is on it",
        )
    volumes.enlarge(account, volume, size_gib, pause)
    for attachment in volume.attachments:
        instance = instances.get(account, attachment.instance_id)
        if instance.state == model.RUNNING and attachment.device != instance.root_device:
            grown = agents(instance).grow(OnMachine(volume.id, attachment.device), size_gib * _GIB)
            return Resized(volume.id, size_gib, grown)
    return Resized(volume.id, size_gib, None)
