"""Findings about what runctl made: is it there, is it up to date, was something left behind."""

from __future__ import annotations

from collections.abc import Iterator

from runctl.core.aws import Account
from runctl.core.config import Config
from runctl.core.errors import RunctlError
from runctl.providers.aws import instances, setup, staying
from runctl.providers.aws.findings import FAIL, OK, WARN, Finding

_SETUP = "runctl aws setup"


def access(account: Account, config: Config) -> Iterator[Finding]:
    """Role, profile, key pair, security group, and whether port 22 is open to where this machine is now."""
    try:
        parts = setup.plan_setup(account, config, ()).parts
    except RunctlError as error:
        yield Finding(WARN, "access", error.message, error.hint)
        return
    wrong = [part for part in parts if part.action != setup.THERE]
    for part in wrong:
        state = "is not there yet" if part.action == setup.MAKE else "is out of date"
        yield Finding(WARN, "access", f"{part.kind} ({part.name}) {state}", _SETUP)
    if not wrong:
        yield Finding(OK, "access", "role, instance profile, key pair and security group are there")


def leftovers(account: Account, config: Config) -> Iterator[Finding]:
    """Creations that never ended, volumes that belong to nothing, doors that stand open."""
    own = instances.own(account)
    for instance in own:
        if instance.creating:
            yield Finding(
                FAIL,
                "leftovers",
                f"{instance.id} ({instance.name}): its creation was never completed, and it costs money",
                f"runctl aws terminate {instance.id}",
            )
    unattached = staying.unattached_volumes(account, config)
    for each in unattached:
        volume = each.volume
        yield Finding(
            WARN,
            "leftovers",
            f"{volume.id} ({volume.name}, {volume.size_gib} GiB) is attached to nothing: "
            f"${each.usd_per_month:.2f} a month ({each.price.source})",
            f"runctl aws ebs delete {volume.id}",
        )
    if not unattached and not any(instance.creating for instance in own):
        yield Finding(OK, "leftovers", "nothing unfinished, no volume without an instance")
