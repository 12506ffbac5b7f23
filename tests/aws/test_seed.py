"""The three usage blocks of the document that the project started from, typed into a shell as they stand there (ids,
bucket and script apart); each once over SSH, and once with no port open. A real model is trained in each."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from seed import READS_MODEL, WRITES_DIGITS, accuracies, project, shell

from account import Sandbox
from python_image import IMAGE, MAKE_IMAGE, SKLEARN

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("empty")]
WAYS = pytest.mark.parametrize("way", ["ssh", "ssm"])

# created, attached, and then formatted and mounted by the user on the instance
EBS = """
INSTANCE_ID=$(runctl aws create t3.micro --yes --wait -q $WAY)
VOLUME_ID=$(runctl aws ebs create --size 500 --yes -q)
runctl aws ebs attach $VOLUME_ID $INSTANCE_ID
runctl aws ssh $INSTANCE_ID -- sudo mkfs -t xfs /dev/nvme1n1
runctl aws ssh $INSTANCE_ID -- sudo mkdir -p "/srv/nobody would guess"
runctl aws ssh $INSTANCE_ID -- sudo mount /dev/nvme1n1 "/srv/nobody would guess"
runctl aws ssh $INSTANCE_ID -- sudo python3 -c "$WRITES_DIGITS" "/srv/nobody would guess" 3
echo "$MAKE_IMAGE" | runctl aws ssh $INSTANCE_ID -- sh -s $IMAGE $SKLEARN
runctl aws train $INSTANCE_ID train.py > trained
"""
# what came of it, and where it is found again
AFTERWARDS = """
SNAPSHOT_ID=$(runctl aws ebs snapshot $VOLUME_ID --wait -q)
runctl aws ebs detach $VOLUME_ID > detached
runctl aws terminate $INSTANCE_ID --yes
SECOND_ID=$(runctl aws create t3.micro --yes --wait -q $WAY)
runctl aws ebs attach $VOLUME_ID $SECOND_ID --mount-point "/mnt/it's here"
runctl aws ssh $SECOND_ID -- python3 -c "$READS_MODEL" "/mnt/it's here/model.npz" > second
RESTORED_ID=$(runctl aws ebs restore $SNAPSHOT_ID --yes -q)
runctl aws ebs attach $RESTORED_ID $SECOND_ID --mount-point /mnt/restored
runctl aws ssh $SECOND_ID -- python3 -c "$READS_MODEL" /mnt/restored/model.npz > restored
runctl aws terminate $SECOND_ID --yes --wait
runctl aws ebs delete $VOLUME_ID --yes
runctl aws ebs delete $RESTORED_ID --yes
"""
DATA = """
INSTANCE_ID=$(runctl aws create t3.micro --yes --wait -q $WAY)
runctl aws train $INSTANCE_ID train.py \\
    --data-s3 s3://seed-bucket/datasets/imagenet/ > first
RUN=$(runctl runs list -q | head -n 1)
runctl runs show $RUN > shown
runctl aws train $INSTANCE_ID train.py \\
    --data-s3 s3://seed-bucket/datasets/imagenet/ --output-s3 s3://seed-bucket/results > again 2> again-steps
RUN=$(runctl runs list -q | head -n 1)
runctl aws terminate $INSTANCE_ID --yes --wait
runctl runs logs $RUN > logs
runctl s3 download s3://seed-bucket/results/$RUN/files/outputs/model.npz .
"""
HYPERPARAMETERS = """
INSTANCE_ID=$(runctl aws create t3.micro --yes --wait -q $WAY)
runctl aws train $INSTANCE_ID train.py \\
    --hyperparams epochs=50,lr=0.001,batch_size=32 > easier
runctl aws train $INSTANCE_ID train.py \\
    -- --epochs 50 --lr 0.001 --batch-size 32 > equivalent
runctl aws train $INSTANCE_ID train.py \\
    --hyperparams epochs=50,lr=0.001 \\
    -- --other-arg value > combined
