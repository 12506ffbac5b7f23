"""How instances were reached lately: while a connection is open, it can be used without asking AWS anything.

This is a cache that may be thrown away. It is believed only while the connection that it tells of is open: an
instance's id is never given to another, and whoever is at the other end has shown that instance's host key.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from runctl.transport import known_hosts
from runctl.transport.ssh import SshTarget, SshTransport

# a whole id; the beginning of one, or a name, may mean another instance by now
_ID = re.compile(r"i-(?:[0-9a-f]{8}|[0-9a-f]{17})")


def connected(
    home: Path, instance_id: str, way: str = "auto", user: str | None = None, key: Path | None = None
) -> SshTransport | None:
    """The instance by a connection that is open now: by the `way` ssh or ssm, as `user`, with `key` where they are
    given. None when there is no such connection."""
    target = _remembered(home, instance_id)
    if target is None or way not in ("auto", way_of(target)) or user not in (None, target.user):
        return None
    if key not in (None, target.key):
        return None
    transport = SshTransport(target)
    return transport if transport.connected() else None


def login(home: Path, instance_id: str) -> tuple[str | None, Path | None]:
    """As whom and with which key an instance was reached last by a direct connection; None for what is not known."""
    target = _remembered(home, instance_id)
    if target is None or target.proxy or not (target.key and target.key.exists()):
        return None, None
    return target.user, target.key


def remember(home: Path, target: SshTarget) -> None:
    """Keeps how an instance is reached."""
    file = _file(home, target.instance_id)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    document = {**target._asdict(), "key": target.key and str(target.key), "known_hosts": str(target.known_hosts)}
    temporary = file.with_suffix(f".{os.getpid()}.new")
    temporary.write_text(json.dumps(document))
    temporary.replace(file)


def forget(home: Path, instance_id: str, for_good: bool) -> None:
    """Ends the open connection to an instance that is stopped or ended, if there is one. Of one that has ended
    `for_good` the host keys are forgotten too."""
    target = _remembered(home, instance_id)
    if target is not None:
        SshTransport(target).close()
    _file(home, instance_id).unlink(missing_ok=True)
    if for_good:
        known_hosts.forget(known_hosts_file(home), instance_id)


def way_of(target: SshTarget) -> str:
    """`ssh` or `ssm`."""
    return "ssm" if target.proxy else "ssh"


def known_hosts_file(home: Path) -> Path:
    """runctl's own known_hosts."""
    return home / "known_hosts"


def _file(home: Path, instance_id: str) -> Path:
    return home / "cache" / "reach" / f"{instance_id}.json"


def _remembered(home: Path, instance_id: str) -> SshTarget | None:
    if not _ID.fullmatch(instance_id):
        return None
    try:
        fields = json.loads(_file(home, instance_id).read_bytes())
        return SshTarget(
            instance_id=instance_id,
            host=fields["host"],
            port=fields["port"],
            user=fields["user"],
            key=Path(fields["key"]) if fields["key"] else None,
            known_hosts=Path(fields["known_hosts"]),
            proxy=tuple(fields["proxy"]) if fields["proxy"] else None,
        )
    except (OSError, ValueError, TypeError, LookupError):
        return None
