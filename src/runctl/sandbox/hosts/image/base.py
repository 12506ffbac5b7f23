"""The base of the image, made by debootstrap and `docker import`: no registry is asked."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import deque
from collections.abc import Callable
from pathlib import Path

from runctl.core import process
from runctl.core.errors import RunctlError
from runctl.core.process import Stream
from runctl.core.text import printable
from runctl.sandbox.hosts.docker import docker
from runctl.sandbox.hosts.image.tags import RECIPE, base_tag
from runctl.sandbox.model import SandboxError

Report = Callable[[str], None]

SUITE = "bookworm"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
USERS = {"ubuntu": 1000, "ec2-user": 1001}

# not /tmp, which on many machines is in memory or allows no devices
_WORKPLACE = Path("/var/tmp")
_PREFIX = "runctl-sandbox-base-"
# whatever is started or mounted in there ends with this process, however it ends
_MORTAL = ["setpriv", "--pdeathsig", "KILL"]
_CONTAINED = [*_MORTAL, "unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
_LANGUAGE = {"LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
# no fsync after each file (a base that is not whole is thrown away), and no documentation
_DPKG_SETTINGS = """\
force-unsafe-io
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/man/*
path-exclude=/usr/share/info/*
path-exclude=/usr/share/locale/*
"""
_DPKG_FILE = "etc/dpkg/dpkg.cfg.d/sandbox"
# neither needed by a program nor fit to be in an image: documentation, caches, traces of the machine that built it
_SUPERFLUOUS = (
    *("usr/share/doc/*", "usr/share/man/*", "usr/share/info/*", "usr/share/locale/*", _DPKG_FILE),
    *("var/cache/apt/*", "var/cache/debconf/*-old", "var/lib/apt/lists/*", "var/log/*.log", "var/log/apt"),
    *("etc/ssh/ssh_host_*", "etc/resolv.conf", "etc/hostname", "etc/machine-id", "var/lib/dbus/machine-id"),
    *("var/lib/systemd/random-seed", "tmp/*", "run/*"),
)


def build_base(report: Report) -> None:
    """Makes the base, telling of each step. It appears in Docker whole or not at all. Raises SandboxError with the end
    of what failed. To be called by one process of the machine at a time."""
    remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_WORKPLACE))
    try:
        root = folder / "root"
        _debootstrap(root, report)
        report("setting up users and services")
        _set_up(root)
        _clean(root)
        report("handing the image to Docker")
        archive = folder / "base.tar"
        _run("tar", "--directory", str(root), "--numeric-owner", "--create", "--file", str(archive), ".")
        docker("import", str(archive), base_tag())
    finally:
        shutil.rmtree(folder)


def remove_leftovers() -> None:
    """Removes what is left of a build that was killed."""
    for folder in _WORKPLACE.glob(f"{_PREFIX}*"):
        shutil.rmtree(folder)


def _debootstrap(root: Path, report: Report) -> None:
    settings = root / _DPKG_FILE
    settings.parent.mkdir(parents=True)
    settings.write_text(_DPKG_SETTINGS)
    packages = ",".join(_listed("packages.txt"))
    command = ["debootstrap", "--variant=minbase", f"--keyring={KEYRING}", f"--include={packages}"]
    said: deque[str] = deque(maxlen=5)
    with Stream([*_CONTAINED, *command, SUITE, str(root)], b"", {**os.environ, **_LANGUAGE}) as stream:
        for line in stream.stdout:
            said.append(printable(line.decode(errors="replace").rstrip()))
            report(said[-1].removeprefix("I: "))
        ended = stream.result()
    if ended.code:
        raise SandboxError("the image can't be built, debootstrap failed:\n" + "\n".join(said))


def _set_up(root: Path) -> None:
    inside = [*_CONTAINED, "chroot", str(root)]
    for name, number in USERS.items():
        _run(*inside, "useradd", "--create-home", "--shell=/bin/bash", "--groups=sudo,docker", f"--uid={number}", name)
    systemctl = [*inside, "systemctl", "--quiet"]
    _run(*systemctl, "mask", *_listed("masked.txt"))
    _run(*systemctl, "disable", "docker.service", "containerd.service")  # they start when first used
    _run(*systemctl, "enable", "ssh.service", "docker.socket")
    _run(*systemctl, "set-default", "multi-user.target")
    # Ubuntu's sudo gives commands what /etc/environment says; Debian's does not
    for service in ("sudo", "sudo-i"):
        with (root / "etc/pam.d" / service).open("a") as pam:
            pam.write("session required pam_env.so readenv=1\n")


def _clean(root: Path) -> None:
    for pattern in _SUPERFLUOUS:
        for path in root.glob(pattern):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    # empty: made by systemd at the first boot; missing would mean "first boot ever" and enable every unit there is
    (root / "etc/machine-id").touch(mode=0o444)


def _run(*command: str) -> None:
    try:
        done = process.run(list(command), environment={**os.environ, **_LANGUAGE})
    except RunctlError as error:
        raise SandboxError(f"the image can't be built: {error.message}") from error
    if done.code:
        text = printable(done.stderr.decode(errors="replace").strip())
        raise SandboxError(f"the image can't be built: {' '.join(command)} failed: {text}")


def _listed(name: str) -> list[str]:
    return (RECIPE / name).read_text().split()
