"""Which instances were found ready for a run lately, so that the next one need not ask AWS again.

What is remembered is what the machine itself said of its disks then, and it is believed only as long as the machine
says the same: a volume attached, mounted or unmounted since shows. A restart ends the connection, which counts too.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from runctl.core.errors import RunctlError
from runctl.transport.agent_client import Condition
from runctl.transport.ssh import SshTransport

# which disks there are, and where they are mounted; a line
_DISKS = 'echo /dev/nvme*n* /dev/xvd* /dev/sd* $(grep "^/dev/" /proc/mounts | cksum)'


class Ready(NamedTuple):
    """An instance that was ready: where it is, what it costs if that is known, and by what the machine is seen to be
    the same."""

    instance_id: str
    region: str
    profile: str | None
    usd_per_hour: float | None
    disks: str

    @property
    def condition(self) -> Condition:
        """What must hold for it to be ready still."""
        return Condition(_DISKS, self.disks)


def known(home: Path, instance_id: str) -> Ready | None:
    """What is remembered of an instance; None when nothing is."""
    try:
        return Ready(**json.loads(_file(home, instance_id).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def remember(
    home: Path, transport: SshTransport, region: str, profile: str | None, usd_per_hour: float | None
) -> Ready:
    """Keeps that an instance is ready now. Raises UnreachableError, RunctlError."""
    instance_id = transport.target.instance_id
    done = transport.run(["sh", "-c", _DISKS])
    if done.code != 0:
        raise RunctlError(f"cannot list the disks of {instance_id}")
    ready = Ready(instance_id, region, profile, usd_per_hour, done.stdout.decode("utf-8", "replace").strip())
    file = _file(home, instance_id)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = file.with_suffix(".new")
    temporary.write_text(json.dumps(ready._asdict()))
    temporary.replace(file)
    return ready


def _file(home: Path, instance_id: str) -> Path:
    return home / "cache" / "ready" / f"{instance_id}.json"
