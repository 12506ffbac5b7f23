"""EC2 instances as rows, lines and documents; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runctl.core.text import duration, local_time, printable
from runctl.providers.aws import model
from runctl.providers.aws.instances import Details
from runctl.providers.aws.model import Instance, Price

HEADER = ("INSTANCE", "NAME", "TYPE", "STATE", "ZONE", "ADDRESS", "UP", "$/HOUR", "")


def instance_row(instance: Instance, price: Price | None, now: float) -> tuple[str, ...]:
    """One instance as a row of the table. `now` is a Unix time in seconds."""
    return (
        instance.id,
        instance.name or "-",
        instance.type,
        instance.state,
        instance.zone,
        instance.public_address or instance.private_address or "-",
        duration(max(0.0, now - instance.launched_at)) if instance.state == model.RUNNING else "-",
        f"{price.usd_per_hour:.4f}" if price and instance.state == model.RUNNING else "-",
        _remark(instance),
    )


def _remark(instance: Instance) -> str:
    if instance.creating and not instance.ended:
        return f"unfinished creation; end it: runctl aws terminate {instance.id}"
    return " ".join((["spot"] if instance.spot else []) + ([] if instance.managed else ["not runctl's"]))


def instance_lines(instance: Instance, price: Price | None, details: Details, now: float) -> list[str]:
    """Everything about one instance, a line each."""
    cost = cost_so_far(instance, price, now)
    running = instance.state == model.RUNNING
    rows = [
        ("instance", instance.id),
        ("name", instance.name),
        (
            "state",
            instance.state + (", its creation was never completed" if instance.creating and not instance.ended else ""),
        ),
        ("reason", instance.reason),
        ("type", f"{instance.type} ({instance.architecture})"),
        ("market", f"spot ({instance.spot_request})" if instance.spot else "on-demand"),
        ("zone", instance.zone),
        ("address", instance.public_address),
        ("private", instance.private_address),
        ("up", duration(max(0.0, now - instance.launched_at)) if running else None),
        ("started", local_time(instance.launched_at)),
        ("price", f"${price.usd_per_hour:.4f} per hour ({price.source})" if price else "not known"),
        ("cost so far", f"${cost:.2f} since it was started, volumes apart" if cost is not None else None),
        ("image", instance.ami),
        ("key pair", instance.key_name),
        ("profile", instance.profile),
        ("groups", ", ".join(instance.security_groups)),
        ("subnet", instance.subnet),
        ("protected", "against termination" if details.protected else None),
        ("on shutdown", details.shutdown_behavior),
        ("spot request", details.spot_status),
        ("created by", instance.tags.get("runctl:created-by")),
        *(("volume", _volume_text(instance, volume)) for volume in instance.volumes),
        *(("tag", f"{key}={value}") for key, value in sorted(instance.tags.items()) if _is_users(key)),
    ]
    return [f"{name:<12} {printable(value)}" for name, value in rows if value]


def _is_users(key: str) -> bool:
    return key != "Name" and not key.startswith(("runctl:", "aws:"))


def _volume_text(instance: Instance, volume: model.AttachedVolume) -> str:
    fate = "ends with the instance" if volume.delete_on_termination else "stays when the instance ends"
    root = "root, " if volume.device == instance.root_device else ""
    return f"{volume.volume_id} as {volume.device} ({root}{fate})"


def cost_so_far(instance: Instance, price: Price | None, now: float) -> float | None:
    """US dollars for the instance itself since it was last started; None when not running or the price is unknown."""
    if price is None or instance.state != model.RUNNING:
        return None
    return price.usd_per_hour * max(0.0, now - instance.launched_at) / 3600


def instance_document(instance: Instance, price: Price | None, now: float) -> dict[str, Any]:
    """One instance for --json; `cost_usd` as `cost_so_far`."""
    cost = cost_so_far(instance, price, now)
    return {
        "id": instance.id,
        "name": instance.name or None,
        "type": instance.type,
        "state": instance.state,
        "reason": instance.reason or None,
        "region": instance.region,
        "zone": instance.zone,
        "public_address": instance.public_address,
        "private_address": instance.private_address,
        "spot": instance.spot,
        "spot_request": instance.spot_request,
        "launched_at": instance.launched_at,
        "architecture": instance.architecture,
        "ami": instance.ami,
        "key_name": instance.key_name,
        "profile": instance.profile,
        "vpc": instance.vpc,
        "subnet": instance.subnet,
        "security_groups": list(instance.security_groups),
        "volumes": [
            {
                "id": volume.volume_id,
                "device": volume.device,
                "root": volume.device == instance.root_device,
                "delete_on_termination": volume.delete_on_termination,
            }
            for volume in instance.volumes
        ],
        "managed": instance.managed,
        "unfinished": instance.creating is not None,
        "price_per_hour_usd": price.usd_per_hour if price else None,
        "price_source": price.source if price else None,
        "cost_usd": None if cost is None else round(cost, 6),
        "tags": dict(instance.tags),
    }


def state_lines(instances: Sequence[Instance]) -> list[str]:
    """A line for each: its id, name and state."""
    return [f"{each.id}{f' ({printable(each.name)})' if each.name else ''} {each.state}" for each in instances]
