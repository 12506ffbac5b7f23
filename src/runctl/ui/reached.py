"""How an instance is reached, as a document."""

from __future__ import annotations

from typing import Any

from runctl.core.process import Completed
from runctl.machines.warm import way_of
from runctl.transport.ssh import SshTransport


def reached_document(transport: SshTransport, done: Completed | None) -> dict[str, Any]:
    """Everything that another program needs to use the same connection, and how a command ended."""
    target = transport.target
    return {
        "instance_id": target.instance_id,
        "transport": way_of(target),
        "host": target.host,
        "port": target.port,
        "user": target.user,
        "key": str(target.key) if target.key else None,
        "known_hosts": str(target.known_hosts),
        "ssh": transport.ssh_command,
        "exit_code": done.code if done else None,
        "stdout": done.stdout.decode("utf-8", "replace") if done else None,
        "stderr": done.stderr.decode("utf-8", "replace") if done else None,
    }
