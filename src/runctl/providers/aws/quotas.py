"""EC2's quotas, which count vCPUs by family of types and by market."""

from __future__ import annotations

from typing import NamedTuple

from runctl.core.aws import Account, calling
from runctl.core.errors import CloudError

SERVICE = "ec2"


class Quota(NamedTuple):
    """A quota of vCPUs: its code and name in Service Quotas."""

    code: str
    name: str


# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-quotas.html: families → (on demand, spot)
_STANDARD = (
    Quota("L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances"),
    Quota("L-34B43A08", "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests"),
)
_GRAPHICS = (
    Quota("L-DB2E81BA", "Running On-Demand G and VT instances"),
    Quota("L-3819A6DF", "All G and VT Spot Instance Requests"),
)
_OF_FAMILIES = {
    "g": _GRAPHICS,
    "gr": _GRAPHICS,
    "vt": _GRAPHICS,
    "p": (
        Quota("L-417A185B", "Running On-Demand P instances"),
        Quota("L-7212CCBC", "All P4, P3 and P2 Spot Instance Requests"),
    ),
    "dl": (
        Quota("L-6E869C2A", "Running On-Demand DL instances"),
        Quota("L-85EED4F7", "All DL Spot Instance Requests"),
    ),
    "f": (
        Quota("L-74FC7D96", "Running On-Demand F instances"),
        Quota("L-88CF9481", "All F Spot Instance Requests"),
    ),
    "inf": (
        Quota("L-1945791B", "Running On-Demand Inf instances"),
        Quota("L-B5D1601B", "All Inf Spot Instance Requests"),
    ),
    "trn": (
        Quota("L-2C3B7624", "Running On-Demand Trn instances"),
        Quota("L-6B0D517C", "All Trn Spot Instance Requests"),
    ),
    "x": (
        Quota("L-7295265B", "Running On-Demand X instances"),
        Quota("L-E3A00192", "All X Spot Instance Requests"),
    ),
}


def of_family(family: str, spot: bool) -> Quota:
    """The quota that instances of a family (the letters before the first digit) count against."""
    return _OF_FAMILIES.get(family, _STANDARD)[spot]


def allowed(account: Account, quota: Quota) -> float | None:
    """How many vCPUs the account may run; None when AWS does not say."""
    try:
        with calling("ask for a quota"):
            answer = account.client("service-quotas").get_service_quota(ServiceCode=SERVICE, QuotaCode=quota.code)
    except CloudError:
        return None
    value: float = answer["Quota"]["Value"]
    return value


def raise_command(quota: Quota, vcpus: int, region: str) -> str:
    """The command that asks AWS for at least `vcpus`."""
    return (
        f"aws service-quotas request-service-quota-increase --service-code {SERVICE} --quota-code {quota.code} "
        f"--desired-value {vcpus} --region {region}"
    )
