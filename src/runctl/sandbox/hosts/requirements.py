"""What this machine needs to be a sandbox, and what mends it where something lacks (Debian, Ubuntu)."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from runctl.sandbox.hosts.capabilities import NEEDED, held
from runctl.sandbox.hosts.docker import attempt
from runctl.sandbox.hosts.image import image_missing
from runctl.sandbox.hosts.image.base import KEYRING

_PROGRAMS = {
    "ip": "iproute2",
    "losetup": "mount",
    "mknod": "coreutils",
    "nft": "nftables",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
}
_INSTALL = "apt-get install --yes"


def missing_requirements() -> list[str]:
    """What this machine lacks, a line each: what it is, and the command that mends it. Empty when a sandbox can be."""
    if not sys.platform.startswith("linux"):
        return ["Linux: instances are containers of this machine's kernel"]
    if os.geteuid() != 0:
        return ["root: run the command with sudo"]
    absent = sorted(NEEDED - held())
    lines = [f"capability CAP_{name}: root is confined here; give it to the container that this is" for name in absent]
    lines += [f"{name}: {_INSTALL} {package}" for name, package in _PROGRAMS.items() if not shutil.which(name)]
    return lines + _docker_lacks()


def _docker_lacks() -> list[str]:
    if not shutil.which("docker"):
        return [f"docker: {_INSTALL} docker.io"]
    if attempt("version", "--format", "{{.Server.Version}}").code:
        started = "systemctl start docker" if Path("/run/systemd/system").is_dir() else "dockerd &"
        engine = shutil.which("dockerd")
        return [f"a Docker engine that answers: {started if engine else f'{_INSTALL} docker.io'}"]
    return _builder_lacks() if image_missing() else []


def _builder_lacks() -> list[str]:
    """What only the building of the image needs."""
    lines = [] if shutil.which("debootstrap") else [f"debootstrap: {_INSTALL} debootstrap"]
    if not KEYRING.exists():
        lines.append(f"the keys of Debian's archive: {_INSTALL} debian-archive-keyring")
    return lines
