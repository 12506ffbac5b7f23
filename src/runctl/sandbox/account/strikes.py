"""Faults that strike at once, and spot interruptions."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from runctl.sandbox.account.instance import SPOT_END, SPOT_STOP, SandboxInstance
from runctl.sandbox.model import SandboxError

if TYPE_CHECKING:
    from runctl.sandbox.account.account import Account

_NEW_HOST_KEYS = "rm -f /etc/ssh/ssh_host_*key* && ssh-keygen -A && systemctl restart ssh"


def strike_at_once(account: Account, name: str, settings: dict[str, str]) -> None:
    """Carries out one of `faults.AT_ONCE`. Raises SandboxError when the instance's host does not run."""
    instance_id = settings.get("instance")
    if name == "drop-sessions":
        account.ssm.drop_sessions(instance_id)
        return
    assert instance_id is not None  # `faults.checked` has seen to it
    if name == "new-host-key":
        done = account.parts.hosts.run(instance_id, ["sh", "-c", _NEW_HOST_KEYS])
        if done.code:
            raise SandboxError(f"new host keys on {instance_id}: {done.stderr.decode(errors='replace')}")
        return
    pid = account.parts.hosts.pid(instance_id)
    if pid is None:
        raise SandboxError(f"{instance_id} has no running host")
    account.parts.network.cut(pid)
    account.ssm.cut(instance_id)
    account.cut.add(instance_id)
    if "seconds" in settings:
        _later(float(settings["seconds"]), lambda: _mend(account, instance_id))


def mend_all(account: Account) -> None:
    """Lets pass again what `cut` cut."""
    for instance_id in list(account.cut):
        _mend(account, instance_id)


def _mend(account: Account, instance_id: str) -> None:
    account.cut.discard(instance_id)
    pid = account.parts.hosts.pid(instance_id)
    if pid is not None:
        account.parts.network.restore(pid)
    account.ssm.restore(instance_id)


def interrupt(account: Account, instance: SandboxInstance, in_s: float, only_rebalance: bool) -> Any:
    """Gives a spot instance its notice, `in_s` seconds before it is terminated or stopped; or, with `only_rebalance`,
    the recommendation that comes when an interruption has become likely, after which nothing happens."""
    now = datetime.now(timezone.utc)
    action = instance.launch.interruption
    instance.rebalance_at = now
    if only_rebalance:
        return {"instance": instance.id, "action": "rebalance", "at": now.timestamp()}
    at = now + timedelta(seconds=in_s)
    instance.interruption = (action, at)
    request = instance.ec2_backend.spot_instance_requests.get(instance.spot_instance_request_id)
    request.enter("active", f"marked-for-{'termination' if action == 'terminate' else 'stop'}")
    _later(in_s, lambda: _end(account, instance))
    return {"instance": instance.id, "action": action, "at": at.timestamp()}


def _end(account: Account, instance: SandboxInstance) -> None:
    with account.gate.lock:
        if instance.state != "running":
            return
        if instance.launch.interruption == "stop":
            instance.stop(SPOT_STOP)
        else:
            instance.terminate(SPOT_END)


def _later(seconds: float, work: Any) -> None:
    timer = threading.Timer(seconds, work)
    timer.daemon = True
    timer.start()
