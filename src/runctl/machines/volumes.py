"""Volumes on machines: attached and mounted, unmounted and detached. A command that is cut short can be repeated."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from runctl.core.aws import Account
from runctl.core.config import Config
from runctl.core.errors import CloudError, RefusedError, RunctlError, UnreachableError
from runctl.machines import provenance
from runctl.providers.aws import instances, model, tags, volumes
from runctl.providers.aws.model import Attachment, Instance, Volume
from runctl.providers.aws.polling import Pause
from runctl.transport.ssh import SshTransport
from runctl.transport.volumes_client import Mounted, NotMounted, OnMachine, Progress, Report, VolumesClient, Wish

# gives the agent of an instance, with root's rights; raises UnreachableError, RunctlError
Agents = Callable[[Instance], VolumesClient]
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_TAKEN = ("VolumeInUse", "IncorrectState")


class Mounting(NamedTuple):
    """How a volume is to be mounted. Without a mount point: where its tag says, else /mnt/<name>. `format` makes a
    file system on a blank volume, with `erase` on any."""

    mount_point: str | None = None
    format: str | None = None
    erase: bool = False


class Attached(NamedTuple):
    """A volume on a machine; `mounted` is None when nothing was asked for but the attachment."""

    volume_id: str
    instance_id: str
    device: str
    mounted: Mounted | None


class Detached(NamedTuple):
    """A volume that is on no machine any more, and where it was; None where it was attached to none."""

    volume_id: str
    instance_id: str | None
    unmounted: list[str]


def agents_of(account: Account, config: Config) -> Agents:
    """The agents of instances as the settings say that they are reached."""

    def agent_of(instance: Instance) -> VolumesClient:
        from runctl.machines.reach import reach

        return VolumesClient(reach(account, config, instance).sudo())

    return agent_of


def attach(
    account: Account,
    volume: Volume,
    instance: Instance,
    device: str | None,
    mounting: Mounting | None,
    agents: Agents,
    report: Report,
    pause: Pause,
) -> Attached:
    """Attaches a volume, and mounts it if that is asked for. What is done already is not done again.

    Raises RefusedError before anything is changed: another zone, attached elsewhere, a machine that doesn't run or,
    if it is to be mounted, can't be reached (UnreachableError).
    """
    _refuse_place(volume, instance, mounting)
    agent = agents(instance) if mounting else None
    if agent:
        agent.volumes([])
    before = volumes.attachment_to(volume, instance.id)
    if before:
        attachment, fresh = volumes.wait_until_attached(account, volume.id, instance.id, pause), False
    else:
        attachment, fresh = _attach_now(account, volume, instance, device, pause)
        if fresh and not mounting:
            volumes.tag(account, volume.id, {tags.BLANK: provenance.mark(instance.id, attachment)})
    mounted = _mount_one(account, volume, attachment, mounting, fresh, agent, report) if mounting and agent else None
    return Attached(volume.id, instance.id, attachment.device, mounted)


def mount(account: Account, volume: Volume, mounting: Mounting, agents: Agents, report: Report) -> Attached:
    """Mounts a volume that is attached. Raises RefusedError, UnreachableError."""
    instance, attachment = where(account, volume)
    _refuse_stopped(instance)
    mounted = _mount_one(account, volume, attachment, mounting, False, agents(instance), report)
    return Attached(volume.id, instance.id, attachment.device, mounted)


def mount_attached(
    account: Account, config: Config, instance: Instance, transport: SshTransport, report: Report = lambda _: None
) -> list[Mounted]:
    """Mounts every data volume of a running instance where its tag says, else where it is mounted already, else at
    /mnt/<name or id>. Returns those that are mounted.

    Raises RunctlError for a volume of runctl's that can't be; another's that holds nothing to mount is passed over.
    """
    found = volumes.of_instance(account, instance)
    if not found:
        return []
    attachments = {volume.id: _attachment(volume) for volume in found}
    wishes = [_wish(volume, attachments[volume.id], Mounting(), fresh=False) for volume in found]
    answers = VolumesClient(transport.sudo()).mount(wishes, report)
    mounted = []
    for volume, answer in zip(found, answers, strict=True):
        if isinstance(answer, NotMounted):
            if volume.managed:
                raise answer.error
            report(Progress(volume.id, f"left alone: {answer.error.message}", None, None))
            continue
        _remember(account, volume, answer, chosen=False)
        mounted.append(answer)
    return mounted


def unmount(account: Account, volume: Volume, agents: Agents) -> list[str]:
    """Writes everything out and unmounts a volume; returns where it was mounted. Raises RefusedError naming the
    processes that use it, UnreachableError."""
    instance, attachment = where(account, volume)
    _refuse_stopped(instance)
    return agents(instance).unmount(OnMachine(volume.id, attachment.device))


def unmount_and_detach(account: Account, volume: Volume, force: bool, agents: Agents, pause: Pause) -> Detached:
    """Unmounts a volume and detaches it. One that is not attached is left as it is.

    With `force` it is detached even where it can't be unmounted: the machine can't be reached, or a process uses it.
    Raises RefusedError naming the processes, UnreachableError.
    """
    if not volume.attachments:
        return Detached(volume.id, None, [])
    instance, attachment = where(account, volume)
    unmounted, forced = _unmounted(volume, instance, attachment, force, agents)
    if tags.BLANK in volume.tags:
        volumes.untag(account, volume.id, [tags.BLANK])
    volumes.detach(account, volume.id, instance.id, forced, pause)
    return Detached(volume.id, instance.id, unmounted)


def where(account: Account, volume: Volume) -> tuple[Instance, Attachment]:
    """The instance that a data volume is attached to. Raises RefusedError when it is attached to none, or the instance
    boots from it."""
    if not volume.attachments:
        raise RefusedError(
            f"{volume.id} is not attached to an instance", hint=f"runctl aws ebs attach {volume.id} INSTANCE"
        )
    attachment = _attachment(volume)
    instance = instances.get(account, attachment.instance_id)
    if attachment.device == instance.root_device:
        raise RefusedError(f"{volume.id} is the disk that {instance.id} boots from")
    return instance, attachment


def default_point(volume: Volume) -> str:
    """Where a volume is mounted when nobody says: /mnt/ and its name, or its id where that is no folder's name."""
    return f"/mnt/{volume.name if _SAFE_NAME.fullmatch(volume.name) else volume.id}"


