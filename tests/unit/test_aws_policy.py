"""The role of runctl's instances has no more rights than it needs."""

from __future__ import annotations

from runctl.providers.aws.policy import buckets_in, role_policy

ACCOUNT = "123456789012"


def test_only_the_agents_own_sessions_are_allowed_on_everything() -> None:
    for statement in role_policy(ACCOUNT)["Statement"]:
        assert not any("*" in action for action in statement["Action"])
        if statement["Resource"] == "*":
            services = {action.partition(":")[0] for action in statement["Action"]}
            assert services <= {"ssm", "ssmmessages", "ec2messages"}
            assert not any(action.startswith("ssm:Get") for action in statement["Action"])


def test_an_instance_may_end_itself_alone_and_only_if_runctl_made_it() -> None:
    [end] = [each for each in role_policy(ACCOUNT)["Statement"] if each["Sid"] == "EndItself"]
    assert end["Condition"]["StringEquals"] == {"aws:ResourceTag/runctl:managed": "true"}
    assert end["Condition"]["StringLike"] == {"aws:userid": "*:${ec2:InstanceID}"}
    assert end["Resource"] == f"arn:aws:ec2:*:{ACCOUNT}:instance/*"


def test_buckets_are_those_of_the_account_and_of_the_names_given() -> None:
    for statement in role_policy(ACCOUNT, ["my-runs", "data"])["Statement"]:
        if any(action.startswith("s3:") for action in statement["Action"]):
            assert statement["Condition"] == {"StringEquals": {"aws:ResourceAccount": ACCOUNT}}
            assert all(":my-runs" in arn or ":data" in arn for arn in statement["Resource"])


def test_the_buckets_of_a_policy_are_found_again() -> None:
    assert buckets_in(role_policy(ACCOUNT, ["my-runs", "data"])) == ["my-runs", "data"]
    assert buckets_in(role_policy(ACCOUNT)) == []


def test_other_partitions_have_arns_of_their_own() -> None:
    assert "arn:aws:" not in str(role_policy(ACCOUNT, partition="aws-cn"))
