"""The one place where moto's classes are replaced by ours. Everything else subclasses what moto exports."""

from __future__ import annotations

from typing import Any

# filters of DescribeInstances that moto lacks → the attribute of the instance
_MORE_FILTERS = {
    "client-token": "client_token",
    "instance-lifecycle": "lifecycle",
    "spot-instance-request-id": "spot_instance_request_id",
    "root-device-type": "root_device_type",
    "reservation-id": "reservation_id",
}


def bind(parts: Any, reaching: Any) -> Any:
    """Binds moto's EC2 to real things. Returns the `Lifecycle` of the hosts. To be called once, before any request."""
    import moto.ec2.models as ec2
    import moto.ec2.models.elastic_block_store as block_store
    import moto.ec2.models.elastic_ip_addresses as elastic
    import moto.ec2.models.elastic_network_interfaces as interfaces
    import moto.ec2.models.instances as instances
    import moto.ec2.urls as urls
    import moto.ec2.utils as utils

    from runctl.sandbox.account import parameters, speed
    from runctl.sandbox.account.instance import SandboxInstance
    from runctl.sandbox.account.lifecycle import Lifecycle
    from runctl.sandbox.account.region import Region
    from runctl.sandbox.account.requests import Ec2Requests
    from runctl.sandbox.account.volume import SandboxSnapshot, SandboxVolume

    lifecycle = Lifecycle(parts, reaching)
    SandboxInstance.lifecycle_of_hosts = lifecycle
    Region.parts, Region.reaching = parts, reaching
    instances.Instance = SandboxInstance  # type: ignore[misc]
    block_store.Volume = SandboxVolume  # type: ignore[misc]
    block_store.Snapshot = SandboxSnapshot  # type: ignore[misc]
    interfaces.random_public_ip = parts.network.public_address  # type: ignore[attr-defined]
    elastic.random_ip = parts.network.public_address  # type: ignore[attr-defined]
    ec2.ec2_backends.backend = Region
    utils.filter_dict_attribute_mapping.update(_MORE_FILTERS)
    urls.url_paths["{0}/"] = Ec2Requests.dispatch
    parameters.apply()
    speed.apply()
    return lifecycle
