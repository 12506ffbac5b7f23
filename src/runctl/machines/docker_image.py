"""An image that only this machine's Docker has is sent to another: `docker save` here, `docker load` there."""

from __future__ import annotations

import json
import shutil
import subprocess
import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from runctl.core import process
from runctl.core.errors import RunctlError
from runctl.core.text import printable
from runctl.transport.ssh import SshTransport

_CHUNK = 1 << 20
_GZIP = 16 + zlib.MAX_WBITS
# finds Docker there as the agent does: by sudo where the user has no other right to it
_DOCKER_THERE = """\
PATH="$PATH:/usr/local/bin:/usr/bin:/bin"
docker info >/dev/null 2>&1 || set -- sudo -n "$@"
exec "$@\""""


class Progress(NamedTuple):
    """How far an image is: bytes read of it here, and how many there are about."""

    bytes_done: int
    bytes_total: int


class SentImage(NamedTuple):
    """An image that was sent: its id, and its size in bytes before compression."""

    image_id: str
    bytes_sent: int


def send(transport: SshTransport, image: str, report: Callable[[Progress], None]) -> SentImage | None:
    """Sends an image unless the machine has the same one. None when nothing was sent: the machine has it, or it is not
    here, or it came from a registry, where the machine gets it as quickly.

    Raises RunctlError when Docker there does not take it, UnreachableError.
    """
    here = _own(image)
    if here is None or here.get("RepoDigests"):
        return None
    there = transport.run(_there("docker", "image", "inspect", "--format", "{{.Id}}", image))
    if there.code == 0 and there.stdout.decode().strip() == here["Id"]:
        return None
    if there.code != 0 and b"no such image" not in there.stderr.lower():
        raise _failed(image, transport, there.stderr)
    return SentImage(here["Id"], _stream(transport, image, int(here["Size"]), report))


def _own(image: str) -> dict[str, Any] | None:
    """What this machine's Docker knows of an image; None where it has none, or there is no Docker."""
    if not shutil.which("docker"):
        return None
    done = process.run(["docker", "image", "inspect", image])
    if done.code != 0:
        return None
    found: dict[str, Any] = json.loads(done.stdout)[0]
    return found


def _stream(transport: SshTransport, image: str, size: int, report: Callable[[Progress], None]) -> int:
    saving = subprocess.Popen(
        ["docker", "save", image], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        with transport.stream(_there("docker", "load", "--quiet"), more_input=True) as loading:
            done = 0
            # the way there is slower than the compression
            compressor = zlib.compressobj(1, wbits=_GZIP)
            try:
                for chunk in _chunks(saving):
                    loading.send(compressor.compress(chunk))
                    done += len(chunk)
                    report(Progress(min(done, size), size))
                if saving.wait() == 0:
                    loading.send(compressor.flush())
                loading.end_input()
            except BrokenPipeError:
                pass  # its own words say why
            loading.stdout.read()
            loaded = loading.result()
        if loaded.code != 0 and saving.poll() in (None, 0):
            raise _failed(image, transport, loaded.stderr)
        if saving.wait() != 0:
            assert saving.stderr is not None
            raise RunctlError(f"cannot read the image {printable(image)}: {_shown(saving.stderr.read())}")
        return done
    finally:
        saving.kill()
        saving.communicate()


def _chunks(saving: subprocess.Popen[bytes]) -> Iterator[bytes]:
    assert saving.stdout is not None
    while chunk := saving.stdout.read(_CHUNK):
        yield chunk


def _there(*words: str) -> list[str]:
    return ["sh", "-c", _DOCKER_THERE, "sh", *words]


def _failed(image: str, transport: SshTransport, stderr: bytes) -> RunctlError:
    return RunctlError(
        f"cannot send the image {printable(image)} to {transport.target.instance_id}: {_shown(stderr)}",
        hint="is Docker installed there, and does it run?",
    )


def _shown(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    return printable(lines[-1]) if lines else "Docker says nothing"
