"""What things cost in the sandbox: on-demand prices as published for us-east-1 in 2025, the rest derived from them."""

from __future__ import annotations

import hashlib

# US dollars an hour, Linux, shared tenancy, us-east-1
ON_DEMAND = {
    "t3.nano": 0.0052, "t3.micro": 0.0104, "t3.small": 0.0208, "t3.medium": 0.0416, "t3.large": 0.0832,
    "t3.xlarge": 0.1664, "t3.2xlarge": 0.3328, "t4g.micro": 0.0084, "t4g.small": 0.0168, "t4g.medium": 0.0336,
    "m5.large": 0.096, "m5.xlarge": 0.192, "m5.2xlarge": 0.384, "m5.4xlarge": 0.768, "m5.12xlarge": 2.304,
    "m6i.large": 0.096, "m6i.xlarge": 0.192, "m6i.2xlarge": 0.384, "m6i.4xlarge": 0.768, "m6i.8xlarge": 1.536,
    "m7i.large": 0.1008, "m7i.xlarge": 0.2016, "m7i.2xlarge": 0.4032, "m7i.4xlarge": 0.8064, "m7g.large": 0.0816,
    "c5.large": 0.085, "c5.xlarge": 0.17, "c5.2xlarge": 0.34, "c5.4xlarge": 0.68, "c5.9xlarge": 1.53,
    "c6i.large": 0.085, "c6i.xlarge": 0.17, "c6i.2xlarge": 0.34, "c6i.4xlarge": 0.68, "c6i.8xlarge": 1.36,
    "g4dn.xlarge": 0.526, "g4dn.2xlarge": 0.752, "g4dn.4xlarge": 1.204, "g4dn.8xlarge": 2.176, "g4dn.12xlarge": 3.912,
    "g5.xlarge": 1.006, "g5.2xlarge": 1.212, "g5.4xlarge": 1.624, "g5.8xlarge": 2.448, "g5.12xlarge": 5.672,
    "g5.48xlarge": 16.288, "g6.xlarge": 0.8048, "g6.2xlarge": 0.9776, "g6.4xlarge": 1.3232, "g6.12xlarge": 4.6016,
    "p3.2xlarge": 3.06, "p3.8xlarge": 12.24, "p3.16xlarge": 24.48, "p4d.24xlarge": 32.7726, "p5.48xlarge": 98.32,
}  # fmt: skip
# US dollars a GiB and month; io2 and gp3 figures beyond their base cost extra
STORAGE = {"gp3": 0.08, "gp2": 0.10, "io1": 0.125, "io2": 0.125, "st1": 0.045, "sc1": 0.015, "standard": 0.05}
SNAPSHOT = 0.05
GP3_IOPS, GP3_THROUGHPUT, IO2_IOPS = 0.005, 0.04, 0.065
# how much dearer a region is than us-east-1
_FACTORS = {
    "us-east-1": 1.0, "us-east-2": 1.0, "us-west-2": 1.0, "us-west-1": 1.17, "ca-central-1": 1.11, "eu-west-1": 1.11,
    "eu-west-2": 1.16, "eu-central-1": 1.2, "eu-north-1": 1.06, "ap-south-1": 1.05, "ap-southeast-1": 1.25,
    "ap-northeast-1": 1.29, "ap-southeast-2": 1.25, "sa-east-1": 1.59,
}  # fmt: skip
# for types that are not in the table: US dollars an hour and vCPU
_PER_VCPU = 0.05


def factor(region: str) -> float:
    """How many times as dear a region is as us-east-1."""
    return _FACTORS.get(region, 1.2)


def on_demand_price(region: str, instance_type: str) -> float:
    """US dollars an hour."""
    from moto.ec2.models.instance_types import INSTANCE_TYPES

    price = ON_DEMAND.get(instance_type)
    if price is None:
        price = INSTANCE_TYPES[instance_type]["VCpuInfo"]["DefaultVCpus"] * _PER_VCPU
    return round(price * factor(region), 6)


def spot_price(region: str, zone: str, instance_type: str) -> float:
    """US dollars an hour: 30 to 50 % of the on-demand price, another in each zone, always the same."""
    digest = hashlib.sha256(f"{zone} {instance_type}".encode()).digest()
    return round(on_demand_price(region, instance_type) * (0.30 + digest[0] / 255 * 0.20), 4)
