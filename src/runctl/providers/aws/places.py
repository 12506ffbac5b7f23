"""Where an instance can be made: a subnet of a zone that offers its type."""

from __future__ import annotations

from typing import Any, NamedTuple

from runctl.core.aws import Account, calling
from runctl.core.config import Config
from runctl.core.errors import NotFoundError, RefusedError, UsageError
from runctl.core.text import printable
from runctl.providers.aws.types import not_offered, zones_with


class Place(NamedTuple):
    """A subnet, its zone and its VPC; `public` says whether instances get a public address there."""

    zone: str
    subnet: str
    vpc: str
    public: bool


def places_for(account: Account, config: Config, kind: str, zone: str | None, subnet: str | None) -> list[Place]:
    """Every place where an instance of type `kind` may be made, as `zone` and `subnet` allow; never empty.

    Raises NotFoundError for a type that the region lacks and for an unknown zone or subnet, UsageError where they
    don't agree, RefusedError where the zone doesn't offer the type.
    """
    if zone:
        _check_zone(account, zone)
    offering = zones_with(account, kind)
    if not offering:
        raise not_offered(account, config, kind)
    places = [_of_subnet(account, subnet, zone)] if subnet else _default_places(account, zone)
    fitting = [place for place in places if place.zone in offering]
    if not fitting:
        zones = ", ".join(sorted({place.zone for place in places}))
        raise RefusedError(f"{kind} is not offered in {zones}", hint=f"it is offered in: {', '.join(offering)}")
    return fitting


def _check_zone(account: Account, zone: str) -> None:
    with calling("list zones"):
        answer = account.client("ec2").describe_availability_zones()
    names = [each["ZoneName"] for each in answer["AvailabilityZones"]]
    if zone not in names:
        raise NotFoundError(
            f"{account.region} has no zone {printable(zone)!r}", hint=f"its zones are: {', '.join(sorted(names))}"
        )


def _of_subnet(account: Account, subnet: str, zone: str | None) -> Place:
    with calling(f"look up the subnet {printable(subnet)}"):
        [found] = account.client("ec2").describe_subnets(SubnetIds=[subnet])["Subnets"]
    place = _place_of(found)
    if zone not in (None, place.zone):
        raise UsageError(f"{subnet} is in {place.zone}, not in {zone}", hint="leave --zone or --subnet out")
    return place


def _default_places(account: Account, zone: str | None) -> list[Place]:
    filters = [{"Name": "default-for-az", "Values": ["true"]}]
    with calling("list subnets"):
        found = account.client("ec2").describe_subnets(Filters=filters)["Subnets"]
    places = sorted(_place_of(subnet) for subnet in found if zone in (None, subnet["AvailabilityZone"]))
    if not places:
        where = f"zone {zone}" if zone else account.region
        raise RefusedError(f"there is no default subnet in {where}", hint="name one: --subnet subnet-…")
    return places


def _place_of(answer: dict[str, Any]) -> Place:
    public = bool(answer.get("MapPublicIpOnLaunch"))
    return Place(answer["AvailabilityZone"], answer["SubnetId"], answer["VpcId"], public)
