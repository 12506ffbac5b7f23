"""The sandbox's instances are what EC2's are, as far as plain boto3 and plain ssh can see."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from account import Machine, Sandbox, counts, describe, until, wait_for_state

pytestmark = pytest.mark.slow

USER_DATA = "#!/bin/sh\necho from user-data > /etc/told\n"
TAGS = [{"Key": "project", "Value": "x"}]
TYPES_TAGGED = ("instance", "volume", "network-interface", "spot-instances-request")
METADATA = """
token=$(curl -sX PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)
curl -sH "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/
"""


def code_of(action: Any, **asked: Any) -> str:
    """AWS's code for the refusal of a call."""
    with pytest.raises(ClientError) as refused:
        action(**asked)
    return str(refused.value.response["Error"]["Code"])


def asked_for(account: Sandbox, **more: Any) -> dict[str, Any]:
    return {"ImageId": account.image(), "InstanceType": "t3.small", "MinCount": 1, "MaxCount": 1, **more}


# --- running instances


def test_an_instance_is_the_machine_that_describe_tells_of(instance: Machine, ec2: Any) -> None:
    found = describe(ec2, instance.id)
    assert found["PrivateIpAddress"] in instance.ssh("hostname -I").split()
    assert found["PublicIpAddress"] == instance.address
    assert instance.address.replace(".", "-") in found["PublicDnsName"]
    assert instance.ssh("hostname").strip() == found["PrivateDnsName"].partition(".")[0]
    assert instance.ssh("sudo id -un") == "root\n"


def test_an_instance_is_pending_until_it_runs_and_gone_after_it_was_terminated(account: Sandbox, empty: None) -> None:
    ec2 = account.client("ec2")
    made = ec2.run_instances(**asked_for(account))["Instances"][0]
    assert made["State"] == {"Code": 0, "Name": "pending"}
    wait_for_state(ec2, made["InstanceId"], "running")
    told = ec2.terminate_instances(InstanceIds=[made["InstanceId"]])["TerminatingInstances"][0]
    assert (told["PreviousState"]["Name"], told["CurrentState"]["Name"]) == ("running", "shutting-down")
    wait_for_state(ec2, made["InstanceId"], "terminated")
    found = describe(ec2, made["InstanceId"])
    assert found["StateReason"]["Code"] == "Client.UserInitiatedShutdown"
    assert "PublicIpAddress" not in found
    assert found["BlockDeviceMappings"] == []
    assert code_of(ec2.start_instances, InstanceIds=[made["InstanceId"]]) == "IncorrectInstanceState"


def test_user_data_tags_volumes_and_options_are_those_that_were_asked_for(account: Sandbox, ec2: Any) -> None:
    disks = [
        {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 30, "VolumeType": "gp3", "Iops": 4000, "Throughput": 250}},
        {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 2, "VolumeType": "gp3", "Encrypted": True}},
    ]
    machine = account.run_instance(
        UserData=USER_DATA,
        BlockDeviceMappings=disks,
        TagSpecifications=[{"ResourceType": kind, "Tags": TAGS} for kind in TYPES_TAGGED],
        InstanceMarketOptions={"MarketType": "spot"},
    )
    found = describe(ec2, machine.id)
    assert found["Tags"] == TAGS
    assert found["InstanceLifecycle"] == "spot"
    root, data = sorted(
        ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [machine.id]}])["Volumes"],
        key=lambda volume: -volume["Size"],
    )
    assert (root["Size"], root["Iops"], root["Throughput"], root["Tags"]) == (30, 4000, 250, TAGS)
    assert (data["Size"], data["Encrypted"], data["State"], data["Tags"]) == (2, True, "in-use", TAGS)
    interface = found["NetworkInterfaces"][0]["NetworkInterfaceId"]
    assert ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])["NetworkInterfaces"][0]["TagSet"] == TAGS
    request = ec2.describe_spot_instance_requests(SpotInstanceRequestIds=[found["SpotInstanceRequestId"]])
    assert request["SpotInstanceRequests"][0]["Tags"] == TAGS
    assert machine.ssh("lsblk --bytes --noheadings --output SIZE /dev/sdf").strip() == str(2 << 30)
    until(lambda: machine.try_ssh("sudo cat /etc/told").stdout == "from user-data\n", "the user data")
    ec2.terminate_instances(InstanceIds=[machine.id])
    wait_for_state(ec2, machine.id, "terminated")
    request = ec2.describe_spot_instance_requests(SpotInstanceRequestIds=[found["SpotInstanceRequestId"]])
    assert request["SpotInstanceRequests"][0]["State"] == "closed"
    assert code_of(ec2.describe_volumes, VolumeIds=[data["VolumeId"]]) == "InvalidVolume.NotFound"


