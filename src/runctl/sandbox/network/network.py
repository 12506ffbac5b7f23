"""VPCs, public addresses and the way to the metadata service: Docker networks, and one nft table of each sandbox."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from runctl.sandbox.hosts.docker import SANDBOX_LABEL, docker, with_label
from runctl.sandbox.model import Rule, SandboxError
from runctl.sandbox.network import addresses, guard
from runctl.sandbox.network.commands import nft

METADATA = "169.254.169.254"
FIRST_PUBLIC = 10

TABLE = """
table ip {table} {{
    map public {{ type ipv4_addr : ipv4_addr; }}
    map private {{ type ipv4_addr : ipv4_addr; }}
    map metadata {{ type ifname : ipv4_addr . inet_service; }}
    chain from_hosts {{
        type nat hook prerouting priority dstnat - 5;
        ip daddr {metadata} tcp dport 80 dnat ip to iifname map @metadata
        dnat to ip daddr map @public
    }}
    chain from_machine {{
        type nat hook output priority -105;
        dnat to ip daddr map @public
    }}
    chain sources {{
        type nat hook postrouting priority srcnat - 5;
        ct original ip daddr {block} snat to ip saddr map @private
        ct original ip daddr {block} ip saddr != {machine} masquerade
    }}
    chain nobody_for_hosts {{
        type filter hook prerouting priority dstnat + 5;
        ip daddr {block} ip daddr != {machine} drop
    }}
    chain nobody_for_machine {{
        type filter hook output priority 0;
        ip daddr {block} ip daddr != {machine} drop
    }}
}}
"""
"""A host that calls another's public address is seen there by its own public address, which also leads the answers
back this way. A public address that is nobody's is silent, as it is in AWS."""


class Vpc(NamedTuple):
    """A Docker network, its bridge on this machine and this machine's address on it."""

    network: str
    bridge: str
    gateway: str


class Network:
    """The networks of a sandbox. All of them, and what else is made here, `remove_everything` finds again."""

    def __init__(self, sandbox_id: str) -> None:
        self._sandbox_id = sandbox_id
        self._lock = threading.RLock()
        self._vpcs: dict[str, Vpc] = {}
        self._published: dict[str, str] = {}
        self._block: IPv4Network | None = None
        self._next_public: Iterator[int] = itertools.cycle(range(FIRST_PUBLIC, 255))

    def free_cidr(self) -> str:
        """A /16 for a VPC that nothing on this machine uses, from now on this sandbox's: 172.31.0.0/16, as AWS's
        default VPC, or else one of 10.128.0.0/16 to 10.254.0.0/16."""
        with self._lock:
            return str(addresses.take_cidr(self._sandbox_id))

    def network_of(self, vpc_id: str, cidr: str) -> str:
        """The Docker network of a VPC, made when it is first asked for; this machine is the first address in it.
        Raises SandboxError when something on this machine uses these addresses."""
        with self._lock:
            if vpc_id not in self._vpcs:
                self._vpcs[vpc_id] = self._make(vpc_id, IPv4Network(cidr))
            return self._vpcs[vpc_id].network

    def remove_network(self, vpc_id: str) -> None:
        """Silent when the VPC never needed one."""
        with self._lock:
            if vpc := self._vpcs.pop(vpc_id, None):
                docker("network", "rm", vpc.network)

    def gateway(self, vpc_id: str) -> str:
        """This machine's address in a VPC that has a network."""
        return self._vpcs[vpc_id].gateway

    def machine(self) -> str:
        """This machine's public address: what a host sees when it is called at its own public address from here."""
        return str(addresses.machine_in(self._public_block()))

    def public_address(self) -> str:
        """An address of this sandbox's block 198.18.N.0/24 that is not published; none comes again before all others
        have."""
        with self._lock:
            block = self._public_block()
            for _ in range(FIRST_PUBLIC, 255):
                address = str(block[next(self._next_public)])
                if address not in self._published:
                    return address
        raise SandboxError("all public addresses of this sandbox are in use")

    def publish(self, public: str, private: str) -> None:
        """Makes a host reachable by a public address, from this machine and from other hosts. Whatever the address led
        to before, and by whatever other address the host was known, is so no longer."""
        with self._lock:
            for known, host in list(self._published.items()):
                if public == known or private == host:
                    self.unpublish(known)
            self._change("add", public, private)
            self._published[public] = private

    def unpublish(self, public: str) -> None:
        """Silent when it was not published."""
        with self._lock:
            if private := self._published.pop(public, None):
                self._change("delete", public, private)

    def serve_metadata(self, vpc_id: str, port: int) -> None:
        """169.254.169.254:80 leads the hosts of this VPC, and nobody else, to that port of its gateway."""
        with self._lock:
            self._public_block()
            vpc = self._vpcs[vpc_id]
            nft(f'add element ip {table_of(self._sandbox_id)} metadata {{ "{vpc.bridge}" : {vpc.gateway} . {port} }}')

    def guard(self, pid: int, rules: Iterable[Rule]) -> None:
        """Only what the rules say comes in to the host whose init is `pid`; to be told again after each boot."""
        guard.guard(pid, rules)

    def cut(self, pid: int) -> None:
        """Nothing passes in or out of that host any more."""
        guard.cut(pid)

    def restore(self, pid: int) -> None:
        """Ends `cut`."""
        guard.restore(pid)

    def _make(self, vpc_id: str, cidr: IPv4Network) -> Vpc:
        name = f"runctl-{self._sandbox_id}-{vpc_id}"
        label = f"{SANDBOX_LABEL}={self._sandbox_id}"
        gateway = str(cidr[1])
        made = docker("network", "create", "--label", label, "--subnet", str(cidr), "--gateway", gateway, name)
        return Vpc(name, f"br-{made[:12]}", gateway)

    def _public_block(self) -> IPv4Network:
        with self._lock:
            if not self._block:
                block = addresses.take_public_block(self._sandbox_id)
                machine = addresses.machine_in(block)
                nft(TABLE.format(table=table_of(self._sandbox_id), metadata=METADATA, block=block, machine=machine))
                self._block = block
            return self._block

    def _change(self, verb: str, public: str, private: str) -> None:
        table = table_of(self._sandbox_id)
        nft(
            f"{verb} element ip {table} public {{ {IPv4Address(public)} : {IPv4Address(private)} }}\n"
            f"{verb} element ip {table} private {{ {IPv4Address(private)} : {IPv4Address(public)} }}\n"
        )


def table_of(sandbox_id: str) -> str:
    """The nft table of a sandbox."""
    return f"runctl_{sandbox_id}"


def remove_everything(sandbox_id: str) -> None:
    """Removes networks, rules and addresses of a sandbox whose hosts are gone, daemon alive or not. Silent when there
    is nothing. Raises SandboxError when a network still has a host."""
    table = f"table ip {table_of(sandbox_id)}"
    nft(f"{table}\ndelete {table}\n")
    addresses.give_all_back(sandbox_id)
    if networks := with_label(SANDBOX_LABEL, sandbox_id, "network"):
        docker("network", "rm", *networks)
