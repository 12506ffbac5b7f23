"""Service quotas of EC2: how many vCPUs may run."""

from __future__ import annotations

from typing import Any

# code → name, vCPUs: what a young account has, raised where GPUs would otherwise not be had at all
_QUOTAS = {
    "L-1216C47A": ("Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 256.0),
    "L-DB2E81BA": ("Running On-Demand G and VT instances", 96.0),
    "L-417A185B": ("Running On-Demand P instances", 192.0),
    "L-34B43A08": ("All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests", 256.0),
    "L-3819A6DF": ("All G and VT Spot Instance Requests", 96.0),
    "L-7212CCBC": ("All P4, P3 and P2 Spot Instance Requests", 192.0),
    "L-C4BD4855": ("All P5 Spot Instance Requests", 192.0),
}


def quota(region: str, code: str) -> dict[str, Any] | None:
    """A quota as GetServiceQuota tells it; None when there is no such."""
    if code not in _QUOTAS:
        return None
    name, value = _QUOTAS[code]
    return {
        "ServiceCode": "ec2",
        "ServiceName": "Amazon Elastic Compute Cloud (Amazon EC2)",
        "QuotaArn": f"arn:aws:servicequotas:{region}:123456789012:ec2/{code}",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }


def all_quotas(region: str) -> list[dict[str, Any]]:
    """All of them."""
    return [found for code in _QUOTAS if (found := quota(region, code))]
