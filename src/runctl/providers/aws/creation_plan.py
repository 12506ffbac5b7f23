"""What creating an instance would do, as data: everything is looked up and checked, nothing is made."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from runctl.core.aws import Account
from runctl.core.config import Config
from runctl.core.errors import CloudError, NotFoundError, RefusedError, UsageError
from runctl.core.run_ids import new_run_id
from runctl.core.text import printable
from runctl.providers.aws import groups, instances, keys, role
from runctl.providers.aws.address import own_network
from runctl.providers.aws.images import Image, image_called, image_for
from runctl.providers.aws.model import Instance, Offer, Price, region_of
from runctl.providers.aws.places import Place, places_for
from runctl.providers.aws.prices import Prices, spot_prices
from runctl.providers.aws.types import DEFAULT_TYPE, InstanceType, look_up
from runctl.providers.aws.wanted import NewVolume, Wanted

# what projects and their environments need beside the image
_ROOM_GIB = 30


class Plan(NamedTuple):
    """A creation, decided. `places` are tried in order until one has capacity; `offers` belong to them.

    `on_demand` is what the type costs on demand, for comparison and for falling back. `key` and `group` are None where
    they are yet to be made; `network` is the address that port 22 is opened to, None where runctl opens nothing.
    """

    token: str
    name: str
    named: bool
    kind: InstanceType
    spot: bool
    spot_max_price: float | None
    spot_fallback: bool
    places: tuple[Place, ...]
    offers: tuple[Offer, ...]
    on_demand: Price | None
    image: Image
    root_gib: int
    root_price: Price
    volumes: tuple[NewVolume, ...]
    volume_prices: tuple[Price, ...]
    key: str | None
    make_key: bool
    group: str | None
    make_group: bool
    network: str | None
    profile: str | None
    user_data: bytes
    tags: Mapping[str, str]
    most: int
    notes: tuple[str, ...]

    @property
    def region(self) -> str:
        """The region of its zones."""
        return region_of(self.places[0].zone)

    def price_of(self, instance: Instance) -> Price | None:
        """What the instance that came of it costs per hour; it may have been made on demand after all."""
        if instance.spot != self.spot:
            return self.on_demand
        return next((offer.price for offer in self.offers if offer.zone == instance.zone), None)

    def usd_per_hour(self, machine: Price | None) -> float | None:
        """All that runs: `machine` and its volumes; None where the machine's price is not known."""
        if machine is None:
            return None
        return machine.usd_per_hour + self.root_price.usd_per_hour + sum(p.usd_per_hour for p in self.volume_prices)


def plan_creation(account: Account, config: Config, wanted: Wanted) -> Plan:
    """Decides everything about a new instance. Raises UsageError, RefusedError, NotFoundError or CloudError."""
    _check_options(wanted)
    check_room(instances.own(account), config.max_instances, wanted.name)
    kind = look_up(account, config, wanted.type or DEFAULT_TYPE)
    if wanted.spot and not kind.spot:
        raise RefusedError(f"{kind.name} is not sold as spot", hint="leave --spot out")
    image = image_called(account, wanted.ami, kind) if wanted.ami else image_for(account, kind)
    prices = Prices(config, account.region)
    on_demand = prices.on_demand(kind.name)
    places = places_for(account, config, kind.name, wanted.zone, wanted.subnet)
    of_spot = spot_prices(account, [kind.name]) if wanted.spot else {}
    places = sorted(places, key=lambda place: (_cost(of_spot.get((kind.name, place.zone))), place.zone))
    key, make_key = _key(account, config, wanted)
    group, make_group, network = _group(account, config, wanted, places[0].vpc)
    profile, notes = _profile(account, wanted)
    if not wanted.type:
        notes = (f"no type was given: {DEFAULT_TYPE}", *notes)
    return Plan(
        token=uuid.uuid4().hex,
        name=wanted.name or f"{kind.name.replace('.', '-')}-{new_run_id()[-5:]}",
        named=wanted.name is not None,
        kind=kind,
        spot=wanted.spot,
        spot_max_price=wanted.spot_max_price,
        spot_fallback=wanted.spot_fallback,
        places=tuple(places),
        offers=tuple(
            Offer(
                kind.name,
                place.zone,
                wanted.spot,
                of_spot.get((kind.name, place.zone)) if wanted.spot else on_demand,
            )
            for place in places
        ),
        on_demand=on_demand,
        image=image,
        root_gib=_root_gib(image, wanted.root_gib),
        root_price=prices.volume("gp3", _root_gib(image, wanted.root_gib)),
        volumes=wanted.volumes,
        volume_prices=tuple(prices.volume("gp3", volume.size_gib) for volume in wanted.volumes),
        key=key,
        make_key=make_key,
        group=group,
        make_group=make_group,
        network=network,
        profile=profile,
        user_data=wanted.user_data,
        tags=dict(wanted.tags),
        most=config.max_instances,
        notes=notes,
    )


