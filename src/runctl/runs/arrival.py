"""How a run comes to a machine: reached, its volumes mounted, and found to be whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from runctl.core.config import Config
from runctl.core.errors import RefusedError
from runctl.machines import readiness, warm
from runctl.machines.readiness import Ready
from runctl.transport.agent_client import AgentClient
from runctl.transport.ssh import SshTransport

if TYPE_CHECKING:
    from runctl.core.aws import Account
    from runctl.providers.aws.model import Instance
    from runctl.transport import volumes_client

# is told which step begins
Report = Callable[[str], None]


class Login(NamedTuple):
    """Whom to log in as, and with which key; None for what fits the machine."""

    user: str | None = None
    key: Path | None = None


class Arrival(NamedTuple):
    """A machine that is ready for a run, and a connection to it. `remembered`: it was found ready by an earlier
    command."""

    transport: SshTransport
    ready: Ready
    agent: AgentClient
    remembered: bool


def known(config: Config, target: str, login: Login) -> Arrival | None:
    """The machine by a connection that is open, where it was found ready lately; AWS is not asked. None otherwise."""
    transport = warm.connected(config.home, target, config.transport, login.user, login.key)
    ready = readiness.known(config.home, target) if transport else None
    if not (transport and ready):
        return None
    return Arrival(transport, ready, AgentClient(transport), remembered=True)


def look_up(account: Account, target: str) -> Instance:
    """The instance that `target` means. Raises NotFoundError, and RefusedError when it is not runctl's to use yet."""
    from runctl.providers.aws.instances import find_live

    instance = find_live(account, target)
    if instance.creating:
        raise RefusedError(
            f"the creation of {instance.id} never completed", hint=f"end it: runctl aws terminate {instance.id}"
        )
    return instance


def arrive(
    account: Account,
    config: Config,
    instance: Instance,
    login: Login,
    report: Report,
    progress: volumes_client.Report,
) -> Arrival:
    """Reaches an instance and mounts the volumes that are attached. Raises what `reach` and `mount_attached` raise."""
    from runctl.machines.reach import reach
    from runctl.machines.volumes import mount_attached
    from runctl.providers.aws.prices import prices_of

    report(f"reach {instance.id}")
    transport = reach(account, config, instance, user=login.user, key=login.key)
    if instance.data_volumes:
        report("mount its volumes")
        mount_attached(account, config, instance, transport, progress)
    price = prices_of(account, config, [instance], ask=False)[instance.id]
    usd_per_hour = price.usd_per_hour if price else None
    ready = readiness.remember(config.home, transport, instance.region, config.profile, usd_per_hour)
    return Arrival(transport, ready, AgentClient(transport), remembered=False)
