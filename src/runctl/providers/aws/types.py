"""What EC2 says of instance types, and which one may have been meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from runctl.core.aws import Account, calling
from runctl.core.config import Config
from runctl.core.errors import CloudError, NotFoundError, UsageError
from runctl.core.text import printable
from runctl.providers.aws.prices import regions_selling

# the smallest that trains anything at all, and the same everywhere
DEFAULT_TYPE = "t3.medium"
_TYPE = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9-]+")
_FEW = 5


class InstanceType(NamedTuple):
    """An instance type. `gpu` is the model of its GPUs, "" where it has none; memory in MiB."""

    name: str
    vcpus: int
    memory_mib: int
    gpus: int
    gpu: str
    gpu_memory_mib: int
    architecture: str
    spot: bool

    @property
    def family(self) -> str:
        """The letters that quotas go by: `g` of g5.xlarge, `p` of p4d.24xlarge, `inf` of inf2.xlarge."""
        return family_of(self.name)


def family_of(name: str) -> str:
    """The letters before the first digit of a type's name."""
    match = re.match(r"[a-z]+", name)
    return match[0] if match else ""


def look_up(account: Account, config: Config, name: str) -> InstanceType:
    """The type called `name`. Raises UsageError, NotFoundError saying where it exists or what is similar."""
    if not _TYPE.fullmatch(name):
        raise UsageError(f"{printable(name)!r} is not an instance type", hint="such as t3.medium, g5.xlarge")
    try:
        with calling(f"look up {name}"):
            answer = account.client("ec2").describe_instance_types(InstanceTypes=[name])
    except CloudError as error:
        if error.code != "InvalidInstanceType":
            raise
        raise not_offered(account, config, name) from error
    if not answer["InstanceTypes"]:
        raise not_offered(account, config, name)
    return _type_of(answer["InstanceTypes"][0])


def look_up_all(account: Account, names: list[str]) -> list[InstanceType]:
    """The types of these names, which are known to exist."""
    if not names:
        return []
    with calling("look up instance types"):
        pages = account.client("ec2").get_paginator("describe_instance_types")
        return [_type_of(answer) for page in pages.paginate(InstanceTypes=names) for answer in page["InstanceTypes"]]


def zones_with(account: Account, name: str) -> list[str]:
    """The zones of the region that offer a type, by name."""
    with calling(f"ask where {name} is offered"):
        pages = account.client("ec2").get_paginator("describe_instance_type_offerings")
        found = [
            offering["Location"]
            for page in pages.paginate(
                LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": [name]}]
            )
            for offering in page["InstanceTypeOfferings"]
        ]
    return sorted(found)


def _type_of(answer: Mapping[str, Any]) -> InstanceType:
    gpus = answer.get("GpuInfo", {}).get("Gpus", [])
    return InstanceType(
        name=answer["InstanceType"],
        vcpus=answer["VCpuInfo"]["DefaultVCpus"],
        memory_mib=answer["MemoryInfo"]["SizeInMiB"],
        gpus=sum(gpu.get("Count", 0) for gpu in gpus),
        gpu=gpus[0].get("Name", "GPU") if gpus else "",
        gpu_memory_mib=gpus[0].get("MemoryInfo", {}).get("SizeInMiB", 0) if gpus else 0,
        architecture="arm64" if "arm64" in answer["ProcessorInfo"]["SupportedArchitectures"] else "x86_64",
        spot="spot" in answer.get("SupportedUsageClasses", ["spot"]),
    )


def not_offered(account: Account, config: Config, name: str) -> NotFoundError:
    """The error for a type that the region does not have: where it is sold, and what is similar here."""
    import difflib

    near = difflib.get_close_matches(name, _offered(account), n=_FEW, cutoff=0.5)
    here = f"similar ones here: {', '.join(near)}" if near else "nothing here is similar"
    elsewhere = [region for region in regions_selling(config, name) if region != account.region]
    if elsewhere:
        hint = f"it is offered in: {', '.join(elsewhere)} (--region); {here}"
        return NotFoundError(f"{account.region} has no instance type {name}", hint)
    return NotFoundError(f"there is no instance type {name}", here)


def _offered(account: Account) -> list[str]:
    """All types of the region."""
    with calling("list instance types"):
        pages = account.client("ec2").get_paginator("describe_instance_type_offerings")
        return sorted(
            {offering["InstanceType"] for page in pages.paginate() for offering in page["InstanceTypeOfferings"]}
        )
