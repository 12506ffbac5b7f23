"""The requests about volumes: each a verb with the fields that it takes, answered by the module of its name."""

from __future__ import annotations

import re
import signal
import sys
import time
from typing import Any, Callable, Dict, List

from runctl.agent.control import Refused
from runctl.agent.volumes import (
    devices,
    formatting,
    freezing,
    growing,
    locks,
    mounting,
    signatures,
    unmounting,
    warming,
)
from runctl.agent.volumes.blankness import Provenance
from runctl.agent.volumes.disks import Disk
from runctl.agent.volumes.frames import Reporter

_VOLUME_ID = re.compile(r"vol-[0-9a-z]+")


def answer(request: Dict[str, Any]) -> Any:
    """Answers one request; those that take long write frames to stdout and return None. Raises Refused, OSError."""
    # a connection that ends must not end what is half done
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    return _VERBS[request["verb"]](request)


def _list(request: Dict[str, Any]) -> List[Dict[str, Any]]:
    return [_described(_volume(fields)) for fields in request["volumes"]]


def _described(volume: devices.Volume) -> Dict[str, Any]:
    """A volume as this machine sees it; `device` is None when it does not see it (yet)."""
    disk = devices.find(volume)
    if disk is None:
        return {"id": volume.id, "device": None, "size_bytes": 0, "content": None, "mount_points": []}
    mounted = mounting.of_disk(disk)
    content = signatures.look(disk)
    return {
        "id": volume.id,
        "device": disk.path,
        "size_bytes": disk.size,
        "content": content and content.words,
        "mount_points": [mount.point for mount in mounted],
    }


def _mount(request: Dict[str, Any]) -> None:
    """Every volume for itself: one that can't be mounted does not keep the others from it."""
    reporter = _reporter()
    answers: List[Dict[str, Any]] = []
    for fields in request["volumes"]:
        try:
            answers.append(mounting.mount(_wish(fields), reporter))
        except Refused as refused:
            answers.append({"id": fields["id"], "error": str(refused), "hint": refused.hint, "refused": True})
        except BrokenPipeError:
            raise
        except OSError as error:
            answers.append({"id": fields["id"], "error": str(error.strerror), "hint": None, "refused": False})
    reporter.result(answers)


def _unmount(request: Dict[str, Any]) -> Dict[str, Any]:
    return unmounting.unmount(_volume(request))


def _freeze(request: Dict[str, Any]) -> None:
    freezing.hold(_volume(request), _reporter())


def _warm(request: Dict[str, Any]) -> None:
    reporter = _reporter()
    reporter.result(warming.warm(_volume(request), request["patience_s"], reporter))


def _grow(request: Dict[str, Any]) -> Dict[str, Any]:
    """Waits until the disk has its new size, then grows what is mounted of it."""
    volume = _volume(request)
    with locks.held(volume.id):
        disk = _of_size(volume, request["size_bytes"], request["patience_s"])
        mounted = [mount for mount in mounting.of_disk(disk) if mount.number == disk.number]
        grown = growing.grow(mounted[0], disk.path) if mounted else None
    return {
        "id": volume.id,
        "mount_point": mounted[0].point if mounted else None,
        "size_bytes": grown.after if grown else None,
        "grown_bytes": grown.after - grown.before if grown else 0,
        "problem": grown.problem if grown else None,
    }


def _of_size(volume: devices.Volume, size: int, patience_s: float) -> Disk:
    deadline = time.monotonic() + patience_s
    while True:
        disk = devices.wait(volume, patience_s)
        if disk.size >= size:
            return disk
        if time.monotonic() > deadline:
            raise Refused("the device of %s still has its old size after %.0f s" % (volume.id, patience_s))
        time.sleep(devices.POLL_S)


def _wish(fields: Dict[str, Any]) -> mounting.Wish:
    kind = fields["format"]
    if kind not in (None, *formatting.KINDS) or (fields["erase"] and kind is None):
        raise Refused("no file system %r is made here" % kind)
    provenance = Provenance(fields["fresh"], fields["blank_at"])
    return mounting.Wish(
        volume=_volume(fields),
        mount_point=fields["mount_point"],
        exactly=fields["exactly"],
        format=formatting.Format(kind, fields["label"], provenance) if kind else None,
        erase=fields["erase"],
        holds=fields["holds"],
        settling_s=fields["settling_s"],
        patience_s=fields["patience_s"],
    )


def _volume(fields: Dict[str, Any]) -> devices.Volume:
    if not _VOLUME_ID.fullmatch(fields["id"]):
        raise Refused("%r is no volume's id" % fields["id"])
    return devices.Volume(fields["id"], fields["attached_as"])


def _reporter() -> Reporter:
    return Reporter(sys.stdout.buffer)


_VERBS: Dict[str, Callable[[Dict[str, Any]], Any]] = {
    "volumes": _list,
    "mount": _mount,
    "unmount": _unmount,
    "freeze": _freeze,
    "warm": _warm,
    "grow": _grow,
}
