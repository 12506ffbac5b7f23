"""What EC2 does with an instance that shuts itself down."""

from __future__ import annotations

from runctl.core.aws import Account, calling


def terminate_on_shutdown(account: Account, instance_id: str) -> None:
    """From now on a shutdown ends the instance for good; it is stopped otherwise. Raises CloudError."""
    with calling(f"let {instance_id} end itself"):
        account.client("ec2").modify_instance_attribute(
            InstanceId=instance_id, InstanceInitiatedShutdownBehavior={"Value": "terminate"}
        )
