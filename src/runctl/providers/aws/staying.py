"""What goes on costing money when an instance is ended: its volumes that stay."""

from __future__ import annotations

from typing import NamedTuple

from runctl.core.aws import Account, calling
from runctl.core.config import Config
from runctl.providers.aws import tags
from runctl.providers.aws.model import Instance, Price, Volume, volume_of
from runctl.providers.aws.prices import HOURS_PER_MONTH, Prices


class Staying(NamedTuple):
    """A volume that stays, and what it costs."""

    volume: Volume
    price: Price

    @property
    def usd_per_month(self) -> float:
        """US dollars in a month of 730 hours."""
        return self.price.usd_per_hour * HOURS_PER_MONTH


def staying_volumes(account: Account, config: Config, instance: Instance) -> list[Staying]:
    """The volumes that would outlive `instance`."""
    ids = [each.volume_id for each in instance.volumes if not each.delete_on_termination]
    return _priced(account, config, {"VolumeIds": ids}) if ids else []


def unattached_volumes(account: Account, config: Config) -> list[Staying]:
    """runctl's volumes that belong to no instance."""
    available = {"Name": "status", "Values": ["available"]}
    return _priced(account, config, {"Filters": [tags.MANAGED_FILTER, available]})


def _priced(account: Account, config: Config, which: dict[str, object]) -> list[Staying]:
    prices = Prices(config, account.region)
    with calling("list volumes"):
        pages = account.client("ec2").get_paginator("describe_volumes")
        volumes = [volume_of(answer) for page in pages.paginate(**which) for answer in page["Volumes"]]
    return [
        Staying(volume, prices.volume(volume.type, volume.size_gib, volume.iops, volume.throughput))
        for volume in volumes
    ]
