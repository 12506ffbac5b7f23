"""What an instance of runctl may do: the role's policy, statement by statement. Nothing that a run does not need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runctl.providers.aws import tags

# buckets that a role may use when none is named
BUCKET_PATTERN = "runctl-*"

TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def role_policy(account_id: str, buckets: Sequence[str] = (), partition: str = "aws") -> dict[str, Any]:
    """The policy document of the role, for an account and the buckets that runs read and write."""
    return {
        "Version": "2012-10-17",
        "Statement": [*_sessions(), *_buckets(account_id, buckets, partition), _itself(account_id, partition)],
    }


def buckets_in(document: dict[str, Any]) -> list[str]:
    """The buckets that a document of `role_policy` was made for."""
    arns = [
        arn
        for statement in document["Statement"]
        if statement.get("Sid") == "ListBuckets"
        for arn in statement["Resource"]
    ]
    return [arn.rpartition(":")[2] for arn in arns if not arn.endswith(BUCKET_PATTERN)]


def _sessions() -> list[dict[str, Any]]:
    # what the SSM agent needs to be reached, command by command. Not the managed AmazonSSMManagedInstanceCore, which
    # also lets the instance read every parameter of the account, secrets included.
    # None of these actions knows resources: each acts on the instance that calls.
    return [
        {
            "Sid": "BeReachedBySessionManager",
            "Effect": "Allow",
            "Action": [
                "ssm:UpdateInstanceInformation",
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
                "ec2messages:AcknowledgeMessage",
                "ec2messages:DeleteMessage",
                "ec2messages:FailMessage",
                "ec2messages:GetEndpoint",
                "ec2messages:GetMessages",
                "ec2messages:SendReply",
            ],
            "Resource": "*",
        }
    ]


def _buckets(account_id: str, buckets: Sequence[str], partition: str) -> list[dict[str, Any]]:
    arns = [f"arn:{partition}:s3:::{bucket}" for bucket in buckets or [BUCKET_PATTERN]]
    # a bucket of that name in somebody else's account is not meant: output must not leave this one
    ours = {"StringEquals": {"aws:ResourceAccount": account_id}}
    return [
        {
            "Sid": "ListBuckets",
            "Effect": "Allow",
            "Action": ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            "Resource": arns,
            "Condition": ours,
        },
        {
            # checkpoints that are superseded are deleted, and an upload that broke off is cleaned up
            "Sid": "ReadAndWriteObjects",
            "Effect": "Allow",
            "Action": [
                "s3:AbortMultipartUpload",
                "s3:DeleteObject",
                "s3:GetObject",
                "s3:ListMultipartUploadParts",
                "s3:PutObject",
            ],
            "Resource": [f"{arn}/*" for arn in arns],
            "Condition": ours,
        },
    ]


def _itself(account_id: str, partition: str) -> dict[str, Any]:
    # `aws:userid` of an instance's role ends with the instance's id, so that it may end itself and no other
    return {
        "Sid": "EndItself",
        "Effect": "Allow",
        "Action": ["ec2:StopInstances", "ec2:TerminateInstances"],
        "Resource": f"arn:{partition}:ec2:*:{account_id}:instance/*",
        "Condition": {
            "StringEquals": {f"aws:ResourceTag/{tags.MANAGED}": "true"},
            "StringLike": {"aws:userid": "*:${ec2:InstanceID}"},
        },
    }
