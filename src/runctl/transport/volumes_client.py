"""Typed calls to the agent about the volumes of a machine. They need a transport with root's rights."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from runctl.core.errors import RefusedError, RunctlError
from runctl.transport.agent_client import AgentClient

if TYPE_CHECKING:
    from runctl.agent.protocol import Frame

# a device may be late by as much
PATIENCE_S = 60.0
# and what it holds may show as late as this: nothing is taken for blank sooner
SETTLING_S = 10.0


class Progress(NamedTuple):
    """What is being done with a volume: the stage in words, and bytes where they are counted."""

    volume_id: str
    stage: str
    done: int | None
    total: int | None


Report = Callable[[Progress], None]


class OnMachine(NamedTuple):
    """A volume and the name that it was attached by, such as /dev/sdf."""

    id: str
    attached_as: str


class Seen(NamedTuple):
    """A volume as its machine sees it: `device` is None where it does not, `content` says in words what it holds."""

    id: str
    device: str | None
    size_bytes: int
    content: str | None
    mount_points: list[str]


class Wish(NamedTuple):
    """How a volume is to be mounted; see runctl.agent.volumes.mounting. `fresh` and `blank_at` (Unix time) say since
    when nothing but runctl has had the volume, `holds` the file system that it is known to hold."""

    volume: OnMachine
    mount_point: str
    exactly: bool
    format: str | None = None
    label: str = ""
    fresh: bool = False
    blank_at: float | None = None
    erase: bool = False
    holds: str | None = None
    settling_s: float = SETTLING_S


class Mounted(NamedTuple):
    """Where a volume is mounted now; `mounted` and `formatted` say whether that was done just now, `problem` why its
    file system did not take all of its room."""

    id: str
    device: str
    mount_point: str
    file_system: str
    formatted: bool
    mounted: bool
    grown_bytes: int
    problem: str | None


class NotMounted(NamedTuple):
    """Why a volume was not mounted."""

    id: str
    error: RunctlError


class Grown(NamedTuple):
    """A file system after its disk grew; `mount_point` and size are None where the volume is not mounted."""

    id: str
    mount_point: str | None
    size_bytes: int | None
    grown_bytes: int
    problem: str | None


class VolumesClient(AgentClient):
    """The agent of a machine, asked about volumes."""

    def volumes(self, volumes: Sequence[OnMachine]) -> list[Seen]:
        """How the machine sees these volumes at this moment. Raises RunctlError."""
        answer = self._call({"verb": "volumes", "volumes": [volume._asdict() for volume in volumes]})
        return [Seen(**fields) for fields in answer]

    def mount(self, wishes: Sequence[Wish], report: Report) -> list[Mounted | NotMounted]:
        """Mounts volumes, each for itself. Raises RunctlError when the agent can't be asked."""
        request = {"verb": "mount", "volumes": [_fields(wish) for wish in wishes]}
        return [_mounted(fields) for fields in self._long(request, report)]

    def unmount(self, volume: OnMachine) -> list[str]:
        """Unmounts a volume; returns where it was. Raises RefusedError naming who uses it, RunctlError."""
        answer: list[str] = self._call({"verb": "unmount", **volume._asdict()})["unmounted"]
        return answer

    @contextmanager
    def frozen(self, volume: OnMachine) -> Iterator[None]:
        """Holds what is mounted of a volume still in the block, which has twenty seconds. Raises RefusedError."""
        frames = cast("Generator[Frame]", self._stream({"verb": "freeze", **volume._asdict()}))
        try:
            next(frames)
            yield
        finally:
            frames.close()

    def warm(self, volume: OnMachine, report: Report) -> int:
        """Reads all of a volume, from where an earlier call came to. Returns the bytes read now. Raises RunctlError."""
        answer = self._long({"verb": "warm", "patience_s": PATIENCE_S, **volume._asdict()}, report)
        return int(answer["read_bytes"])

    def grow(self, volume: OnMachine, size_bytes: int) -> Grown:
        """Waits until the disk has that size, and lets its file system take the room. Raises RunctlError."""
        request = {"verb": "grow", "size_bytes": size_bytes, "patience_s": PATIENCE_S, **volume._asdict()}
        return Grown(**self._call(request))

    def _long(self, request: dict[str, Any], report: Report) -> Any:
        answer = None
        for frame in self._stream(request):
            if frame.kind == "progress":
                fields = frame.header
                report(Progress(fields["volume"], fields["stage"], fields["done"], fields["total"]))
            elif frame.kind == "result":
                answer = frame.header["answer"]
        return answer


def _fields(wish: Wish) -> dict[str, Any]:
    fields = wish._asdict()
    return {**fields.pop("volume")._asdict(), **fields, "patience_s": PATIENCE_S}


def _mounted(fields: dict[str, Any]) -> Mounted | NotMounted:
    if "error" not in fields:
        return Mounted(**fields)
    kind = RefusedError if fields["refused"] else RunctlError
    return NotMounted(fields["id"], kind(fields["error"], fields["hint"]))
