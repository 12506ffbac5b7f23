"""Prices for when AWS can't be asked: Linux, on demand, us-east-1, in US dollars per hour.

From https://aws.amazon.com/ec2/pricing/on-demand/ and https://aws.amazon.com/ebs/pricing/ as they were at `AS_OF`.
They are always shown with that date, and other regions cost up to a third more.
"""

from __future__ import annotations

AS_OF = "2025-06"
REGION = "us-east-1"

_BASES = {
    # type family → (price of its xlarge, sizes sold in proportion to it)
    "t3": 0.1664, "t3a": 0.1504, "t4g": 0.1344,
    "m5": 0.192, "m6i": 0.192, "m6a": 0.1728, "m6g": 0.154, "m7i": 0.2016, "m7a": 0.23184, "m7g": 0.1632,
    "c5": 0.17, "c6i": 0.17, "c6a": 0.153, "c6g": 0.136, "c7i": 0.1785, "c7a": 0.20528, "c7g": 0.145,
    "r5": 0.252, "r6i": 0.252, "r6a": 0.2268, "r6g": 0.2016, "r7i": 0.2646, "r7g": 0.2142,
}  # fmt: skip
_SHARES = {
    "nano": 1 / 32, "micro": 1 / 16, "small": 1 / 8, "medium": 1 / 4, "large": 1 / 2,
    "xlarge": 1, "2xlarge": 2, "4xlarge": 4, "8xlarge": 8, "12xlarge": 12, "16xlarge": 16, "24xlarge": 24,
}  # fmt: skip
_GPU_TYPES = {
    "g4dn.xlarge": 0.526, "g4dn.2xlarge": 0.752, "g4dn.4xlarge": 1.204, "g4dn.8xlarge": 2.176,
    "g4dn.12xlarge": 3.912, "g4dn.16xlarge": 4.352, "g4dn.metal": 7.824,
    "g5.xlarge": 1.006, "g5.2xlarge": 1.212, "g5.4xlarge": 1.624, "g5.8xlarge": 2.448,
    "g5.12xlarge": 5.672, "g5.16xlarge": 4.096, "g5.24xlarge": 8.144, "g5.48xlarge": 16.288,
    "g6.xlarge": 0.8048, "g6.2xlarge": 0.9776, "g6.4xlarge": 1.3232, "g6.8xlarge": 2.0144,
    "g6.12xlarge": 4.6016, "g6.16xlarge": 3.3968, "g6.24xlarge": 6.6752, "g6.48xlarge": 13.3504,
    "g6e.xlarge": 1.861, "g6e.2xlarge": 2.24208, "g6e.4xlarge": 3.00424, "g6e.8xlarge": 4.52856,
    "g6e.12xlarge": 10.49264, "g6e.16xlarge": 7.57719, "g6e.24xlarge": 15.06559, "g6e.48xlarge": 30.13118,
    "p3.2xlarge": 3.06, "p3.8xlarge": 12.24, "p3.16xlarge": 24.48,
    "p4d.24xlarge": 21.95764, "p4de.24xlarge": 27.44705, "p5.48xlarge": 55.04,
}  # fmt: skip
# per GiB and month
VOLUMES = {"gp3": 0.08, "gp2": 0.10, "io1": 0.125, "io2": 0.125, "st1": 0.045, "sc1": 0.015, "standard": 0.05}
# provisioned beyond what gp3 includes: an IOPS above 3000, a MiB/s above 125, per month
GP3_IOPS, GP3_THROUGHPUT = 0.005, 0.04
# io1 and io2: every provisioned IOPS, per month
IO_IOPS = 0.065
SNAPSHOTS = 0.05


def on_demand(name: str) -> float | None:
    """The price of an instance type; None when it is not in the table."""
    if name in _GPU_TYPES:
        return _GPU_TYPES[name]
    family, _, size = name.partition(".")
    if family not in _BASES or size not in _SHARES:
        return None
    return round(_BASES[family] * _SHARES[size], 6)
