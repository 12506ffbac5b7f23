"""The price list as the Pricing API's GetProducts tells it: on-demand Linux instances, volumes, snapshots."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from runctl.sandbox.account import prices

_LOCATIONS = {
    "us-east-1": "US East (N. Virginia)", "us-east-2": "US East (Ohio)", "us-west-1": "US West (N. California)",
    "us-west-2": "US West (Oregon)", "ca-central-1": "Canada (Central)", "eu-west-1": "EU (Ireland)",
    "eu-west-2": "EU (London)", "eu-central-1": "EU (Frankfurt)", "eu-north-1": "EU (Stockholm)",
    "ap-south-1": "Asia Pacific (Mumbai)", "ap-southeast-1": "Asia Pacific (Singapore)",
    "ap-southeast-2": "Asia Pacific (Sydney)", "ap-northeast-1": "Asia Pacific (Tokyo)",
    "sa-east-1": "South America (Sao Paulo)",
}  # fmt: skip

Product = dict[str, Any]


def products(filters: list[dict[str, str]]) -> list[str]:
    """The products to which all filters apply, each a JSON text, as the API gives them."""
    wanted = {each["Field"]: each["Value"] for each in filters}
    regions = [name for name in _LOCATIONS if wanted.get("regionCode", name) == name]
    found = (product for region in regions for product in _of_region(region))
    return [json.dumps(each) for each in found if _applies(each, wanted)][:100]


def _applies(product: Product, wanted: dict[str, str]) -> bool:
    facts = {"productFamily": product["product"]["productFamily"], **product["product"]["attributes"]}
    facts["ServiceCode"] = "AmazonEC2"
    return all(facts.get(field, "").lower() == value.lower() for field, value in wanted.items())


def _of_region(region: str) -> Iterator[Product]:
    place = {"regionCode": region, "location": _LOCATIONS[region], "locationType": "AWS Region"}
    for instance_type in filter(_offered(region).__contains__, prices.ON_DEMAND):
        attributes = {
            "instanceType": instance_type,
            "operatingSystem": "Linux",
            "tenancy": "Shared",
            "capacitystatus": "Used",
            "preInstalledSw": "NA",
            "licenseModel": "No License required",
            "operation": "RunInstances",
            "marketoption": "OnDemand",
            "usagetype": f"BoxUsage:{instance_type}",
        }
        yield _product(
            "Compute Instance", {**place, **attributes}, "Hrs", prices.on_demand_price(region, instance_type)
        )
    for volume_type, price in prices.STORAGE.items():
        attributes = {"volumeApiName": volume_type, "usagetype": f"EBS:VolumeUsage.{volume_type}"}
        yield _product("Storage", {**place, **attributes}, "GB-Mo", price * prices.factor(region))
    attributes = {"usagetype": "EBS:SnapshotUsage", "storageMedia": "Amazon S3"}
    yield _product("Storage Snapshot", {**place, **attributes}, "GB-Mo", prices.SNAPSHOT * prices.factor(region))
    for volume_type, kind, price in (
        ("gp3", "IOPS", prices.GP3_IOPS),
        ("io2", "IOPS", prices.IO2_IOPS),
        ("gp3", "Throughput", prices.GP3_THROUGHPUT),
    ):
        family = "Provisioned Throughput" if kind == "Throughput" else "System Operation"
        unit = "MiBps-Mo" if kind == "Throughput" else "IOPS-Mo"
        usage = f"EBS:VolumeP-{kind}.{volume_type}"
        attributes = {"volumeApiName": volume_type, "usagetype": usage, "group": f"EBS {kind}"}
        yield _product(family, {**place, **attributes}, unit, price * prices.factor(region))


def _offered(region: str) -> set[str]:
    from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS

    return {each["InstanceType"] for each in INSTANCE_TYPE_OFFERINGS["region"].get(region, ())}


def _product(family: str, attributes: dict[str, str], unit: str, price: float) -> Product:
    sku = f"{abs(hash((family, attributes['usagetype'], attributes['regionCode']))):016X}"[:16]
    code = f"{sku}.JRTCKXETXF"
    dimension = {
        "rateCode": f"{code}.6YS6EN2CT7",
        "unit": unit,
        "beginRange": "0",
        "endRange": "Inf",
        "description": f"${price:.6f} per {unit}",
        "appliesTo": [],
        "pricePerUnit": {"USD": f"{price:.10f}"},
    }
    term = {
        "sku": sku,
        "offerTermCode": "JRTCKXETXF",
        "effectiveDate": "2025-11-01T00:00:00Z",
        "termAttributes": {},
        "priceDimensions": {dimension["rateCode"]: dimension},
    }
    return {
        "serviceCode": "AmazonEC2",
        "product": {"sku": sku, "productFamily": family, "attributes": {"servicecode": "AmazonEC2", **attributes}},
        "terms": {"OnDemand": {code: term}},
        "version": "20251101000000",
        "publicationDate": "2025-11-01T00:00:00Z",
    }
