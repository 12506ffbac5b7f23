"""What the tests of instances share: calls whose documents are held to their schemas, and an account swept after."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from account import Sandbox, until

Runctl = Callable[..., "subprocess.CompletedProcess[str]"]
SCHEMAS = {path.name: json.loads(path.read_text()) for path in (Path(__file__).parents[2] / "docs/schemas").glob("*")}
REGISTRY: Registry[Any] = Registry().with_resources(
    (name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items()
)


def document(runctl: Runctl, *words: str, code: int = 0) -> Any:
    """What `runctl aws WORDS… --json` answers, held to the command's schema."""
    done = runctl("aws", *words, "--json")
    assert done.returncode == code, done.stderr
    found = json.loads(done.stdout)
    Draft202012Validator(SCHEMAS[f"aws-{words[0]}.json"], registry=REGISTRY).validate(found)
    return found


def sweep(sandbox: Sandbox) -> None:
    """Ends and deletes everything that runctl made in EC2."""
    ec2 = sandbox.client("ec2")
    own = [{"Name": "tag:runctl:managed", "Values": ["true"]}]
    found = [each for page in ec2.describe_instances(Filters=own)["Reservations"] for each in page["Instances"]]
    ids = [each["InstanceId"] for each in found if each["State"]["Name"] != "terminated"]
    for instance_id in ids:
        ec2.modify_instance_attribute(InstanceId=instance_id, DisableApiTermination={"Value": False})
    if ids:
        ec2.terminate_instances(InstanceIds=ids)
    until(lambda: not live(sandbox), "the end of runctl's instances", found_instead=lambda: live(sandbox))
    for volume in ec2.describe_volumes(Filters=[*own, {"Name": "status", "Values": ["available"]}])["Volumes"]:
        ec2.delete_volume(VolumeId=volume["VolumeId"])
    for group in ec2.describe_security_groups(Filters=own)["SecurityGroups"]:
        ec2.delete_security_group(GroupId=group["GroupId"])
    for key in ec2.describe_key_pairs(Filters=own)["KeyPairs"]:
        ec2.delete_key_pair(KeyName=key["KeyName"])


def live(sandbox: Sandbox) -> list[str]:
    """The ids of runctl's instances that have not ended."""
    own = [{"Name": "tag:runctl:managed", "Values": ["true"]}]
    pages = sandbox.client("ec2").describe_instances(Filters=own)["Reservations"]
    return [each["InstanceId"] for page in pages for each in page["Instances"] if each["State"]["Name"] != "terminated"]


def shared(sandbox: Sandbox) -> tuple[list[str], list[str]]:
    """The names of the key pairs and security groups of the account."""
    ec2 = sandbox.client("ec2")
    keys = [key["KeyName"] for key in ec2.describe_key_pairs()["KeyPairs"]]
    return sorted(keys), sorted(group["GroupName"] for group in ec2.describe_security_groups()["SecurityGroups"])


def tags_of(answer: Any) -> dict[str, str]:
    """The tags of one of AWS's answers."""
    return {tag["Key"]: tag["Value"] for tag in answer.get("Tags", [])}
