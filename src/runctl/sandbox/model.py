"""What the parts of the sandbox tell each other."""

from __future__ import annotations

from typing import NamedTuple


class Boot(NamedTuple):
    """What a host is made of. `network` is a Docker network and `address` the host's own in it; `environment` is what
    every process of it gets (where the account's endpoint is); `user_data` as EC2 holds it, decoded."""

    instance_id: str
    hostname: str
    network: str
    address: str
    public_keys: tuple[str, ...]
    user_data: bytes
    environment: dict[str, str]


class Rule(NamedTuple):
    """One thing that a security group lets in. `protocol` is tcp, udp, icmp or -1 (all); ports are both inclusive."""

    protocol: str
    from_port: int
    to_port: int
    sources: tuple[str, ...]


class SandboxError(Exception):
    """Something on this machine (Docker, a loop device, a network rule) did not work; the text says what."""