def _attachment(volume: Volume) -> Attachment:
    return volume.attachments[0]


def _refuse_place(volume: Volume, instance: Instance, mounting: Mounting | None) -> None:
    if volume.zone != instance.zone:
        raise RefusedError(
            f"{volume.id} is in {volume.zone}, but {instance.id} is in {instance.zone}",
            hint=f"a volume can't leave its zone; a copy can: runctl aws ebs snapshot {volume.id} --wait, then "
            f"runctl aws ebs restore SNAPSHOT --zone {instance.zone}",
        )
    for attachment in volume.attachments:
        if attachment.instance_id != instance.id:
            raise _in_use(volume, attachment)
        if attachment.state == "detaching":
            raise RefusedError(f"{volume.id} is being detached from {instance.id}", hint="try again in a moment")
    if mounting:
        _refuse_stopped(instance)
    elif instance.state not in (model.RUNNING, model.STOPPED):
        raise RefusedError(f"{instance.id} is {instance.state}", hint=f"runctl aws wait {instance.id}")


def _in_use(volume: Volume, attachment: Attachment) -> RefusedError:
    return RefusedError(
        f"{volume.id} is attached to {attachment.instance_id} as {attachment.device}",
        hint=f"first: runctl aws ebs detach {volume.id}",
    )


def _refuse_stopped(instance: Instance) -> None:
    if instance.state != model.RUNNING:
        raise RefusedError(
            f"{instance.id} is {instance.state}: nothing can be mounted there", hint=f"runctl aws start {instance.id}"
        )


def _attach_now(
    account: Account, volume: Volume, instance: Instance, device: str | None, pause: Pause
) -> tuple[Attachment, bool]:
    """The attachment, and whether nothing but this command can have written to the volume since it was made."""
    if volume.state == volumes.CREATING:
        volume = volumes.wait_for(account, volume.id, volumes.AVAILABLE, pause)
    if tags.BLANK in volume.tags:
        # whoever takes up a command that is ended here can't know what was done to the volume meanwhile
        volumes.untag(account, volume.id, [tags.BLANK])
    try:
        return volumes.attach(account, volume, instance, device, pause), provenance.is_unused(volume)
    except CloudError as error:
        if error.code not in _TAKEN:
            raise
        # another command was quicker
        volume = volumes.get(account, volume.id)
        for attachment in volume.attachments:
            if attachment.instance_id != instance.id:
                raise _in_use(volume, attachment) from error
        return volumes.wait_until_attached(account, volume.id, instance.id, pause), False


def _mount_one(
    account: Account,
    volume: Volume,
    attachment: Attachment,
    mounting: Mounting,
    fresh: bool,
    agent: VolumesClient,
    report: Report,
) -> Mounted:
    [answer] = agent.mount([_wish(volume, attachment, mounting, fresh)], report)
    if isinstance(answer, NotMounted):
        raise answer.error
    _remember(account, volume, answer, chosen=mounting.mount_point is not None)
    return answer


def _wish(volume: Volume, attachment: Attachment, mounting: Mounting, fresh: bool) -> Wish:
    point = mounting.mount_point or volume.mount_point or default_point(volume)
    return Wish(
        volume=OnMachine(volume.id, attachment.device),
        mount_point=point,
        exactly=mounting.mount_point is not None,
        format=mounting.format or provenance.default_format(volume),
        label=volume.name if _SAFE_NAME.fullmatch(volume.name) else "data",
        fresh=fresh,
        blank_at=provenance.blank_at(volume, attachment),
        erase=mounting.erase,
        holds=volume.tags.get(tags.FILE_SYSTEM),
    )


def _remember(account: Account, volume: Volume, mounted: Mounted, chosen: bool) -> None:
    """Writes into the volume's tags where it belongs, and that it holds something now."""
    new = {}
    if volume.tags.get(tags.FILE_SYSTEM) != mounted.file_system:
        new[tags.FILE_SYSTEM] = mounted.file_system
    if (chosen or not volume.mount_point) and volume.mount_point != mounted.mount_point:
        new[tags.MOUNT] = mounted.mount_point
    if new:
        volumes.tag(account, volume.id, new)
    if tags.BLANK in volume.tags:
        volumes.untag(account, volume.id, [tags.BLANK])


def _unmounted(
    volume: Volume, instance: Instance, attachment: Attachment, force: bool, agents: Agents
) -> tuple[list[str], bool]:
    """Where it was mounted, and whether it has to be taken away by force."""
    if instance.state != model.RUNNING or attachment.state != volumes.ATTACHED:
        return [], False
    try:
        return agents(instance).unmount(OnMachine(volume.id, attachment.device)), False
    except UnreachableError as error:
        if force:
            return [], True
        raise UnreachableError(
            f"{volume.id} can't be unmounted: {error.message}",
            hint=f"stop the machine first (runctl aws stop {instance.id}), or lose what it has not written: --force",
        ) from error
    except RunctlError:
        if force:
            return [], True
        raise
