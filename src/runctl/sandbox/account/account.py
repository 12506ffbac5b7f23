"""The account as the daemon runs it: moto's application behind the gate, with real things below its models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runctl.sandbox.account.binding import bind
from runctl.sandbox.account.identities import add_own_user, may_use_ssm, role_of_profile
from runctl.sandbox.account.instance import SandboxInstance
from runctl.sandbox.account.keys_of_objects import take_line_breaks
from runctl.sandbox.account.metadata import metadata_of
from runctl.sandbox.account.own_services import OwnServices
from runctl.sandbox.account.parts import ACCOUNT_ID, Background, Parts
from runctl.sandbox.account.reaching import Reaching
from runctl.sandbox.faults import Faults
from runctl.sandbox.gate import Gate
from runctl.sandbox.http_server import Server
from runctl.sandbox.keys import Keys
from runctl.sandbox.layout import State


class Account:
    """Everything that one sandbox serves."""

    def __init__(self, state: State, folder: Path, admin: Any) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        from runctl.sandbox.disks import Disks
        from runctl.sandbox.hosts import Hosts
        from runctl.sandbox.metadata import Metadata
        from runctl.sandbox.network import Network
        from runctl.sandbox.ssm import Ssm

        take_line_breaks()
        self._state = state
        self.faults = Faults()
        # ids of the instances that a fault has cut off
        self.cut: set[str] = set()
        hosts = Hosts(state.id, folder)
        self.ssm = Ssm(self._registered, hosts.pid)
        own = OwnServices(self.ssm)
        self.gate = Gate(
            DomainDispatcherApplication(create_backend_app),
            admin,
            own.answer,
            Keys(state.access_key, state.secret_key),
            self.faults,
        )
        self.parts = Parts(hosts, Disks(folder), Network(state.id), self.faults, self.gate.lock, Background())
        self.reaching = Reaching(self.parts, state.port, self._listen)
        self.lifecycle = bind(self.parts, self.reaching)
        self._metadata = Metadata(self._host_at)
        self._servers: list[Server] = []
        add_own_user(state.access_key, state.secret_key)
        self.ssm.start()
        hosts.watch(self._ended, self._rebooted)

    # --- what there is

    def regions(self) -> list[Any]:
        """The models of the regions that were used."""
        from moto.ec2.models import ec2_backends

        return list(ec2_backends[ACCOUNT_ID].values())

    def instances(self) -> Iterator[SandboxInstance]:
        """All instances of all regions."""
        for region in self.regions():
            yield from region._instances()

    def instance(self, instance_id: str) -> SandboxInstance | None:
        """An instance by its id, in any region."""
        return next((each for each in self.instances() if each.id == instance_id), None)

    # --- for those below

    def _registered(self) -> list[str]:
        with self.gate.lock:
            return [each.id for each in self.instances() if _is_registered(each)]

    def _host_at(self, address: str) -> Any:
        with self.gate.lock:
            for each in self.instances():
                if each.state not in ("stopped", "terminated") and each.private_ip_address == address:
                    return metadata_of(each, self.gate.lock)
        return None

    def _listen(self, vpc_id: str, gateway: str) -> None:
        server = Server(gateway, self._state.port, self.gate)
        server.start()
        self._servers.append(server)
        port = self._metadata.serve(gateway, 0)
        self.parts.network.serve_metadata(vpc_id, port)

    def _ended(self, instance_id: str) -> None:
        instance = self.instance(instance_id)
        if instance:
            self.lifecycle.ended(instance)

    def _rebooted(self, instance_id: str) -> None:
        instance = self.instance(instance_id)
        if instance:
            self.lifecycle.rebooted(instance)

    # --- starting over

    def reset(self) -> None:
        """Empties the account: no instance, volume, bucket or key is left; the sandbox goes on."""
        from moto.core.base_backend import BackendDict

        with self.gate.lock:
            self.faults.clear()
            instances = list(self.instances())
            for instance in instances:
                instance.terminate()
        for instance in instances:
            # an orderly shutdown is of no use to anybody
            self.parts.hosts.kill(instance.id)
        self.parts.background.wait()
        with self.gate.lock:
            for region in self.regions():
                for volume in list(region.volumes.values()):
                    if not volume.is_record:
                        self.parts.disks.delete(volume.id)
                for snapshot in list(region.snapshots.values()):
                    if not snapshot.is_record:
                        self.parts.disks.delete_snapshot(snapshot.id)
            self._close_gateways()
            BackendDict.reset()
            add_own_user(self._state.access_key, self._state.secret_key)

    def _close_gateways(self) -> None:
        while self._servers:
            server = self._servers.pop()
            server.shutdown()
            server.server_close()
        self._metadata.close()
        self.reaching.remove_networks()


def _is_registered(instance: SandboxInstance) -> bool:
    if instance.state != "running" or instance.is_record or instance.is_impaired or not instance.iam_instance_profile:
        return False
    role = role_of_profile(instance.iam_instance_profile["Arn"])
    return role is not None and may_use_ssm(role)
