"""A region's EC2: moto's model with ours over it."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from runctl.sandbox.account.images import add_images
from runctl.sandbox.account.instance import SandboxInstance
from runctl.sandbox.account.instances import Instances
from runctl.sandbox.account.reaching import Reaching
from runctl.sandbox.account.spot import SpotRequests
from runctl.sandbox.account.tokens import Tokens
from runctl.sandbox.account.volumes import Volumes


class Region(Instances, Volumes, SpotRequests):
    """What EC2 keeps of one region. `parts` and `reaching` are set once, by `binding`."""

    reaching: ClassVar[Reaching]
    # a region keeps its addresses when the account is emptied
    _cidrs: ClassVar[dict[str, str]] = {}

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.tokens = Tokens()
        add_images(self)

    @property
    def _url_module(self) -> Any:
        # moto would look for it beside this module
        import moto.ec2.urls

        return moto.ec2.urls

    def create_default_vpc(self) -> Any:
        if self.region_name not in self._cidrs:
            self._cidrs[self.region_name] = self.parts.network.free_cidr()
        vpc = self.create_vpc(cidr_block=self._cidrs[self.region_name], is_default=True)
        for zone in self.describe_availability_zones():
            self.create_default_subnet(zone.name)
        return vpc

    def rules_changed(self) -> None:
        """A security group lets in something else now."""
        self.reaching.guard_all(self)

    def addresses_changed(self) -> None:
        """An elastic address belongs to another now."""
        for instance in self._instances():
            if instance.state == "running" and not instance.is_record:
                self.parts.background.do(instance.id, partial(self.reaching.publish, instance))

    def console_of(self, instance: SandboxInstance) -> str:
        """What the host's console showed."""
        return self.parts.hosts.console(instance.id) if instance.has_booted else ""
