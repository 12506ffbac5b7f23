"""Makes a volume. When that fails half-way, or is interrupted, it is taken back, for nobody was told of it."""

from __future__ import annotations

import time
import uuid
from contextlib import suppress
from typing import Any

from runctl.core.aws import Account, calling
from runctl.core.errors import CloudError, NotFoundError, RefusedError, RunctlError
from runctl.core.text import printable
from runctl.providers.aws import failures, tags, volumes
from runctl.providers.aws.model import Volume, volume_of
from runctl.providers.aws.polling import Pause, poll
from runctl.providers.aws.volumes import NewVolume

_TOLD_S = 15


def create(account: Account, wanted: NewVolume, pause: Pause, rest: Pause = time.sleep) -> Volume:
    """Makes a volume, with all its tags, and returns it available. `rest` sleeps while it is taken back.

    Raises CloudError, RefusedError when another command made one of that name at the same time, and what `pause`
    raises: then there is no volume.
    """
    made = _made(account, wanted)
    try:
        made = _available(account, made.id, pause)
        _check_first(account, made)
        pause(0)
    except BaseException as error:
        _take_back(account, made.id, rest, error)
        raise
    return made


def check_name(account: Account, name: str) -> None:
    """Raises RefusedError when a volume of runctl's is called so: a command given again shall not cost twice."""
    for volume in volumes.called(account, name):
        if volume.managed:
            raise RefusedError(
                f"there is a volume {printable(name)!r} already: {volume.id} ({volume.size_gib} GiB, {volume.zone})",
                hint="take that one, or give another --name",
            )


def _made(account: Account, wanted: NewVolume) -> Volume:
    try:
        with calling("create a volume"):
            return volume_of(account.client("ec2").create_volume(**_request(wanted)))
    except CloudError as error:
        if not failures.may_have_been_done(error):
            raise
        raise CloudError(
            f"{error.message}\nwhether {printable(wanted.name)} was made all the same is not known",
            "see, before you try again: runctl aws ebs list",
            error.code,
        ) from error


def _available(account: Account, volume_id: str, pause: Pause) -> Volume:
    def told() -> Volume | None:
        # EC2 may not know for some seconds what it has just made
        with suppress(NotFoundError):
            return volumes.get(account, volume_id)
        return None

    poll(told, _TOLD_S, pause)
    return volumes.wait_for(account, volume_id, volumes.AVAILABLE, pause)


def _check_first(account: Account, mine: Volume) -> None:
    """Of two creations of one name at once, the later takes itself back."""
    for other in volumes.called(account, mine.name):
        if other.managed and (other.created_at, other.id) < (mine.created_at, mine.id):
            raise RefusedError(f"{other.id} was called {printable(mine.name)!r} at the same time; {mine.id} is deleted")


def _take_back(account: Account, volume_id: str, rest: Pause, error: BaseException) -> None:
    try:
        _delete(account, volume_id, rest)
    except RunctlError as failure:
        message = error.message if isinstance(error, RunctlError) else "interrupted"
        raise CloudError(
            f"{message}\nand {volume_id} could not be taken back: {failure.message}",
            f"runctl aws ebs delete {volume_id}",
        ) from error


def _delete(account: Account, volume_id: str, rest: Pause) -> None:
    with suppress(NotFoundError):
        # EC2 deletes nothing that it is still making
        try:
            _available(account, volume_id, rest)
        except CloudError as failure:
            if failure.code != volumes.FAILED:
                raise
        volumes.delete(account, volume_id)


def _request(wanted: NewVolume) -> dict[str, Any]:
    own_tags = {**wanted.tags, **tags.own(wanted.name)}
    if wanted.mount_point:
        own_tags[tags.MOUNT] = wanted.mount_point
    if not wanted.snapshot_id:
        own_tags[tags.BLANK] = "true"
    choices = {"Iops": wanted.iops, "Throughput": wanted.throughput, "SnapshotId": wanted.snapshot_id}
    return {
        "AvailabilityZone": wanted.zone,
        "Size": wanted.size_gib,
        "VolumeType": wanted.type,
        "Encrypted": wanted.encrypted,
        "ClientToken": str(uuid.uuid4()),
        "TagSpecifications": [{"ResourceType": "volume", "Tags": tags.as_list(own_tags)}],
        **{name: value for name, value in choices.items() if value is not None},
    }
