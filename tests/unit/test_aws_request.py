"""The request that makes an instance."""

from __future__ import annotations

from typing import Any

from runctl.providers.aws.creation_plan import Plan
from runctl.providers.aws.images import Image
from runctl.providers.aws.model import Offer, Price
from runctl.providers.aws.places import Place
from runctl.providers.aws.request import run_instances
from runctl.providers.aws.types import InstanceType
from runctl.providers.aws.wanted import NewVolume

PLACE = Place("us-east-1a", "subnet-1", "vpc-1", True)
PLAN = Plan(
    token="0123abcd" * 4,
    name="trainer",
    named=True,
    kind=InstanceType("g5.xlarge", 4, 16384, 1, "A10G", 24576, "x86_64", True),
    spot=True,
    spot_max_price=0.5,
    spot_fallback=True,
    places=(PLACE,),
    offers=(Offer("g5.xlarge", "us-east-1a", True, Price(0.4, "spot history")),),
    on_demand=Price(1.006, "Pricing API"),
    image=Image("ami-1", "image", "x86_64", "/dev/sda1", 65, "--ami"),
    root_gib=95,
    root_price=Price(0.01, "table"),
    volumes=(NewVolume(500, "/mnt/data", "/dev/sdf"), NewVolume(8, None, "/dev/sdg")),
    volume_prices=(Price(0.05, "table"), Price(0.001, "table")),
    key="runctl-1",
    make_key=False,
    group="sg-1",
    make_group=False,
    network=None,
    profile="runctl-instance",
    user_data=b"#!/bin/sh\n",
    tags={"team": "vision"},
    most=10,
    notes=(),
)


def request(spot: bool = True, attempt: int = 0, plan: Plan = PLAN) -> dict[str, Any]:
    return run_instances(plan, PLACE, spot, plan.key, "sg-1", attempt)


def test_everything_that_is_made_is_tagged_in_the_same_request() -> None:
    tagged = {
        each["ResourceType"]: {tag["Key"]: tag["Value"] for tag in each["Tags"]}
        for each in request()["TagSpecifications"]
    }
    assert set(tagged) == {"instance", "volume", "network-interface", "spot-instances-request"}
    for kind, tags in tagged.items():
        assert tags["runctl:managed"] == "true"
        assert tags["team"] == "vision"
        # a volume called trainer is not taken for the disk of the instance trainer
        assert tags["Name"] == ("trainer-disk" if kind == "volume" else "trainer")
        assert "@" in tags["runctl:created-by"]
    assert tagged["instance"]["runctl:creating"] == tagged["volume"]["runctl:creating"] == PLAN.token


def test_a_user_can_not_take_runctls_own_tags_away() -> None:
    plan = PLAN._replace(tags={"runctl:managed": "false"})
    for each in request(plan=plan)["TagSpecifications"]:
        assert {"Key": "runctl:managed", "Value": "true"} in each["Tags"]


def test_metadata_is_given_to_version_2_alone_and_reaches_containers() -> None:
    options = request()["MetadataOptions"]
    assert options["HttpTokens"] == "required"
    assert options["HttpPutResponseHopLimit"] == 2


def test_data_volumes_outlive_the_instance_and_the_root_disk_does_not() -> None:
    root, *data = request()["BlockDeviceMappings"]
    assert (root["DeviceName"], root["Ebs"]["VolumeSize"], root["Ebs"]["DeleteOnTermination"]) == (
        "/dev/sda1",
        95,
        True,
    )
    assert [each["Ebs"]["VolumeSize"] for each in data] == [500, 8]
    assert not any(each["Ebs"]["DeleteOnTermination"] for each in data)
    assert all(each["Ebs"]["Encrypted"] and each["Ebs"]["VolumeType"] == "gp3" for each in [root, *data])


def test_a_spot_instance_is_asked_for_once_and_ends_when_it_shuts_down() -> None:
    spot = request()
    assert spot["InstanceMarketOptions"]["SpotOptions"] == {
        "SpotInstanceType": "one-time",
        "InstanceInterruptionBehavior": "terminate",
        "MaxPrice": "0.5",
    }
    assert spot["InstanceInitiatedShutdownBehavior"] == "terminate"


def test_an_on_demand_instance_keeps_its_disk_when_it_shuts_down() -> None:
    plain = request(spot=False)
    assert "InstanceMarketOptions" not in plain
    assert plain["InstanceInitiatedShutdownBehavior"] == "stop"
    assert "spot-instances-request" not in [each["ResourceType"] for each in plain["TagSpecifications"]]


def test_the_same_attempt_has_the_same_token_and_another_another() -> None:
    assert request(attempt=0)["ClientToken"] == request(attempt=0)["ClientToken"]
    assert request(attempt=0)["ClientToken"] != request(attempt=1)["ClientToken"]
    assert len(request()["ClientToken"]) <= 64
