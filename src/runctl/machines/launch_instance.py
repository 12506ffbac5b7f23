"""Makes an instance; what a provider can't do because reaching a machine is not its business."""

from __future__ import annotations

from runctl.core.aws import Account
from runctl.core.config import Config
from runctl.machines.interruption import Interruptible
from runctl.providers.aws.creation import Creation
from runctl.providers.aws.creation_plan import Plan
from runctl.providers.aws.instances import get
from runctl.providers.aws.launching import Ask, Report
from runctl.providers.aws.model import Instance
from runctl.transport import volumes_client


def launch(account: Account, config: Config, plan: Plan, report: Report, ask: Ask) -> Instance:
    """Carries `plan` out and returns the running instance. Raises RunctlError or KeyboardInterrupt when all that was
    made has been taken back."""
    with Interruptible() as interruptible:
        ask = interruptible.waiting_for(ask)
        return Creation(account, config, plan, report, ask, interruptible.pause).run()


def make_usable(
    account: Account, config: Config, instance: Instance, report: Report, progress: volumes_client.Report
) -> Instance:
    """Waits until the instance can be reached, mounts its volumes, and returns it as it is then. `report` gets a line
    for each step, `progress` how far the machine has come with a volume.

    Whatever goes wrong here, the instance stays: the errors (RunctlError) say so.
    """
    from runctl.machines.reach import wait_until_reachable
    from runctl.machines.volumes import mount_attached

    report("wait until it can be reached")
    transport = wait_until_reachable(account, config, instance)
    if instance.data_volumes:
        report("mount its volumes")
        mount_attached(account, config, instance, transport, progress)
    return get(account, instance.id)
