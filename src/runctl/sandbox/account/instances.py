"""moto's model of a region's instances, bound to hosts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from moto.core.types import Base64EncodedString
from moto.ec2.exceptions import InvalidInstanceIdError
from moto.ec2.models import EC2Backend
from moto.ec2.utils import filter_reservations

from runctl.sandbox.account.instance import SandboxInstance
from runctl.sandbox.account.launching import Launch, check_capacity, check_image, check_type, zone_for
from runctl.sandbox.account.parts import Parts
from runctl.sandbox.account.refusing import refuse


class Instances(EC2Backend):
    """Instances: run, start, stop, terminate, find."""

    parts: ClassVar[Parts]
    launch = Launch()

    def run_instances(
        self,
        image_id: str,
        count: int,
        user_data: Base64EncodedString | None,
        security_group_names: list[str],
        **kwargs: Any,
    ) -> Any:
        instance_type = kwargs["instance_type"]
        check_type(instance_type)
        check_image(self, image_id, instance_type)
        self._check_key(kwargs.get("key_name"))
        zone = self._choose_subnet(instance_type, kwargs)
        check_capacity(self.parts.faults, self.launch, self.region_name, instance_type, zone)
        reservation: Any = super().run_instances(image_id, count, user_data, security_group_names, **kwargs)
        for instance in reservation.instances:
            instance.reservation_id = reservation.id
            self._complete(instance)
        return reservation

    def _check_key(self, name: str | None) -> None:
        if name and name not in self.key_pairs:
            refuse("InvalidKeyPair.NotFound", f"The key pair '{name}' does not exist")

    def _choose_subnet(self, instance_type: str, kwargs: dict[str, Any]) -> str:
        """Settles zone and subnet, in `kwargs`, as EC2 does when only one or none of them is named."""
        nics = kwargs.get("nics") or []
        named = kwargs.get("subnet_id") or next((nic["SubnetId"] for nic in nics if "SubnetId" in nic), None)
        if named:
            zone = str(self.get_subnet(named).availability_zone)
            if kwargs.get("placement") not in (None, zone):
                refuse(
                    "InvalidParameterValue",
                    f"The availability zone '{kwargs['placement']}' does not match the subnet '{named}'",
                )
            return zone_for(self.region_name, instance_type, zone)
        zone = zone_for(self.region_name, instance_type, kwargs.get("placement"))
        subnets = self.get_default_subnets()
        if zone not in subnets:
            refuse("MissingInput", f"No default subnet for availability zone: '{zone}'.")
        kwargs["placement"] = zone
        if nics:
            nics[0]["SubnetId"] = subnets[zone].id
        else:
            kwargs["subnet_id"] = subnets[zone].id
        return zone

    def _complete(self, instance: SandboxInstance) -> None:
        for nic in instance.nics.values():
            nic.add_tags(dict(self.launch.tags.get("network-interface", {})))
        if self.launch.spot:
            self.record_spot_request(instance)  # type: ignore[attr-defined]
        if not instance.is_record:
            instance.lifecycle_of_hosts.boot(instance)

    # --- finding them: by id at once, where moto searches

    def all_reservations(self, filters: Any = None) -> list[Any]:
        if filters is None:
            return list(self.reservations.values())
        return super().all_reservations(filters)

    def _instances(self) -> Iterator[SandboxInstance]:
        for reservation in self.reservations.values():
            yield from reservation.instances  # type: ignore[misc]

    def get_instance(self, instance_id: str) -> Any:
        instance = self.get_instance_by_id(instance_id)
        if instance is None:
            _refuse_unknown([instance_id])
        return instance

    def get_instance_by_id(self, instance_id: str) -> Any:
        return next((each for each in self._instances() if each.id == instance_id), None)

    def get_multi_instances_by_id(self, instance_ids: list[str], filters: Any = None) -> list[Any]:
        known = {each.id: each for each in self._instances()}
        unknown = [each for each in instance_ids if each not in known]
        if unknown:
            _refuse_unknown(unknown)
        return [known[each] for each in instance_ids if known[each].applies(filters)]

    def get_reservations_by_instance_ids(self, instance_ids: list[str], filters: Any = None) -> list[Any]:
        wanted = set(instance_ids)
        found = []
        for reservation in self.reservations.values():
            instances = [each for each in reservation.instances if each.id in wanted]
            if instances:
                part = type(reservation)(reservation.id, reservation.owner_id)
                part.instances = instances
                found.append(part)
        unknown = wanted - {each.id for reservation in found for each in reservation.instances}
        if unknown:
            _refuse_unknown(sorted(unknown))
        return found if filters is None else filter_reservations(found, filters)

    def terminate_instances(self, instance_ids: list[str]) -> list[Any]:
        for instance in self.get_multi_instances_by_id(instance_ids):
            if instance.disable_api_termination:
                refuse(
                    "OperationNotPermitted",
                    f"The instance '{instance.id}' may not be terminated. Modify its 'disableApiTermination' instance "
                    "attribute and try again.",
                )
        return super().terminate_instances(instance_ids)


def _refuse_unknown(instance_ids: list[str]) -> None:
    for each in instance_ids:
        if not each.startswith("i-") or len(each) not in (10, 19):
            refuse("InvalidInstanceID.Malformed", f'Invalid id: "{each}"')
    raise InvalidInstanceIdError(instance_ids if len(instance_ids) > 1 else instance_ids[0])
