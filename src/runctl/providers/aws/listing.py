"""Instances of a region or of all, with prices that need no waiting."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from runctl.core.aws import Account, calling
from runctl.core.config import Config
from runctl.core.errors import CloudError, RunctlError
from runctl.providers.aws import instances
from runctl.providers.aws.model import Instance, Price
from runctl.providers.aws.prices import prices_of


class Listing(NamedTuple):
    """Instances, oldest first; their prices by id; and which regions could not be asked, with the reason."""

    instances: list[Instance]
    prices: dict[str, Price | None]
    unreachable: list[tuple[str, str]]
    where: str


def list_instances(config: Config, everything: bool, all_regions: bool) -> Listing:
    """runctl's instances, or with `everything` all of the account; of one region or of every one that is enabled."""
    with _no_collection():
        if all_regions:
            return _everywhere(config, everything)
        account = Account(config)
        found = _listed(account, everything)
        return Listing(found, prices_of(account, config, found, ask=False), [], account.region)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Many instances are many objects and no garbage; looking for some would take a seventh of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _listed(account: Account, everything: bool) -> list[Instance]:
    return instances.describe(account) if everything else instances.own(account)


def _everywhere(config: Config, everything: bool) -> Listing:
    from concurrent.futures import ThreadPoolExecutor

    # any region knows all of them
    here = Account(config.override(region=config.region or "us-east-1"))
    with calling("list regions"):
        regions = sorted(region["RegionName"] for region in here.client("ec2").describe_regions()["Regions"])

    def ask(region: str) -> Listing:
        account = Account(config, region)
        try:
            found = _listed(account, everything)
            return Listing(found, prices_of(account, config, found, ask=False), [], region)
        except CloudError as error:
            return Listing([], {}, [(region, error.message)], region)

    with ThreadPoolExecutor(len(regions) or 1) as pool:
        answers = list(pool.map(ask, regions))
    failed = [each for answer in answers for each in answer.unreachable]
    if len(failed) == len(regions):
        raise RunctlError(f"no region could be asked\n{failed[0][0]}: {failed[0][1]}" if failed else "no region")
    found = sorted((each for answer in answers for each in answer.instances), key=lambda each: each.launched_at)
    prices = {key: price for answer in answers for key, price in answer.prices.items()}
    return Listing(found, prices, failed, "any region")
