"""The image: what is ours, laid over the base."""

from __future__ import annotations

import fcntl
import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runctl.sandbox.hosts.docker import attempt, docker
from runctl.sandbox.hosts.image.base import Report, build_base, remove_leftovers
from runctl.sandbox.hosts.image.tags import CLOUD_INIT, OWN_FILES, base_tag, image_missing, missing, tag

_LOCK = Path("/run/runctl-sandbox-image.lock")
_OWN_UNITS = ("cloud-init.service", "cloud-final.service", "docker-resume.service")
_CONTAINER = "runctl-sandbox-image-being-built"
_PROGRAMS = "usr/lib/runctl-sandbox"
_READ_ONLY = "etc/sudoers.d/"  # sudo refuses to read what others may write
_EXECUTABLE = (f"{_PROGRAMS}/boot", f"{_PROGRAMS}/host-keys", "usr/bin/cloud-init")


def build_image(report: Report) -> None:
    """Makes the image unless it is there: a minute or two, network needed; a second where only what is ours changed.
    Only one process of the machine builds at a time. Raises SandboxError with what failed, and leaves nothing then."""
    with _alone(report):
        if not image_missing():
            return
        if missing(base_tag()):
            build_base(report)
        report("adding the sandbox's own files")
        _add_layer()


def remove_image() -> None:
    """Removes the image and its base, of this recipe and of all others, as far as no container uses them."""
    with _alone(lambda _: None):
        remove_leftovers()
        for repository in ("runctl-sandbox", "runctl-sandbox-base"):
            for name in docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", repository).split():
                attempt("image", "rm", name)


@contextmanager
def _alone(report: Report) -> Iterator[None]:
    with _LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("waiting for another process that builds the image")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _add_layer() -> None:
    compiling = ["python3", "-m", "compileall", "-q", f"/{_PROGRAMS}"]
    docker("rm", "--force", _CONTAINER)
    docker("create", "--name", _CONTAINER, "--network", "none", base_tag(), *compiling)
    try:
        docker("cp", "-", f"{_CONTAINER}:/", stdin=_own_files())
        docker("start", "--attach", _CONTAINER)
        settings = [f'CMD ["/{_PROGRAMS}/boot"]', "ENV container=docker"]
        changes = [word for setting in settings for word in ("--change", setting)]
        docker("commit", *changes, _CONTAINER, tag())
    finally:
        docker("rm", "--force", _CONTAINER)


def _own_files() -> bytes:
    """A tar archive of them, owned by root, their modes set here: a package's files lose theirs on the way."""
    files = {str(path.relative_to(OWN_FILES)): path for path in OWN_FILES.rglob("*") if path.is_file()}
    files.update({f"{_PROGRAMS}/cloud_init/{path.name}": path for path in CLOUD_INIT.glob("*.py")})
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, path in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = path.stat().st_size
            member.mode = 0o755 if name in _EXECUTABLE else 0o440 if name.startswith(_READ_ONLY) else 0o644
            with path.open("rb") as content:
                archive.addfile(member, content)
        for unit in _OWN_UNITS:
            wanted = tarfile.TarInfo(f"etc/systemd/system/multi-user.target.wants/{unit}")
            wanted.type, wanted.linkname = tarfile.SYMTYPE, f"/etc/systemd/system/{unit}"
            archive.addfile(wanted)
    return buffer.getvalue()
