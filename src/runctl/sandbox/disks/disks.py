"""EBS volumes: sparse files on loop devices, which appear in a host as they do on EC2."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Generator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from runctl.sandbox.disks import files, loops, nodes, still, users
from runctl.sandbox.model import SandboxError

log = logging.getLogger(__name__)


RETRY_S = 0.05
SETTLING_S = 2.0
"""How long the mounts of a host that has just ended may take to go."""

Steps = Generator[float, None, None]


class View(NamedTuple):
    """The part of a volume's file that its device is, and for how long."""

    lasts_s: float
    offset: int
    size: int


class Arrival(NamedTuple):
    """A volume that has not fully appeared yet: what is still to be done, and whether it shall be left undone."""

    steps: Steps
    cancelled: threading.Event


class Disks:
    """The volumes and snapshots of a sandbox. `folder` is its state folder.

    What is attached where is read from the kernel, so that nothing is forgotten with this object. A volume is attached
    to one host at a time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._lock = threading.RLock()
        self._arriving: dict[str, Arrival] = {}

    def create(self, volume_id: str, size_gib: int, snapshot_id: str | None) -> None:
        """A volume, blank or with what the snapshot holds."""
        if snapshot_id:
            files.copy(self._snapshot(snapshot_id), self._volume(volume_id))
        files.make(self._volume(volume_id), size_gib * files.GIB)

    def delete(self, volume_id: str) -> None:
        """Silent when there is none."""
        self.release(volume_id)
        self._volume(volume_id).unlink(missing_ok=True)

    def resize(self, volume_id: str, size_gib: int) -> None:
        """Makes the volume larger; a host that has it sees that at once."""
        with self._lock:
            files.make(self._volume(volume_id), size_gib * files.GIB)
            if loop := loops.of(self._volume(volume_id)):
                loops.measure(loop)

    def snapshot(self, volume_id: str, snapshot_id: str) -> None:
        """What the volume holds now, as after a power cut: what its host has not yet written out is not in it."""
        still.copy(self._volume(volume_id), self._snapshot(snapshot_id))

    def delete_snapshot(self, snapshot_id: str) -> None:
        """Silent when there is none."""
        self._snapshot(snapshot_id).unlink(missing_ok=True)

    def attach(
        self, volume_id: str, device: str, pid: int, delay_s: float = 0, empty_s: float = 0, blank_s: float = 0
    ) -> None:
        """The volume appears in the host whose init is `pid`, as the next /dev/nvmeXn1 and with the links of EC2;
        `device` is the attachment name (/dev/sdf). To be called again after the host was booted again.

        Faults: it appears only after `delay_s` seconds, has no size for the next `empty_s`, and reads as zeros for the
        next `blank_s` (what is written then does reach the volume). Raises SandboxError when there is no such host.
        """
        with self._lock:
            self.release(volume_id)
            nodes.folder(pid)
            arrival = Arrival(self._arrive(volume_id, device, pid, delay_s, empty_s, blank_s), threading.Event())
            wait_s = next(arrival.steps, None)
            if wait_s is not None:
                self._arriving[volume_id] = arrival
                threading.Thread(target=self._go_on, args=(volume_id, arrival, wait_s), daemon=True).start()

    def in_use(self, volume_id: str, pid: int) -> bool:
        """Whether the volume is mounted (or swap, or part of a larger one), or open in a process of that host."""
        loop = loops.of(self._volume(volume_id))
        return loop is not None and (loops.claimed(loop) or users.held_open(loop.device, pid))

    def detach(self, volume_id: str, pid: int, force: bool = False) -> None:
        """The volume disappears from that host, which runs. Raises SandboxError when it is in use there.

        With `force` the host's reads and writes fail from then on, and what it had not yet written out is lost.
        """
        with self._lock:
            if loop := loops.of(self._volume(volume_id)):
                used = self.in_use(volume_id, pid)
                if used and not force:
                    raise SandboxError(f"{volume_id} is in use: mounted, or open in a process")
                nodes.remove(nodes.folder(pid), loop.device)
                if used:
                    self._pull(volume_id, loop)
            self.release(volume_id)

    def release(self, volume_id: str) -> None:
        """The volume is attached to nothing any more: its host is gone. Silent when it was not."""
        with self._lock:
            arrival = self._arriving.pop(volume_id, None)
            if arrival:
                arrival.cancelled.set()
            if loop := loops.of(self._volume(volume_id)):
                loops.free(loop)
                if not self._settled(volume_id):
                    self._pull(volume_id, loop)
            if arrival:
                arrival.steps.close()

    def _arrive(self, volume_id: str, device: str, pid: int, delay_s: float, empty_s: float, blank_s: float) -> Steps:
        """Lets the volume appear, step by step. Yields how long to wait before the next step, in seconds.

        A device that is not ready is the same loop device, showing a part of its file that lies behind the contents.
        """
        if delay_s:
            yield delay_s
        file = self._volume(volume_id)
        size = file.stat().st_size
        views = _views(size, empty_s, blank_s)
        if len(views) == 1:
            self._show_nodes(volume_id, device, pid, loops.attach(file))
            return
        files.make(file, 2 * size)
        try:
            loop = loops.attach(file, views[0].offset, views[0].size)
            self._show_nodes(volume_id, device, pid, loop)
            for before, view in pairwise(views):
                yield before.lasts_s
                while not loops.show(loop, view.offset, view.size):
                    yield RETRY_S
        finally:
            files.fold(file, size)
        while not loops.show(loop):
            yield RETRY_S

    def _go_on(self, volume_id: str, arrival: Arrival, wait_s: float | None) -> None:
        while wait_s is not None and not arrival.cancelled.wait(wait_s):
            with self._lock:
                if arrival.cancelled.is_set():
                    return
                try:
                    wait_s = next(arrival.steps, None)
                except (SandboxError, OSError) as error:
                    log.warning("%s did not appear: %s", volume_id, error)
                    return

    def _show_nodes(self, volume_id: str, device: str, pid: int, loop: loops.Loop) -> None:
        try:
            nodes.add(nodes.folder(pid), volume_id, device, loop.device)
        except (SandboxError, OSError):
            loops.free(loop)
            raise

    def _settled(self, volume_id: str) -> bool:
        until = time.monotonic() + SETTLING_S
        while loops.of(self._volume(volume_id)):
            if time.monotonic() > until:
                return False
            time.sleep(RETRY_S)
        return True

    def _pull(self, volume_id: str, loop: loops.Loop) -> None:
        """Takes the volume from a host that still uses it: the volume goes on in a file of its own, and what the host
        has left ends at byte 0, so that its reads and writes fail."""
        file = self._volume(volume_id)
        copy = file.with_suffix(".pulled")
        still.copy(file, copy)
        with file.open("r+b") as left:
            copy.replace(file)
            left.truncate(0)
        loops.measure(loop)
        loops.free(loop)

    def _volume(self, volume_id: str) -> Path:
        return self._folder / "volumes" / volume_id

    def _snapshot(self, snapshot_id: str) -> Path:
        return self._folder / "snapshots" / snapshot_id


def remove_everything(folder: Path) -> None:
    """Frees every loop device whose file is under `folder`: at once, or where a host still uses it, when that ends.
    Silent when there is none."""
    for loop in loops.every():
        if Path(loop.file).is_relative_to(folder.resolve()):
            loops.free(loop)


def _views(size: int, empty_s: float, blank_s: float) -> list[View]:
    views = [View(empty_s, 2 * size, 0), View(blank_s, size, size)]
    return [*(view for view in views if view.lasts_s), View(0, 0, size)]
