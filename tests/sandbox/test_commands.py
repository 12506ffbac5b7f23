"""`runctl sandbox …` as a user meets it: up twice, down after a kill, what it says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from account import Sandbox, counts, until
from running import RUNCTL

pytestmark = pytest.mark.slow

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"


@pytest.fixture
def own(tmp_path: Path) -> Any:
    """A sandbox of the test's own, not yet up; taken down after it."""
    found = Sandbox(tmp_path)
    found.home.mkdir()
    yield found
    found.close_clients()
    found.run("down")


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout


def with_instance_and_volume(sandbox: Sandbox) -> str:
    """Makes an instance with a second volume. Returns the sandbox's id."""
    sandbox.variables = sandbox("env")["set"]
    ec2 = sandbox.client("ec2")
    disk = {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 1}}
    asked = {"ImageId": sandbox.image(), "InstanceType": "t3.small", "MinCount": 1, "MaxCount": 1}
    made = ec2.run_instances(BlockDeviceMappings=[disk], **asked)["Instances"][0]["InstanceId"]
    ec2.get_waiter("instance_running").wait(InstanceIds=[made], WaiterConfig={"Delay": 1})
    sandbox_id: str = sandbox("status")["id"]
    return sandbox_id


def nothing_is_left(sandbox_id: str, home: Path) -> None:
    assert sandbox_id not in docker("ps", "--all", "--format", "{{.Names}}")
    assert sandbox_id not in docker("network", "ls", "--format", "{{.Name}}")
    assert str(home) not in subprocess.run(["losetup", "--list"], capture_output=True, text=True).stdout
    assert str(home) not in Path("/proc/self/mounts").read_text()
    assert sandbox_id not in subprocess.run(["nft", "list", "tables"], capture_output=True, text=True).stdout
    assert sandbox_id not in subprocess.run(["ip", "link"], capture_output=True, text=True).stdout
    assert list(home.iterdir()) == []


def test_two_at_once_make_one_and_a_third_says_that_it_is_up(own: Sandbox) -> None:
    variables = {**os.environ, "RUNCTL_HOME": str(own.home)}
    words = [*RUNCTL, "sandbox", "up", "--json"]
    both = [subprocess.Popen(words, stdout=subprocess.PIPE, env=variables) for _ in range(2)]
    told = [json.loads(each.communicate()[0]) for each in both]
    assert told[0]["id"] == told[1]["id"]
    assert sorted(each["new"] for each in told) == [False, True]
    third = own.run("up")
    assert "is up already" in third.stdout


def test_down_leaves_nothing_and_is_content_with_nothing(own: Sandbox) -> None:
    own.run("up")
    sandbox_id = with_instance_and_volume(own)
    assert own.run("down").returncode == 0
    nothing_is_left(sandbox_id, own.home)
    again = own.run("down")
    assert (again.returncode, again.stdout) == (0, "there was no sandbox\n")
    assert own.run("status").stdout == "no sandbox\n"
    assert own.run("env").returncode == 4


@pytest.mark.parametrize("mender", ["down", "up"])
def test_a_sandbox_whose_daemon_was_killed_is_cleared_away(own: Sandbox, mender: str) -> None:
    own.run("up")
    sandbox_id = with_instance_and_volume(own)
    os.kill(json.loads((own.home / "sandbox" / "state.json").read_text())["pid"], signal.SIGKILL)
    until(lambda: not own("status")["up"], "its end")
    assert "the sandbox's daemon is gone" in own.run("status").stdout
    assert own.run(mender).returncode == 0
    assert sandbox_id not in docker("ps", "--all", "--format", "{{.Names}}")
    own.run("down")
    nothing_is_left(sandbox_id, own.home)


@pytest.mark.parametrize("after_s", [0.05, 0.4, 0.8])
def test_ctrl_c_while_it_comes_up_leaves_nothing(own: Sandbox, after_s: float) -> None:
    variables = {**os.environ, "RUNCTL_HOME": str(own.home)}
    process = subprocess.Popen([*RUNCTL, "sandbox", "up"], env=variables, stderr=subprocess.PIPE)
    # wherever it is by then: each moment is right
    time.sleep(after_s)
    process.send_signal(signal.SIGINT)
    process.communicate()
    if process.returncode != 0:
        assert not own("status")["up"]
        assert list(own.home.iterdir()) == []


def test_an_emptied_account_is_as_new_under_the_same_keys(own: Sandbox) -> None:
    own.run("up")
    with_instance_and_volume(own)
    own.client("s3").create_bucket(Bucket="bucket")
    assert own.run("reset").returncode == 2
    assert own.run("reset", "--yes").returncode == 0
    assert not any(counts(own).values())
    assert own.client("s3").list_buckets()["Buckets"] == []
    with_instance_and_volume(own)


def test_the_variables_lead_a_shell_to_the_sandbox(sandbox: Sandbox) -> None:
    variables = {**os.environ, "RUNCTL_HOME": str(sandbox.home), "AWS_PROFILE": "earnest", "AWS_SESSION_TOKEN": "x"}
    script = f'eval "$({" ".join(RUNCTL)} sandbox env --region eu-west-1)"; env'
    shown = subprocess.run(["sh", "-c", script], capture_output=True, text=True, env=variables).stdout.splitlines()
    assert f"AWS_ENDPOINT_URL={sandbox.variables['AWS_ENDPOINT_URL']}" in shown
    assert "AWS_REGION=eu-west-1" in shown
    assert not [line for line in shown if line.startswith(("AWS_PROFILE=", "AWS_SESSION_TOKEN="))]


def test_every_request_is_in_the_log(account: Sandbox) -> None:
    account.client("ec2").describe_vpcs()
    lines = account("logs", "--tail", "5")["lines"]
    assert any("ec2:DescribeVpcs us-east-1 → 200 OK" in line for line in lines)


@pytest.mark.parametrize(
    "words",
    [
        ["up"],
        ["status"],
        ["env"],
        ["logs"],
        ["fault", "add", "throttle", "action=Nothing"],
        ["fault", "list"],
        ["fault", "clear"],
    ],
)
def test_the_documents_are_as_their_schemas_say(account: Sandbox, words: list[str]) -> None:
    command = words[:2] if words[0] == "fault" else words[:1]
    schema = json.loads((SCHEMAS / f"sandbox-{'-'.join(command)}.json").read_text())
    Draft202012Validator(schema).validate(account(*words))


def test_the_admin_door_is_closed_without_the_key(account: Sandbox) -> None:
    import urllib.error
    import urllib.request

    url = f"{account.variables['AWS_ENDPOINT_URL']}/_sandbox/reset"
    for headers in ({}, {"X-Sandbox-Key": "guess"}):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(url, b"{}", headers, method="POST"))
        assert refused.value.code == 403
        refused.value.close()


def test_an_instance_that_is_not_there_can_not_be_interrupted(sandbox: Sandbox) -> None:
    done = sandbox.run("interrupt", "i-00")
    assert (done.returncode, done.stderr.splitlines()[0]) == (4, "error: there is no instance i-00")