def test_a_stopped_instance_keeps_its_disk_and_private_address_and_gets_another_public_one(
    account: Sandbox, ec2: Any
) -> None:
    machine = account.run_instance()
    private = describe(ec2, machine.id)["PrivateIpAddress"]
    machine.ssh("echo kept | sudo tee /etc/kept; sudo sync")
    ec2.stop_instances(InstanceIds=[machine.id])
    wait_for_state(ec2, machine.id, "stopped")
    stopped = describe(ec2, machine.id)
    assert "PublicIpAddress" not in stopped
    assert stopped["StateTransitionReason"].startswith("User initiated (")
    ec2.start_instances(InstanceIds=[machine.id])
    wait_for_state(ec2, machine.id, "running")
    # the host key is the same: plain ssh knows it by the instance's id
    again = account.machine(machine.id)
    assert again.address != machine.address
    assert describe(ec2, machine.id)["PrivateIpAddress"] == private
    assert again.ssh("cat /etc/kept") == "kept\n"
    ec2.terminate_instances(InstanceIds=[machine.id])


@pytest.mark.parametrize(("behavior", "state"), [("stop", "stopped"), ("terminate", "terminated")])
def test_a_shutdown_from_inside_does_what_was_said_at_creation(
    account: Sandbox, ec2: Any, behavior: str, state: str
) -> None:
    machine = account.run_instance(InstanceInitiatedShutdownBehavior=behavior)
    machine.try_ssh("sudo poweroff")
    wait_for_state(ec2, machine.id, state)
    assert describe(ec2, machine.id)["StateReason"]["Code"] == "Client.InstanceInitiatedShutdown"
    ec2.terminate_instances(InstanceIds=[machine.id])


def test_an_instance_that_reboots_itself_goes_on_with_its_volumes_and_rules(account: Sandbox, ec2: Any) -> None:
    disk = {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 1}}
    machine = account.run_instance(BlockDeviceMappings=[disk])
    before = machine.ssh("cat /proc/sys/kernel/random/boot_id; systemctl show -p UserspaceTimestampMonotonic")
    machine.try_ssh("sudo reboot")
    until(lambda: machine.try_ssh("test -b /dev/sdf && uptime").returncode == 0, "the reboot")
    assert describe(ec2, machine.id)["State"]["Name"] == "running"
    assert before
    ec2.terminate_instances(InstanceIds=[machine.id])


def test_a_protected_instance_is_not_terminated(account: Sandbox, ec2: Any) -> None:
    made = ec2.run_instances(**asked_for(account, DisableApiTermination=True))["Instances"][0]["InstanceId"]
    assert code_of(ec2.terminate_instances, InstanceIds=[made]) == "OperationNotPermitted"
    ec2.modify_instance_attribute(InstanceId=made, DisableApiTermination={"Value": False})
    ec2.terminate_instances(InstanceIds=[made])
    wait_for_state(ec2, made, "terminated")


def test_the_same_client_token_makes_one_instance(account: Sandbox, ec2: Any) -> None:
    first = ec2.run_instances(**asked_for(account, ClientToken="one"))["Instances"][0]["InstanceId"]
    assert ec2.run_instances(**asked_for(account, ClientToken="one"))["Instances"][0]["InstanceId"] == first
    other = asked_for(account, ClientToken="one") | {"InstanceType": "t3.large"}
    assert code_of(ec2.run_instances, **other) == "IdempotentParameterMismatch"
    found = ec2.describe_instances(Filters=[{"Name": "client-token", "Values": ["one"]}])["Reservations"]
    assert [each["InstanceId"] for each in found[0]["Instances"]] == [first]
    ec2.terminate_instances(InstanceIds=[first])


# --- refusals


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"ImageId": "ami-0123456789abcdef0"}, "InvalidAMIID.NotFound"),
        ({"ImageId": "ubuntu"}, "InvalidAMIID.Malformed"),
        ({"InstanceType": "t3.enormous"}, "InvalidParameterValue"),
        ({"InstanceType": "t4g.small"}, "InvalidParameterValue"),
        ({"InstanceType": "p4d.24xlarge", "Placement": {"AvailabilityZone": "us-east-1f"}}, "Unsupported"),
        ({"KeyName": "nobody's"}, "InvalidKeyPair.NotFound"),
        ({"SubnetId": "subnet-0123456789abcdef0"}, "InvalidSubnetID.NotFound"),
        ({"SecurityGroupIds": ["sg-0123456789abcdef0"]}, "InvalidGroup.NotFound"),
        ({"IamInstanceProfile": {"Name": "nobody's"}}, "InvalidParameterValue"),
        (
            {"InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.0001"}}},
            "SpotMaxPriceTooLow",
        ),
        (
            {
                "MetadataOptions": {"InstanceMetadataTags": "enabled"},
                "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a b", "Value": "c"}]}],
            },
            "InvalidParameterValue",
        ),
        ({"DryRun": True}, "DryRunOperation"),
    ],
)
def test_what_cannot_be_had_is_refused_with_ec2s_own_code_and_nothing_is_made(
    account: Sandbox, ec2: Any, empty: None, asked: dict[str, Any], code: str
) -> None:
    assert code_of(ec2.run_instances, **(asked_for(account) | asked)) == code


