"""What instances and volumes cost, each price with its source: AWS's Pricing API, spot history, or a dated table.

On-demand prices are kept for a day under runctl's home: they change rarely, and `runctl aws list` must not wait.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from runctl.core.aws import Account, calling
from runctl.core.config import Config
from runctl.core.errors import CloudError, RunctlError
from runctl.providers.aws import price_table
from runctl.providers.aws.model import Instance, Price

HOURS_PER_MONTH = 730
_KEPT_S = 86400
# the Pricing API has few endpoints; this one knows every region's prices
_PRICING_REGION = "us-east-1"


class Prices:
    """Prices in one region. Nothing that it does raises: a price that can't be learned is None, or the table's."""

    def __init__(self, config: Config, region: str) -> None:
        self._config = config
        self._region = region
        self._file = config.home / "cache" / f"prices-{region}.json"

    def on_demand(self, kind: str) -> Price | None:
        """US dollars per hour of an instance type, asked of AWS unless that was done within a day."""
        kept = self._kept().get(kind)
        if kept:
            return kept
        asked = self._ask(kind)
        if asked is not None:
            self._keep(kind, asked)
            return Price(asked, "Pricing API")
        return self._of_table(kind)

    def known(self, kind: str) -> Price | None:
        """Like `on_demand`, but nothing is asked of AWS."""
        return self._kept().get(kind) or self._of_table(kind)

    def volume(self, kind: str, size_gib: int, iops: int | None = None, throughput: int | None = None) -> Price:
        """US dollars per hour of an EBS volume, from the table. `throughput` in MiB/s."""
        monthly = size_gib * price_table.VOLUMES.get(kind, price_table.VOLUMES["gp3"])
        if kind == "gp3":
            monthly += max(0, (iops or 0) - 3000) * price_table.GP3_IOPS
            monthly += max(0, (throughput or 0) - 125) * price_table.GP3_THROUGHPUT
        if kind in ("io1", "io2"):
            monthly += (iops or 0) * price_table.IO_IOPS
        return Price(monthly / HOURS_PER_MONTH, self._table_name())

    def _of_table(self, kind: str) -> Price | None:
        price = price_table.on_demand(kind)
        return None if price is None else Price(price, self._table_name())

    def _table_name(self) -> str:
        place = "" if self._region == price_table.REGION else f", {price_table.REGION}"
        return f"table of {price_table.AS_OF}{place}"

    def _kept(self) -> dict[str, Price]:
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            oldest = time.time() - _KEPT_S
            return {
                kind: Price(float(kept["usd_per_hour"]), "Pricing API")
                for kind, kept in json.loads(self._file.read_bytes()).items()
                if kept["asked_at"] > oldest
            }
        return {}

    def _keep(self, kind: str, usd_per_hour: float) -> None:
        now = time.time()
        entries = {name: {"usd_per_hour": price.usd_per_hour, "asked_at": now} for name, price in self._kept().items()}
        entries[kind] = {"usd_per_hour": usd_per_hour, "asked_at": now}
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            _replace(self._file, json.dumps(entries).encode())

    def _ask(self, kind: str) -> float | None:
        try:
            return _hourly(_products(self._config, instanceType=kind, regionCode=self._region))
        except (RunctlError, ValueError, KeyError):
            return None


def regions_selling(config: Config, kind: str) -> list[str]:
    """The regions where an instance type is sold, as the Pricing API says; none where it says nothing."""
    try:
        products = _products(config, instanceType=kind)
    except (RunctlError, ValueError, KeyError):
        return []
    return sorted({product["product"]["attributes"]["regionCode"] for product in products})


def _products(config: Config, **attributes: str) -> list[dict[str, Any]]:
    """What the Pricing API has of plain Linux instances with these attributes. Raises RunctlError, ValueError."""
    wanted = {
        "operatingSystem": "Linux",
        "tenancy": "Shared",
        "capacitystatus": "Used",
        "preInstalledSw": "NA",
        **attributes,
    }
    filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in wanted.items()]
    with calling("ask for prices"):
        pages = Account(config, _PRICING_REGION).client("pricing").get_paginator("get_products")
        return [
            json.loads(product)
            for page in pages.paginate(ServiceCode="AmazonEC2", Filters=filters)
            for product in page["PriceList"]
        ]


def prices_of(account: Account, config: Config, instances: Iterable[Instance], ask: bool) -> dict[str, Price | None]:
    """What each instance costs per hour, by its id; None where that is not known.

    Spot prices are always asked for (in one request, where there is a spot instance); others only with `ask`.
    """
    instances = list(instances)
    prices = Prices(config, account.region)
    spot_kinds = sorted({instance.type for instance in instances if instance.spot})
    spot = spot_prices(account, spot_kinds) if spot_kinds else {}
    kinds = {instance.type for instance in instances if not instance.spot}
    on_demand = {kind: prices.on_demand(kind) if ask else prices.known(kind) for kind in kinds}
    return {
        instance.id: spot.get((instance.type, instance.zone)) if instance.spot else on_demand[instance.type]
        for instance in instances
    }


def spot_prices(account: Account, kinds: list[str]) -> dict[tuple[str, str], Price]:
    """The spot price of now, by type and zone; what AWS does not say is missing."""
    try:
        with calling(f"ask for spot prices of {', '.join(kinds)}"):
            pages = account.client("ec2").get_paginator("describe_spot_price_history")
            entries = [
                entry
                for page in pages.paginate(
                    InstanceTypes=kinds, ProductDescriptions=["Linux/UNIX"], StartTime=time.time()
                )
                for entry in page["SpotPriceHistory"]
            ]
    except CloudError:
        return {}
    # the newest of a type and zone comes last
    entries.sort(key=lambda entry: entry["Timestamp"])
    return {
        (entry["InstanceType"], entry["AvailabilityZone"]): Price(float(entry["SpotPrice"]), "spot history")
        for entry in entries
    }


def _hourly(products: Iterable[Mapping[str, Any]]) -> float | None:
    """The price per hour in the first of the Pricing API's products that has one."""
    for product in products:
        for term in product["terms"].get("OnDemand", {}).values():
            for dimension in term["priceDimensions"].values():
                price = float(dimension["pricePerUnit"].get("USD", 0))
                if dimension["unit"] == "Hrs" and price > 0:
                    return price
    return None


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(data)
    temporary.replace(path)
