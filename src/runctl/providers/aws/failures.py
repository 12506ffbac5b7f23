"""Why EC2 would not make an instance. Only what EC2 itself calls a lack of capacity is shown as one."""

from __future__ import annotations

from runctl.core.errors import CloudError
from runctl.providers.aws import quotas
from runctl.providers.aws.types import InstanceType

# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html: another zone may have what this one lacks
_OF_THE_ZONE = (
    "InsufficientInstanceCapacity",
    "InsufficientHostCapacity",
    "InsufficientReservedInstanceCapacity",
    "InsufficientFreeAddressesInSubnet",
    "SpotMaxPriceTooLow",
    "Unsupported",
)
_OF_QUOTAS = ("VcpuLimitExceeded", "MaxSpotInstanceCountExceeded", "InstanceLimitExceeded")


def is_of_the_zone(error: CloudError) -> bool:
    """Whether the same request may succeed in another zone."""
    return error.code in _OF_THE_ZONE


def is_of_a_new_profile(error: CloudError) -> bool:
    """Whether EC2 does not know the instance profile, which it may some seconds after IAM made it."""
    return error.code == "InvalidParameterValue" and "IAM Instance Profile" in error.message


def may_have_been_done(error: CloudError) -> bool:
    """Whether the request may have been carried out all the same: EC2's answer is an accident, or was never read."""
    return error.code.endswith(("Error", "Exception")) or error.code in ("ServiceUnavailable", "Unavailable")


def nowhere(kind: InstanceType, spot: bool, refusals: list[CloudError], fallback: bool) -> CloudError:
    """The error for when every zone that was tried lacked what was asked for."""
    market = "spot" if spot else "on-demand"
    if {error.code for error in refusals} == {"SpotMaxPriceTooLow"}:
        hint = "raise --spot-max-price, or leave it out to pay at most the on-demand price"
    elif spot and not fallback:
        hint = "try again later, another type or --region, or take it on demand: --spot-fallback"
    else:
        hint = "try again later, another type or another --region"
    reasons = "\n".join(error.message for error in refusals)
    return CloudError(f"no zone has {market} capacity for {kind.name}\n{reasons}", hint, refusals[-1].code)


def explained(error: CloudError, kind: InstanceType, spot: bool, region: str) -> CloudError:
    """`error` with what to do about it, where something is known."""
    if error.code in _OF_QUOTAS:
        quota = quotas.of_family(kind.family, spot)
        return CloudError(
            f"the quota “{quota.name}” of {region} is too low for {kind.name}: {error.message}",
            f"ask for more: {quotas.raise_command(quota, kind.vcpus, region)}",
            error.code,
        )
    if error.code == "UnauthorizedOperation" and "PassRole" in error.message:
        return CloudError(error.message, "your user may not hand roles to instances: iam:PassRole", error.code)
    return error