def test_an_unknown_instance_is_not_found(ec2: Any) -> None:
    assert code_of(ec2.describe_instances, InstanceIds=["i-0123456789abcdef0"]) == "InvalidInstanceID.NotFound"
    assert code_of(ec2.describe_instances, InstanceIds=["nonsense"]) == "InvalidInstanceID.Malformed"


def test_only_the_sandboxs_own_keys_are_accepted(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(account.variables, "AWS_SECRET_ACCESS_KEY", "x" * 40)
    assert code_of(account.client("ec2").describe_vpcs) == "AuthFailure"
    assert code_of(account.client("sts").get_caller_identity) == "SignatureDoesNotMatch"
    monkeypatch.setitem(account.variables, "AWS_ACCESS_KEY_ID", "AKIA0123456789ABCDEF")
    assert code_of(account.client("iam").list_roles) == "InvalidClientTokenId"
    assert code_of(account.client("s3").list_buckets) == "InvalidAccessKeyId"
    assert code_of(account.client("ssm").get_parameter, Name="x") == "UnrecognizedClientException"


# --- reaching them


def test_only_what_the_security_group_lets_in_comes_in(account: Sandbox, ec2: Any) -> None:
    group = ec2.create_security_group(GroupName="closed", Description="closed")["GroupId"]
    everyone = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[everyone])
    machine = account.run_instance(SecurityGroupIds=[group])
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[everyone])
    until(lambda: machine.try_ssh("true").returncode == 255, "a closed port")
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[everyone])
    until(lambda: machine.try_ssh("true").returncode == 0, "an open port")
    ec2.terminate_instances(InstanceIds=[machine.id])
    wait_for_state(ec2, machine.id, "terminated")
    ec2.delete_security_group(GroupId=group)


def test_an_instance_has_credentials_of_its_role_and_knows_itself(account: Sandbox, ec2: Any) -> None:
    iam = account.client("iam")
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument="{}")
    iam.create_instance_profile(InstanceProfileName="worker")
    iam.add_role_to_instance_profile(InstanceProfileName="worker", RoleName="worker")
    machine = account.run_instance(IamInstanceProfile={"Name": "worker"})
    assert machine.ssh(METADATA.strip() + "instance-id") == machine.id
    found = machine.ssh(METADATA.strip() + "iam/security-credentials/worker")
    assert '"AccessKeyId"' in found
    assert machine.ssh("curl -so /dev/null -w '%{http_code}' http://169.254.169.254/latest/meta-data/") == "401"
    ec2.terminate_instances(InstanceIds=[machine.id])


def test_an_interrupted_spot_instance_is_told_and_then_ended(account: Sandbox, ec2: Any) -> None:
    machine = account.run_instance(InstanceMarketOptions={"MarketType": "spot"})
    at = account("interrupt", machine.id, "--in", "3")["at"]
    assert '"action": "terminate"' in machine.ssh(METADATA.strip() + "spot/instance-action").replace('":"', '": "')
    wait_for_state(ec2, machine.id, "terminated")
    assert time.time() >= at
    assert describe(ec2, machine.id)["StateReason"]["Code"] == "Server.SpotInstanceTermination"


def test_the_console_shows_the_boot(instance: Machine, ec2: Any) -> None:
    assert "ssh" in ec2.get_console_output(InstanceId=instance.id)["Output"].lower()


# --- prices


def test_prices_are_told_for_on_demand_and_for_spot_in_each_zone(account: Sandbox, ec2: Any) -> None:
    wanted = {"instanceType": "g5.xlarge", "regionCode": "eu-west-1", "operatingSystem": "Linux", "tenancy": "Shared"}
    filters = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in wanted.items()]
    [product] = account.client("pricing").get_products(ServiceCode="AmazonEC2", Filters=filters)["PriceList"]
    assert '"USD"' in product
    history = ec2.describe_spot_price_history(InstanceTypes=["g5.xlarge"], ProductDescriptions=["Linux/UNIX"])
    prices = {each["AvailabilityZone"]: float(each["SpotPrice"]) for each in history["SpotPriceHistory"]}
    assert len(set(prices.values())) > 1
    quota = account.client("service-quotas").get_service_quota(ServiceCode="ec2", QuotaCode="L-1216C47A")["Quota"]
    assert quota["Value"] > 0


def test_a_thousand_records_are_made_and_listed_without_hosts(account: Sandbox) -> None:
    ec2 = account.client("ec2", "eu-central-1")
    images = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"]
    record = [{"ResourceType": "instance", "Tags": [{"Key": "runctl-sandbox:record", "Value": "true"}]}]
    asked = {"ImageId": images[0]["ImageId"], "InstanceType": "t3.small", "TagSpecifications": record}
    ec2.run_instances(MinCount=1000, MaxCount=1000, **asked)
    assert counts(account, "eu-central-1")["instances"] == 1000
