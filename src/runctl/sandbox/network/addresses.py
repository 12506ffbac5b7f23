"""Blocks of addresses that nothing else on this machine uses.

What a sandbox has taken is a route to its own, empty interface. Nothing else needs to be remembered: that only one can
add a route is the kernel's doing, and the routes go with the interface.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from runctl.sandbox.model import SandboxError
from runctl.sandbox.network.commands import run

DEFAULT_VPC = IPv4Network("172.31.0.0/16")
OTHER_VPCS = [IPv4Network(f"10.{number}.0.0/16") for number in range(128, 255)]
PUBLIC = IPv4Network("198.18.0.0/15")
"""Set aside for benchmarks of network devices (RFC 2544): no server has such an address."""
METRIC = "4000"
"""Of routes that say that a block is taken; the routes of Docker's networks come before them."""


def take_cidr(sandbox_id: str) -> IPv4Network:
    """A /16 for a VPC, from now on this sandbox's. Raises SandboxError when all are in use."""
    return _take(sandbox_id, [DEFAULT_VPC, *OTHER_VPCS])


def take_public_block(sandbox_id: str) -> IPv4Network:
    """A /24 of public addresses, from now on this sandbox's; this machine itself is `machine_in` it to the hosts."""
    block = _take(sandbox_id, PUBLIC.subnets(new_prefix=24))
    name = interface_of(sandbox_id)
    run("ip", "address", "add", f"{machine_in(block)}/24", "dev", name, "noprefixroute")
    run("ip", "route", "replace", str(block), "dev", name, "metric", METRIC, "src", str(machine_in(block)))
    return block


def machine_in(block: IPv4Network) -> IPv4Address:
    """This machine's own address in a public block."""
    return block[1]


def give_all_back(sandbox_id: str) -> None:
    """Silent when nothing was taken."""
    if _exists(interface_of(sandbox_id)):
        run("ip", "link", "delete", interface_of(sandbox_id))


def interface_of(sandbox_id: str) -> str:
    """The name of the sandbox's interface."""
    return f"rc{sandbox_id}"


def _take(sandbox_id: str, candidates: Iterable[IPv4Network]) -> IPv4Network:
    name = interface_of(sandbox_id)
    if not _exists(name):
        run("ip", "link", "add", name, "type", "bridge")
        run("ip", "link", "set", name, "up")
    used = _routed()
    for candidate in candidates:
        if not any(candidate.overlaps(network) for network in used) and _add_route(candidate, name):
            return candidate
    raise SandboxError("no block of addresses is free on this machine: are there sandboxes that were not taken down?")


def _add_route(block: IPv4Network, interface: str) -> bool:
    try:
        run("ip", "route", "add", str(block), "dev", interface, "metric", METRIC)
    except SandboxError as error:
        if "File exists" in str(error):  # another sandbox was faster
            return False
        raise
    return True


def _routed() -> list[IPv4Network]:
    """Where this machine has routes to, the ways to everywhere apart (VPNs have two, of a half each)."""
    routes = json.loads(run("ip", "-json", "-4", "route", "show"))
    networks = [IPv4Network(route["dst"]) for route in routes if route["dst"] != "default"]
    return [network for network in networks if network.prefixlen > 1]


def _exists(interface: str) -> bool:
    return Path("/sys/class/net", interface).exists()
