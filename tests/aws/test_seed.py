"""The first usage block of the document that the project started from, typed into a shell as it stands there up to the
training; once over SSH, and once with no port open."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from account import Sandbox

pytestmark = pytest.mark.slow

# as the document has it: created, attached, and then formatted and mounted by the user on the instance
AS_WRITTEN = """
INSTANCE_ID=$(runctl aws create t3.micro --yes --wait -q $WAY)
VOLUME_ID=$(runctl aws ebs create --size 500 --yes -q)
runctl aws ebs attach $VOLUME_ID $INSTANCE_ID
runctl aws ssh $INSTANCE_ID -- sudo mkfs -t xfs /dev/nvme1n1
runctl aws ssh $INSTANCE_ID -- sudo mkdir -p "/srv/nobody would guess"
runctl aws ssh $INSTANCE_ID -- sudo mount /dev/nvme1n1 "/srv/nobody would guess"
echo kept | runctl aws ssh $INSTANCE_ID -- sudo tee "/srv/nobody would guess/data"
"""
# what came of it, and where it is found again
AFTERWARDS = """
SNAPSHOT_ID=$(runctl aws ebs snapshot $VOLUME_ID --wait -q)
runctl aws ebs detach $VOLUME_ID > detached
runctl aws terminate $INSTANCE_ID --yes
SECOND_ID=$(runctl aws create t3.micro --yes --wait -q $WAY)
runctl aws ebs attach $VOLUME_ID $SECOND_ID --mount-point "/mnt/it's here"
runctl aws ssh $SECOND_ID -- cat "/mnt/it's here/data" > second
RESTORED_ID=$(runctl aws ebs restore $SNAPSHOT_ID --yes -q)
runctl aws ebs attach $RESTORED_ID $SECOND_ID --mount-point /mnt/restored
runctl aws ssh $SECOND_ID -- cat /mnt/restored/data > restored
runctl aws terminate $SECOND_ID --yes --wait
runctl aws ebs delete $VOLUME_ID --yes
runctl aws ebs delete $RESTORED_ID --yes
"""


@pytest.fixture
def closed_group(account: Sandbox) -> Iterator[str]:
    """A security group that lets nothing in."""
    ec2 = account.client("ec2")
    group: str = ec2.create_security_group(GroupName="seed", Description="lets nothing in")["GroupId"]
    yield group
    ec2.delete_security_group(GroupId=group)


@pytest.mark.usefixtures("empty")
@pytest.mark.parametrize("way", ["ssh", "ssm"])
def test_the_first_usage_block_of_the_seed(way: str, account: Sandbox, closed_group: str, folder: Path) -> None:
    options = "" if way == "ssh" else f"--security-group {closed_group}"
    script = f"set -eux\nrunctl aws setup --yes\nWAY='{options}'\n{AS_WRITTEN}\n{AFTERWARDS}"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env={**os.environ, "PATH": path})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "unmounted from /srv/nobody would guess\n" in (folder / "detached").read_text()
    assert (folder / "second").read_text() == (folder / "restored").read_text() == "kept\n"
    (snapshot,) = account.client("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]
    account.client("ec2").delete_snapshot(SnapshotId=snapshot["SnapshotId"])
