"""What a creation would make and cost, as lines and as a document; pure."""

from __future__ import annotations

from typing import Any

from runctl.core.text import printable
from runctl.providers.aws.creation_plan import Plan
from runctl.providers.aws.model import Price
from runctl.ui.console import table

_HEADER = ("", "WHAT", "ZONE", "$/HOUR", "$/DAY", "PRICE FROM")


def plan_lines(plan: Plan) -> list[str]:
    """The table that is shown before anything is made."""
    offer = plan.offers[0]
    market = "spot" if plan.spot else "on-demand"
    rows = [_row("instance", f"{_machine(plan)}, {market}", offer.zone or "", offer.price)]
    if plan.spot:
        rows.append(_row("", "the same on demand", "", plan.on_demand))
    rows.append(_row("root disk", f"{plan.root_gib} GiB gp3", "", plan.root_price))
    for volume, price in zip(plan.volumes, plan.volume_prices, strict=True):
        where = f" at {volume.mount_point}" if volume.mount_point else ""
        rows.append(_row("volume", f"{volume.size_gib} GiB gp3{where}; stays when the instance ends", "", price))
    total = plan.usd_per_hour(offer.price)
    rows.append(_row("together", "", "", Price(total, "") if total is not None else None))
    return [*table(_HEADER, rows), *_remarks(plan)]


def _machine(plan: Plan) -> str:
    kind = plan.kind
    gpus = f", {kind.gpus} × {kind.gpu} of {kind.gpu_memory_mib / 1024:.3g} GiB" if kind.gpus else ""
    return f"{kind.name}: {kind.vcpus} vCPU, {kind.memory_mib / 1024:g} GiB{gpus}"


def _row(kind: str, what: str, zone: str, price: Price | None) -> tuple[str, ...]:
    if price is None:
        return kind, what, zone, "?", "?", "not known"
    return kind, what, zone, f"{price.usd_per_hour:.4f}", f"{price.usd_per_hour * 24:.2f}", price.source


def _remarks(plan: Plan) -> list[str]:
    remarks = [f"image: {plan.image.id} {plan.image.name} ({plan.image.source})"]
    if len(plan.places) > 1:
        remarks.append(f"other zones if there is none: {', '.join(place.zone for place in plan.places[1:])}")
    if plan.spot_max_price is not None:
        remarks.append(f"spot at ${plan.spot_max_price:g} per hour at most")
    if plan.make_key:
        remarks.append("a key pair of this machine is made known to the region")
    if plan.make_group:
        remarks.append("a security group is made")
    if plan.network:
        remarks.append(f"port 22 is open to {plan.network} alone")
    return [printable(text) for text in (*remarks, *plan.notes)]


def plan_document(plan: Plan) -> dict[str, Any]:
    """The plan for `--dry-run --json`."""
    offer = plan.offers[0]
    total = plan.usd_per_hour(offer.price)
    return {
        "name": plan.name,
        "type": plan.kind.name,
        "vcpus": plan.kind.vcpus,
        "memory_bytes": plan.kind.memory_mib << 20,
        "gpus": plan.kind.gpus,
        "gpu": plan.kind.gpu or None,
        "architecture": plan.kind.architecture,
        "spot": plan.spot,
        "spot_max_price_usd": plan.spot_max_price,
        "spot_fallback": plan.spot_fallback,
        "zones": [place.zone for place in plan.places],
        "subnets": [place.subnet for place in plan.places],
        "vpc": plan.places[0].vpc,
        "price_per_hour_usd": offer.price.usd_per_hour if offer.price else None,
        "price_source": offer.price.source if offer.price else None,
        "on_demand_per_hour_usd": plan.on_demand.usd_per_hour if plan.on_demand else None,
        "on_demand_source": plan.on_demand.source if plan.on_demand else None,
        "together_per_hour_usd": total,
        "together_per_day_usd": None if total is None else total * 24,
        "ami": plan.image.id,
        "ami_name": plan.image.name or None,
        "ami_source": plan.image.source,
        "root_gib": plan.root_gib,
        "volumes": [
            {
                "size_gib": volume.size_gib,
                "mount_point": volume.mount_point,
                "device": volume.device,
                "price_per_hour_usd": price.usd_per_hour,
                "price_source": price.source,
            }
            for volume, price in zip(plan.volumes, plan.volume_prices, strict=True)
        ],
        "key_name": plan.key,
        "makes_key": plan.make_key,
        "security_group": plan.group,
        "makes_security_group": plan.make_group,
        "open_to": plan.network,
        "profile": plan.profile,
        "user_data_bytes": len(plan.user_data),
        "tags": dict(plan.tags),
        "notes": list(plan.notes),
    }
