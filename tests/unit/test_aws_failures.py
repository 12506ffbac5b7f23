"""Why an instance could not be made is said as it is."""

from __future__ import annotations

import pytest

from runctl.core.errors import CloudError
from runctl.providers.aws import failures, quotas
from runctl.providers.aws.types import InstanceType

KIND = InstanceType("g5.2xlarge", 8, 32768, 1, "A10G", 24576, "x86_64", True)


@pytest.mark.parametrize(
    "code",
    ["UnauthorizedOperation", "VcpuLimitExceeded", "MaxSpotInstanceCountExceeded", "InvalidParameterValue", "Timeout"],
)
def test_what_is_no_lack_of_capacity_is_never_taken_for_one(code: str) -> None:
    assert not failures.is_of_the_zone(CloudError("no", code=code))


def test_a_quota_is_named_with_the_command_that_raises_it() -> None:
    error = failures.explained(CloudError("You have requested more", code="VcpuLimitExceeded"), KIND, True, "eu-west-1")
    assert "All G and VT Spot Instance Requests" in error.message
    assert error.hint is not None
    assert "--quota-code L-3819A6DF --desired-value 8 --region eu-west-1" in error.hint
    assert error.code == "VcpuLimitExceeded"


def test_every_zone_that_was_tried_is_named() -> None:
    refusals = [
        CloudError("cannot create an instance in us-east-1a: none", code="InsufficientInstanceCapacity"),
        CloudError("cannot create an instance in us-east-1b: none", code="InsufficientInstanceCapacity"),
    ]
    error = failures.nowhere(KIND, True, refusals, fallback=False)
    assert "us-east-1a" in error.message and "us-east-1b" in error.message
    assert "--spot-fallback" in (error.hint or "")
    assert "--spot-fallback" not in (failures.nowhere(KIND, True, refusals, fallback=True).hint or "")


def test_a_low_price_is_named_as_the_cause() -> None:
    error = failures.nowhere(KIND, True, [CloudError("too low", code="SpotMaxPriceTooLow")], fallback=True)
    assert "--spot-max-price" in (error.hint or "")


@pytest.mark.parametrize("code", ["ReadTimeoutError", "ConnectionClosedError", "InternalError", "Unavailable"])
def test_after_an_accident_the_instance_may_exist(code: str) -> None:
    assert failures.may_have_been_done(CloudError("?", code=code))


def test_after_a_refusal_it_does_not() -> None:
    assert not failures.may_have_been_done(CloudError("?", code="InvalidParameterValue"))


@pytest.mark.parametrize(
    ("family", "spot", "code"),
    [("t", False, "L-1216C47A"), ("m", True, "L-34B43A08"), ("g", False, "L-DB2E81BA"), ("p", False, "L-417A185B")],
)
def test_quotas_go_by_family_and_market(family: str, spot: bool, code: str) -> None:
    assert quotas.of_family(family, spot).code == code
