"""S3 from an instance: what its role may use is signed with the role's credentials, and no key lies there."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from aws_calls import Runctl, sweep
from s3_support import Bucket, bucket_of

from account import Sandbox
from runctl.transport import agent_package

pytestmark = pytest.mark.slow

READ = """
import os, sys
sys.path.insert(0, "agent.pyz")
from runctl.agent import store
assert not [name for name in os.environ if name.startswith("AWS_") and "KEY" in name], "there are keys"
s3 = store.open_store({"region": "us-east-1", "endpoint": None}, lambda: False)
sys.stdout.write(s3.read("runctl-role", "data/it's here").decode())
s3.put("runctl-role", "answer", b"from the instance")
"""


@pytest.fixture
def bucket(account: Sandbox) -> Iterator[Bucket]:
    with bucket_of(account, "runctl-role") as found:
        yield found
    sweep(account)


def test_an_instance_of_setups_profile_reads_and_writes_without_any_key(runctl: Runctl, bucket: Bucket) -> None:
    bucket.put({"data/it's here": b"from the bucket"})
    assert runctl("aws", "setup", "--yes").returncode == 0
    created = runctl("aws", "create", "t3.micro", "--yes", "--wait", "-q", timeout=120)
    assert created.returncode == 0, created.stderr
    instance = created.stdout.strip()
    agent = base64.b64encode(agent_package.build()).decode()
    sent = runctl("aws", "ssh", instance, "--", "sh", "-c", "base64 -d > agent.pyz", stdin=agent)
    assert sent.returncode == 0, sent.stderr
    done = runctl("aws", "ssh", instance, "--", "python3", "-c", READ)
    assert (done.returncode, done.stdout) == (0, "from the bucket"), done.stderr
    assert bucket.contents()["answer"] == b"from the instance"
