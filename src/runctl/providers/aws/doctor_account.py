"""Findings about the account itself: who asks, where, when, what it may run, and whether S3 answers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from runctl.core.aws import Account, calling
from runctl.core.config import Config
from runctl.providers.aws import instances, model, quotas, role
from runctl.providers.aws.findings import FAIL, OK, WARN, Finding
from runctl.providers.aws.images import image_for
from runctl.providers.aws.types import InstanceType, look_up, look_up_all

# AWS refuses requests whose time is off by more than five minutes
_REFUSED_SKEW_S, _NOTED_SKEW_S = 300, 30
_EXAMPLES = ("t3.medium", "g5.xlarge")


def identity(account: Account, config: Config) -> Iterator[Finding]:
    """Whose credentials these are."""
    who = role.caller(account)
    yield Finding(OK, "credentials", f"{who.arn} in account {who.account_id}")


def region(account: Account, config: Config) -> Iterator[Finding]:
    """Whether the region exists and is enabled, and has a default VPC."""
    with calling("list regions"):
        answer = account.client("ec2").describe_regions(AllRegions=True)
    status = {each["RegionName"]: each.get("OptInStatus", "opt-in-not-required") for each in answer["Regions"]}
    if status.get(account.region) == "not-opted-in":
        yield Finding(
            FAIL,
            "region",
            f"{account.region} is not enabled",
            f"aws account enable-region --region-name {account.region}",
        )
        return
    yield Finding(OK, "region", account.region)
    with calling("list VPCs"):
        vpcs = account.client("ec2").describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    if not vpcs:
        yield Finding(WARN, "region", "there is no default VPC: create needs --subnet", "aws ec2 create-default-vpc")


def clock(account: Account, config: Config) -> Iterator[Finding]:
    """Whether this machine's clock is right, by what AWS's answers are dated."""
    with calling("ask the time"):
        answer = account.client("sts").get_caller_identity()
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    if not date:
        return
    skew_s = time.time() - parsedate_to_datetime(date).timestamp()
    ahead = f"this machine's clock is {abs(skew_s):.0f} s {'ahead' if skew_s > 0 else 'behind'}"
    level = FAIL if abs(skew_s) > _REFUSED_SKEW_S else WARN if abs(skew_s) > _NOTED_SKEW_S else OK
    yield Finding(
        level,
        "clock",
        "as AWS's" if level == OK else ahead,
        None if level == OK else "sudo timedatectl set-ntp true",
    )


def images(account: Account, config: Config) -> Iterator[Finding]:
    """Whether the images for machines with and without GPUs can be found."""
    for kind in _EXAMPLES:
        image = image_for(account, look_up(account, config, kind))
        yield Finding(OK, "image", f"for {kind}: {image.id} {image.name}")


def vcpus(account: Account, config: Config) -> Iterator[Finding]:
    """The quotas that are in use, and those of GPU types."""
    running = [instance for instance in instances.describe(account) if instance.state in (model.PENDING, model.RUNNING)]
    kinds = {kind.name: kind for kind in look_up_all(account, sorted({instance.type for instance in running}))}
    used: Counter[quotas.Quota] = Counter()
    for instance in running:
        used[_quota_of(kinds[instance.type], instance.spot)] += kinds[instance.type].vcpus
    for quota in dict.fromkeys([*used, *(quotas.of_family(family, False) for family in ("t", "g", "p"))]):
        yield _quota_finding(quota, used[quota], quotas.allowed(account, quota), account.region)


def _quota_of(kind: InstanceType, spot: bool) -> quotas.Quota:
    return quotas.of_family(kind.family, spot)


def _quota_finding(quota: quotas.Quota, used: int, allowed: float | None, region: str) -> Finding:
    if allowed is None:
        return Finding(WARN, "quota", f"{quota.name}: {used} vCPUs in use; the limit can't be read")
    text = f"{quota.name}: {used} of {allowed:g} vCPUs in use"
    if used < allowed:
        return Finding(OK, "quota", text)
    return Finding(WARN, "quota", text, quotas.raise_command(quota, used + 8, region))


def buckets(account: Account, config: Config) -> Iterator[Finding]:
    """Whether S3 answers."""
    with calling("list buckets"):
        found = account.client("s3").list_buckets()["Buckets"]
    ours = [bucket["Name"] for bucket in found if bucket["Name"].startswith("runctl-")]
    named = f"; of runctl: {', '.join(ours)}" if ours else ""
    yield Finding(OK, "S3", f"{len(found)} bucket{'s' * (len(found) != 1)}{named}")