if runctl aws train $INSTANCE_ID train.py --hyperparams epochz=50 2> refused; then exit 1; else test $? = 3; fi
runctl aws terminate $INSTANCE_ID --yes --wait
"""


@pytest.fixture
def ways(account: Sandbox) -> Iterator[dict[str, str]]:
    """The options by which an instance is reached one way or the other: with a security group that lets nothing in,
    SSM alone is left."""
    shell("runctl aws setup --yes")
    ec2 = account.client("ec2")
    group: str = ec2.create_security_group(GroupName="seed", Description="lets nothing in")["GroupId"]
    yield {"ssh": "", "ssm": f"--security-group {group}"}
    ec2.delete_security_group(GroupId=group)


@pytest.fixture
def bucket(account: Sandbox, tmp_path: Path) -> Iterator[Any]:
    """A bucket with the digits in 3,000 objects below datasets/imagenet/."""
    digits = tmp_path / "digits"
    digits.mkdir()
    shell(f"{sys.executable} -c {shlex.quote(WRITES_DIGITS)} {digits} 1797")
    for number in range(1203):
        (digits / f"note {number:04}").write_text("not a digit\n" * (number % 3))
    s3 = account.client("s3")
    s3.create_bucket(Bucket="seed-bucket")
    shell(f"runctl s3 upload -q {digits} s3://seed-bucket/datasets/imagenet/")
    yield s3
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="seed-bucket"):
        s3.delete_objects(Bucket="seed-bucket", Delete={"Objects": [{"Key": each["Key"]} for each in page["Contents"]]})
    s3.delete_bucket(Bucket="seed-bucket")


@WAYS
def test_ebs_and_docker(way: str, ways: dict[str, str], account: Sandbox, folder: Path) -> None:
    project(folder, learns_from="/srv/nobody would guess", results="/srv/nobody would guess")
    (folder / "Dockerfile").write_text(f"FROM {IMAGE}\n")
    shell(
        EBS + AFTERWARDS,
        WAY=ways[way],
        IMAGE=IMAGE,
        SKLEARN=SKLEARN,
        MAKE_IMAGE=MAKE_IMAGE,
        WRITES_DIGITS=WRITES_DIGITS,
        READS_MODEL=READS_MODEL,
    )
    trained = (folder / "trained").read_text()
    assert "1797 digits to learn from, other_arg none container True\n" in trained
    assert accuracies(trained)[-1] > 0.9
    assert "unmounted from /srv/nobody would guess\n" in (folder / "detached").read_text()
    for found in ("second", "restored"):
        assert round(float((folder / found).read_text()), 4) == accuracies(trained)[-1]
    (snapshot,) = account.client("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]
    account.client("ec2").delete_snapshot(SnapshotId=snapshot["SnapshotId"])


@WAYS
def test_s3_and_training(way: str, ways: dict[str, str], bucket: Any, folder: Path) -> None:
    project(folder, learns_from="data")
    shell(DATA, WAY=ways[way])
    first, again = (folder / "first").read_text(), (folder / "again").read_text()
    assert "1797 digits to learn from" in first
    assert "succeeded" in (folder / "shown").read_text()
    assert accuracies(first) == accuracies(again)
    assert accuracies(first)[-1] > 0.9
    assert "3000 unchanged" in (folder / "again-steps").read_text()
    # the instance is gone: what it printed and what it made are still there
    assert (folder / "logs").read_text() == again
    assert (folder / "model.npz").stat().st_size > 1000


@WAYS
@pytest.mark.usefixtures("account")
def test_hyperparameters(way: str, ways: dict[str, str], folder: Path) -> None:
    with_digits = folder / "digits"
    with_digits.mkdir()
    shell(f"{sys.executable} -c {shlex.quote(WRITES_DIGITS)} {with_digits} 2")
    project(folder, learns_from="digits")
    shell(HYPERPARAMETERS, WAY=ways[way])
    easier, equivalent, combined = ((folder / name).read_text() for name in ("easier", "equivalent", "combined"))
    assert len(accuracies(easier)) == 50
    assert easier == equivalent
    assert accuracies(easier)[-1] > 0.95
    assert "other_arg value" in combined
    assert len(accuracies(combined)) == 50
    assert "did you mean epochs" in (folder / "refused").read_text()
