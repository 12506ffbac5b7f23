"""How hosts are reached: each VPC's network and gateway, public addresses, security groups' rules."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from runctl.sandbox.account.parts import Parts
from runctl.sandbox.model import Rule


class Reaching:
    """Networks and rules. `listen` serves the account, and metadata, at a VPC's gateway address."""

    def __init__(self, parts: Parts, port: int, listen: Callable[[str, str], None]) -> None:
        self._parts, self._port, self._listen = parts, port, listen
        self._lock = threading.Lock()
        self._networks: dict[str, str] = {}
        self._published: dict[str, str] = {}

    def network_of(self, instance: Any) -> str:
        """The Docker network of the instance's VPC, made when first asked for."""
        vpc_id = instance.vpc_id
        with self._lock:
            if vpc_id not in self._networks:
                cidr = instance.ec2_backend.vpcs[vpc_id].cidr_block
                self._networks[vpc_id] = self._parts.network.network_of(vpc_id, cidr)
                self._listen(vpc_id, self._parts.network.gateway(vpc_id))
        return self._networks[vpc_id]

    def endpoint_of(self, instance: Any) -> str:
        """The account's URL as the instance reaches it."""
        return f"http://{self._parts.network.gateway(instance.vpc_id)}:{self._port}"

    def open(self, instance: Any) -> None:
        """Lets in what the security groups let in, and gives the instance its public address."""
        self.guard(instance)
        with self._parts.lock:
            for nic in instance.nics.values():
                if not nic.public_ip:
                    nic.start()
        self.publish(instance)

    def publish(self, instance: Any) -> None:
        """Makes the instance answer at the public address that it has now, and at no other."""
        now = instance.public_ip_address if instance.state in ("pending", "running") else None
        with self._lock:
            before = self._published.get(instance.id)
            if before == now:
                return
            if before:
                self._parts.network.unpublish(before)
                del self._published[instance.id]
            if now:
                self._parts.network.publish(now, instance.nics[0].private_ip_address)
                self._published[instance.id] = now

    def close(self, instance: Any) -> None:
        """Takes the public address away."""
        with self._lock:
            before = self._published.pop(instance.id, None)
        if before:
            self._parts.network.unpublish(before)

    def guard(self, instance: Any) -> None:
        """Lets in what the instance's security groups let in now."""
        pid = self._parts.hosts.pid(instance.id)
        if pid is not None:
            with self._parts.lock:
                rules = list(self._rules(instance))
            self._parts.network.guard(pid, rules)

    def guard_all(self, backend: Any) -> None:
        """Does so for all running instances of a region, in the background."""
        for reservation in list(backend.reservations.values()):
            for instance in reservation.instances:
                if instance.state == "running" and not instance.is_record:
                    self._parts.background.do(instance.id, partial(self.guard, instance))

    def remove_networks(self) -> None:
        """Removes the networks of all VPCs, whose hosts are gone."""
        with self._lock:
            for vpc_id in self._networks:
                self._parts.network.remove_network(vpc_id)
            self._networks.clear()

    def _rules(self, instance: Any) -> Iterator[Rule]:
        for nic in instance.nics.values():
            for group in nic.group_set:
                for rule in group.ingress_rules:
                    sources = tuple(self._sources(instance, rule))
                    if sources:
                        first, last = (0, 65535) if rule.from_port is None else (rule.from_port, rule.to_port)
                        yield Rule(rule.ip_protocol, first, last, sources)

    def _sources(self, instance: Any, rule: Any) -> Iterator[str]:
        if rule.cidr_ipv4:
            yield rule.cidr_ipv4
            # this machine has another address where it calls a host at its private one
            if rule.cidr_ipv4 == f"{self._parts.network.machine()}/32":
                yield f"{self._parts.network.gateway(instance.vpc_id)}/32"
        group_id = rule.source_group.get("GroupId")
        if group_id:
            for reservation in instance.ec2_backend.reservations.values():
                for other in reservation.instances:
                    if other.state in ("pending", "running") and group_id in {
                        group.id for nic in other.nics.values() for group in nic.group_set
                    }:
                        yield f"{other.private_ip_address}/32"
