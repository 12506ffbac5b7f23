"""A machine that is made for one run, and what becomes of it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from runctl.core.aws import Account
from runctl.core.config import Config
from runctl.core.errors import UsageError
from runctl.machines.ending import stop_all, terminate_all
from runctl.machines.interruption import Interruptible
from runctl.machines.launch_instance import launch, make_usable
from runctl.providers.aws.creation_plan import Plan
from runctl.providers.aws.model import Instance
from runctl.providers.aws.shutdown import terminate_on_shutdown
from runctl.transport import volumes_client

KEEP, STOP, TERMINATE = "keep", "stop", "terminate"


def check_then(then: str, spot: bool, output_s3: str | None) -> None:
    """Raises UsageError when nothing would be left of the results, or the machine can't be ended so."""
    if then == STOP and spot:
        raise UsageError("--then stop: a spot instance can't be stopped", hint="--then terminate, with --output-s3")
    if then == TERMINATE and output_s3 is None:
        raise UsageError(
            "--then terminate would lose the results, which stay on the machine", hint="add --output-s3 s3://BUCKET/…"
        )


def afterwards(then: str) -> str:
    """What becomes of the machine, and of what it costs, in words."""
    return {
        KEEP: "after the run the instance stays, and goes on costing money (--then stop, --then terminate)",
        STOP: "after the run the instance stops; its disks stay, and cost what they cost",
        TERMINATE: "after the run, when its results are in S3, the instance ends; its data volumes stay",
    }[then]


def still_costs(instance: Instance, then: str) -> list[str]:
    """What to say when a run was watched to its end, or left."""
    if then == KEEP:
        return [f"{instance.id} goes on costing money; end it: runctl aws terminate {instance.id}"]
    ends = "stops" if then == STOP else "ends"
    return [f"{instance.id} {ends} by itself when the run is over, and saved; see: runctl aws status {instance.id}"]


@contextmanager
def given_back_on_failure(
    account: Account,
    config: Config,
    instance: Instance,
    then: str,
    report: Callable[[str], None],
    may_run: Callable[[], bool] = lambda: False,
) -> Iterator[None]:
    """What is done with a machine when no run could be started there is what would be done with it after one. While
    `may_run` says that one goes on there, nothing is done: the machine then ends by itself."""
    try:
        yield
    except BaseException:
        if not may_run():
            _give_back(account, config, instance, then, report)
        raise


def make_machine(
    account: Account,
    config: Config,
    plan: Plan,
    then: str,
    report: Callable[[str], None],
    ask: Callable[[str], None],
    progress: volumes_client.Report,
) -> Instance:
    """Creates an instance and returns it when it can be reached; a shutdown will then mean what `then` says.

    Raises RunctlError or KeyboardInterrupt; what is left then is told by `aws list`.
    """
    instance = launch(account, config, plan, report, ask)
    with given_back_on_failure(account, config, instance, then, report):
        if then == TERMINATE and not instance.spot:
            report("let it end itself after the run")
            terminate_on_shutdown(account, instance.id)
        return make_usable(account, config, instance, report, progress)


def _give_back(account: Account, config: Config, instance: Instance, then: str, report: Callable[[str], None]) -> None:
    if then == KEEP:
        report(f"{instance.id} was created, runs, and goes on costing money: nothing was started there")
        report(f"  train there:  runctl aws train {instance.id} …")
        report(f"  end it:       runctl aws terminate {instance.id}")
        return
    with Interruptible() as interruptible:
        if then == STOP:
            report(f"stopping {instance.id}: nothing was started there")
            stop_all(account, config.home, [instance], interruptible.pause, wait=False)
        else:
            report(f"taking {instance.id} back: nothing was started there")
            terminate_all(account, config.home, [instance], interruptible.pause, wait=False, force=False)
