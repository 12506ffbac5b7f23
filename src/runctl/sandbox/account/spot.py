"""Spot requests: one for every spot instance, closed with it."""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow
from moto.ec2.models import EC2Backend
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.utils import random_spot_request_id

from runctl.sandbox.account.instance import SandboxInstance
from runctl.sandbox.account.refusing import refuse

_CLOSED = "instance-terminated-by-user"


class SandboxSpotRequest(TaggedEC2Resource):
    """The request behind a spot instance that RunInstances made."""

    def __init__(self, ec2_backend: Any, instance: SandboxInstance) -> None:
        self.ec2_backend = ec2_backend
        self.id = self.spot_instance_request_id = random_spot_request_id()
        self.instance = instance
        self.instance_id = instance.id
        self.type = instance.launch.spot_type
        self.state = "active"
        self.status_code, self.status_message = "fulfilled", "Your spot request is fulfilled."
        self.spot_price = instance.launch.max_price or f"{_on_demand(instance):.6f}"
        self.instance_interruption_behavior = instance.launch.interruption
        self.create_time = self.updated_at = utcnow()
        self.launched_availability_zone = instance.availability_zone
        self.product_description = "Linux/UNIX"
        self.launch_specification = {
            "ImageId": instance.image_id,
            "InstanceType": instance.instance_type,
            "SubnetId": instance.subnet_id,
        }

    @property
    def status(self) -> dict[str, Any]:
        return {"Code": self.status_code, "Message": self.status_message, "UpdateTime": self.updated_at}

    def enter(self, state: str, code: str) -> None:
        """Goes into a state."""
        self.state, self.status_code, self.updated_at = state, code, utcnow()
        self.status_message = f"{code.replace('-', ' ').capitalize()}."

    def get_filter_value(self, filter_name: str, method_name: str | None = None) -> Any:
        if filter_name == "spot-instance-request-id":
            return self.id
        if filter_name == "status-code":
            return self.status_code
        return super().get_filter_value(filter_name, method_name)


class SpotRequests(EC2Backend):
    """Spot requests of a region."""

    def record_spot_request(self, instance: SandboxInstance) -> None:
        """Writes down the request of a new spot instance."""
        request = SandboxSpotRequest(self, instance)
        self.spot_instance_requests[request.id] = request  # type: ignore[assignment]
        instance.lifecycle = "spot"
        instance.spot_instance_request_id = request.id
        request.add_tags(dict(instance.launch.tags.get("spot-instances-request", {})))

    def close_spot_request(self, instance: SandboxInstance) -> None:
        """The instance has ended, and its request with it."""
        request: Any = self.spot_instance_requests.get(instance.spot_instance_request_id or "")
        if request and request.state == "active":
            interrupted = "Spot" in instance.state_reason.code
            request.enter("closed", "instance-terminated-no-capacity" if interrupted else _CLOSED)
        elif request and request.state == "cancelled":
            request.enter("cancelled", _CLOSED)

    def cancel_spot_instance_requests(self, request_ids: list[str]) -> list[Any]:
        cancelled = []
        for request_id in request_ids:
            request: Any = self.spot_instance_requests.get(request_id)
            if request is None:
                refuse(
                    "InvalidSpotInstanceRequestID.NotFound",
                    f"The spot instance request ID '{request_id}' does not exist",
                )
            if request.state != "closed":
                request.enter("cancelled", "request-canceled-and-instance-running")
            cancelled.append(request)
        return cancelled


def _on_demand(instance: SandboxInstance) -> float:
    from runctl.sandbox.account.prices import on_demand_price

    return on_demand_price(instance.region_name, instance.instance_type)
