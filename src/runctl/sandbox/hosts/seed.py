"""The files that make one instance of the image: keys, environment and user data, in a tar archive."""

from __future__ import annotations

import io
import tarfile

from runctl.sandbox.hosts.image.base import USERS
from runctl.sandbox.model import Boot

# the first line of Ubuntu's /etc/environment: commands over ssh find the administrator's programs
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def seed(boot: Boot) -> bytes:
    """An uncompressed tar archive, its paths relative to the root of the instance's disk."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        keys = "".join(f"{key.strip()}\n" for key in boot.public_keys).encode()
        for user, number in USERS.items():
            _folder(archive, f"home/{user}/.ssh", number)
            _file(archive, f"home/{user}/.ssh/authorized_keys", keys, 0o600, number)
        variables = {"PATH": _PATH, **boot.environment}
        _file(archive, "etc/environment", "".join(f'{k}="{v}"\n' for k, v in variables.items()).encode())
        _file(archive, "etc/systemd/system.conf.d/20-environment.conf", _defaults(boot.environment))
        _file(archive, "var/lib/cloud/seed/instance-id", boot.instance_id.encode())
        if boot.user_data:
            _file(archive, "var/lib/cloud/seed/user-data", boot.user_data, 0o600)
    return buffer.getvalue()


def _defaults(environment: dict[str, str]) -> bytes:
    """Variables for every service. % and \\ mean something to systemd."""
    lines = [f'DefaultEnvironment="{k}={_escaped(v)}"\n' for k, v in environment.items()]
    return ("[Manager]\n" + "".join(lines)).encode()


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")


def _folder(archive: tarfile.TarFile, path: str, owner: int) -> None:
    member = tarfile.TarInfo(path)
    member.type, member.mode, member.uid, member.gid = tarfile.DIRTYPE, 0o700, owner, owner
    archive.addfile(member)


def _file(archive: tarfile.TarFile, path: str, content: bytes, mode: int = 0o644, owner: int = 0) -> None:
    member = tarfile.TarInfo(path)
    member.size, member.mode, member.uid, member.gid = len(content), mode, owner, owner
    archive.addfile(member, io.BytesIO(content))
