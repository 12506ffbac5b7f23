"""Volumes that outlive their instance, as lines and documents; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runctl.core.text import printable
from runctl.providers.aws.staying import Staying


def staying_lines(staying: Sequence[Staying]) -> list[str]:
    """A line for each volume: what it is, what it costs, how it is deleted."""
    return [f"{staying_text(each)}; delete it: runctl aws ebs delete {each.volume.id}" for each in staying]


def staying_text(each: Staying) -> str:
    """A volume and what it costs a month."""
    volume = each.volume
    mounted = f", {volume.mount_point}" if volume.mount_point else ""
    name = f" ({volume.name})" if volume.name else ""
    cost = f"${each.usd_per_month:.2f} a month ({each.price.source})"
    return printable(f"{volume.id}{name} stays: {volume.size_gib} GiB {volume.type}{mounted}, {cost}")


def staying_document(each: Staying) -> dict[str, Any]:
    """A volume for --json."""
    return {
        "id": each.volume.id,
        "name": each.volume.name or None,
        "size_gib": each.volume.size_gib,
        "type": each.volume.type,
        "mount_point": each.volume.mount_point,
        "price_per_month_usd": round(each.usd_per_month, 4),
        "price_source": each.price.source,
    }
