"""How an instance is reached: by ssh where its port is open, else through Systems Manager."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path

from runctl.core.aws import Account
from runctl.core.config import Config
from runctl.core.errors import CloudError, RefusedError, RunctlError, UnreachableError
from runctl.machines import warm
from runctl.machines.logins import key_of, users_of
from runctl.providers.aws import keys, model
from runctl.providers.aws.model import Instance
from runctl.providers.aws.polling import poll
from runctl.transport import known_hosts, ssm
from runctl.transport.ssh import SshTarget, SshTransport
from runctl.transport.ssh_errors import LoginRefusedError

SSH_PORT = 22
# long enough for any place on earth; where Systems Manager is the other way, no answer is not waited for
_PROBE_S = 3.0
# while an instance boots, its ssh server may answer before its keys are in place
_LOGIN_PATIENCE_S = 30.0


def reach(
    account: Account,
    config: Config,
    instance: Instance,
    transport: str | None = None,
    user: str | None = None,
    key: Path | None = None,
) -> SshTransport:
    """The running instance by an open connection. `transport` is auto, ssh or ssm, the setting's value when None;
    `user` and `key` are found by the instance's image and key pair when None.

    Raises UnreachableError, which says nothing about the instance itself; RefusedError when it isn't running, or shows
    another host key than before; CloudError; RunctlError when nobody is let in.
    """
    way = transport or config.transport
    if instance.state != model.RUNNING:
        raise _not_running(instance)
    found = warm.connected(config.home, instance.id, way, user, key)
    if found and _is_current(found.target, instance):
        return found
    if way == "ssh":
        found = _by_ssh(account, config, instance, user, key)
    elif way == "ssm":
        found = _by_ssm(account, config, instance, user)
    else:
        found = _by_either(account, config, instance, user, key)
    warm.remember(config.home, found.target)
    return found


def wait_until_reachable(
    account: Account,
    config: Config,
    instance: Instance,
    timeout_s: float = 600,
    pause: Callable[[float], None] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> SshTransport:
    """The instance by an open connection, as soon as it answers: one that boots takes a while.

    Raises as `reach` does; UnreachableError when it has not answered within `timeout_s` seconds.
    """
    waiting = _Waiting(now)
    found = poll(lambda: waiting.attempt(lambda: reach(account, config, instance)), timeout_s, pause)
    if found is None:
        raise waiting.last_error
    return found


class _Waiting:
    """Which errors a machine that boots may be met with, and for how long."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._refused_since: float | None = None
        self.last_error: RunctlError = UnreachableError("it was not waited for")

    def attempt(self, connect: Callable[[], SshTransport]) -> SshTransport | None:
        try:
            return connect()
        except UnreachableError as error:
            self.last_error = error
        except LoginRefusedError as error:
            if self._refused_since is None:
                self._refused_since = self._now()
            if self._now() - self._refused_since > _LOGIN_PATIENCE_S:
                raise
            self.last_error = error
        return None


def _by_either(
    account: Account, config: Config, instance: Instance, user: str | None, key: Path | None
) -> SshTransport:
    if not instance.profile or _port_is_open(instance):
        return _by_ssh(account, config, instance, user, key)
    try:
        return _by_ssm(account, config, instance, user)
    except (UnreachableError, CloudError) as error:
        raise UnreachableError(
            f"cannot reach {instance.id}: port {SSH_PORT} of {_address(instance)} does not answer, and through Systems "
            f"Manager: {error.message}; the instance itself may be well",
            hint="`runctl aws setup` opens the port to the address that you come from now; `runctl aws doctor` looks "
            "further",
        ) from error


def _by_ssh(account: Account, config: Config, instance: Instance, user: str | None, key: Path | None) -> SshTransport:
    target = SshTarget(
        instance_id=instance.id,
        host=_address(instance),
        port=SSH_PORT,
        user=user or "",
        key=key or key_of(config.home, instance),
        known_hosts=warm.known_hosts_file(config.home),
        proxy=None,
    )
    users = (user,) if user else users_of(account, instance)
    for name in users[:-1]:
        transport = SshTransport(target._replace(user=name))
        try:
            transport.connect()
        except LoginRefusedError:
            continue
        return transport
    transport = SshTransport(target._replace(user=users[-1]))
    transport.connect()
    return transport


def _by_ssm(account: Account, config: Config, instance: Instance, user: str | None) -> SshTransport:
    if not ssm.online(account, instance.id):
        raise UnreachableError(
            f"Systems Manager does not see {instance.id}; the instance itself may be well",
            hint="it needs an instance profile that allows it (`runctl aws setup` makes one), its agent, and a way to "
            "AWS's endpoints; just after the start it takes a minute",
        )
    key = keys.make_local_key(config.home)
    access = ssm.authorize(account, instance.id, user, key.public.decode())
    file = warm.known_hosts_file(config.home)
    known_hosts.learn(file, instance.id, access.host_keys)
    proxy = tuple(ssm.proxy_command(account.region, config.profile, instance.id, SSH_PORT))
    transport = SshTransport(SshTarget(instance.id, instance.id, SSH_PORT, access.user, key.file, file, proxy))
    transport.connect()
    return transport


def _is_current(target: SshTarget, instance: Instance) -> bool:
    return target.proxy is not None or target.host in (instance.public_address, instance.private_address)


def _address(instance: Instance) -> str:
    address = instance.public_address or instance.private_address
    if not address:
        raise UnreachableError(f"{instance.id} has no address yet", hint="try again in a few seconds")
    return address


def _port_is_open(instance: Instance) -> bool:
    try:
        socket.create_connection((_address(instance), SSH_PORT), _PROBE_S).close()
    except OSError:
        return False
    return True


def _not_running(instance: Instance) -> RefusedError:
    hints = {
        model.PENDING: f"wait for it: runctl aws wait {instance.id}",
        model.STOPPED: f"start it: runctl aws start {instance.id}",
        model.STOPPING: f"once it is stopped: runctl aws start {instance.id}",
    }
    return RefusedError(f"{instance.id} is {instance.state}, not running", hints.get(instance.state))