def check_room(existing: Sequence[Instance], most: int, name: str | None) -> None:
    """Raises RefusedError when there are `most` instances already, or one called `name`."""
    named = [instance for instance in existing if name is not None and instance.name == name]
    if named:
        unfinished = ", whose creation was never completed" if named[0].creating else ""
        raise RefusedError(
            f"there is an instance called {printable(named[0].name)} already: {named[0].id}{unfinished}",
            hint=f"give another --name, or end that one: runctl aws terminate {named[0].id}",
        )
    if len(existing) >= most:
        raise RefusedError(
            f"runctl has {len(existing)} instance{'s' * (len(existing) != 1)} here, and max_instances is {most}",
            hint="see: runctl aws list; end some, or allow more: --max-instances",
        )


def _check_options(wanted: Wanted) -> None:
    if not wanted.spot and (wanted.spot_fallback or wanted.spot_max_price is not None):
        option = "--spot-fallback" if wanted.spot_fallback else "--spot-max-price"
        raise UsageError(f"{option} is for spot instances", hint="add --spot")


def _cost(price: Price | None) -> float:
    return price.usd_per_hour if price else float("inf")


def _root_gib(image: Image, asked: int | None) -> int:
    if asked is None:
        return image.root_gib + _ROOM_GIB
    if asked < image.root_gib:
        raise UsageError(
            f"--root-size: {asked} GiB; the image {image.id} needs {image.root_gib}", hint="leave --root-size out"
        )
    return asked


def _key(account: Account, config: Config, wanted: Wanted) -> tuple[str | None, bool]:
    """The key pair's name as far as it is known, and whether it must be made or imported."""
    if wanted.key_name:
        if not keys.imported(account, wanted.key_name):
            raise NotFoundError(
                f"there is no key pair {printable(wanted.key_name)!r} in {account.region}",
                hint="leave --key-name out: runctl makes one",
            )
        return wanted.key_name, False
    local = keys.local_key(config.home)
    return (None, True) if local is None else (local.name, not keys.imported(account, local.name))


def _group(account: Account, config: Config, wanted: Wanted, vpc: str) -> tuple[str | None, bool, str | None]:
    """The group's id as far as it is known, whether it must be made, and what it must be open to."""
    if wanted.security_group:
        return _named_group(account, wanted.security_group, vpc), False, None
    network = None if config.transport == "ssm" else own_network(config.address_service)
    group = groups.find_group(account, vpc)
    return (group.id if group else None), group is None, network


def _named_group(account: Account, text: str, vpc: str) -> str:
    from runctl.core.aws import calling

    field = "group-id" if text.startswith("sg-") else "group-name"
    with calling("list security groups"):
        answer = account.client("ec2").describe_security_groups(Filters=[{"Name": field, "Values": [text]}])
    found = answer["SecurityGroups"]
    here = [group["GroupId"] for group in found if group["VpcId"] == vpc]
    if here:
        group_id: str = here[0]
        return group_id
    if found:
        raise UsageError(
            f"the security group {printable(text)} belongs to {found[0]['VpcId']}, the subnet to {vpc}",
            hint="choose a --subnet of the same VPC, or leave --security-group out",
        )
    raise NotFoundError(
        f"there is no security group {printable(text)!r} in {account.region}",
        hint="leave --security-group out: runctl makes one",
    )


def _profile(account: Account, wanted: Wanted) -> tuple[str | None, tuple[str, ...]]:
    """The instance profile, and what to say about it."""
    without = "no instance profile: no SSM and no S3 from the instance; make one with: runctl aws setup"
    if wanted.profile:
        if not role.profile_exists(account, wanted.profile):
            raise NotFoundError(f"there is no instance profile {printable(wanted.profile)!r} with a role in it")
        return wanted.profile, ()
    try:
        return (role.PROFILE, ()) if role.profile_exists(account) else (None, (without,))
    except CloudError as error:
        return None, (f"whether there is an instance profile can't be seen ({error.code}); name it to use it",)
