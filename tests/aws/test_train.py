"""`runctl aws train`, `aws monitor` and what a run's machine and S3 can do wrong meanwhile, in a sandbox."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_calls import REGISTRY, SCHEMAS, Runctl, document
from jsonschema import Draft202012Validator

from account import Machine, Sandbox, until, wait_for_state
from running import RUNCTL

pytestmark = pytest.mark.slow
Fault = Callable[..., None]

BUCKET = "train-bucket"
PRINTS = "import os, sys\nprint('here', os.getcwd(), *sys.argv[1:])\n"
# writes a result, and says what there is of data
USES_DATA = """
import os
print(len(os.listdir("data")), "objects,", sum(entry.stat().st_size for entry in os.scandir("data")), "bytes")
os.makedirs("outputs", exist_ok=True)
with open("outputs/result", "w") as file:
    file.write("made of it")
"""
WAITS = "import os, time\nprint('ready')\nwhile not os.path.exists('go'):\n    time.sleep(0.01)\nprint('done')\n"


@pytest.fixture(scope="module")
def trainer(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """An instance with setup's profile, so that it may read and write S3, for all tests of this file."""
    variables = {**os.environ, **sandbox.variables, "RUNCTL_HOME": str(tmp_path_factory.mktemp("setup"))}
    subprocess.run([*RUNCTL, "aws", "setup", "--yes"], check=True, capture_output=True, env=variables)
    machine = sandbox.run_instance(IamInstanceProfile={"Name": "runctl-instance"})
    yield machine
    ec2 = sandbox.client("ec2")
    ec2.terminate_instances(InstanceIds=[machine.id])
    wait_for_state(ec2, machine.id, "terminated")
    ec2.delete_security_group(GroupName="runctl")
    for key in ec2.describe_key_pairs()["KeyPairs"]:
        if key["KeyName"] != "tests":
            ec2.delete_key_pair(KeyPairId=key["KeyPairId"])


@pytest.fixture
def train(trainer: Machine, runctl: Runctl, account: Sandbox, folder: Path) -> Iterator[Callable[..., Any]]:
    """Writes a script and trains it on the instance: train(TEXT, words…). Nothing of it is left there afterwards."""

    def call(text: str, *words: str, script: str = "train.py") -> subprocess.CompletedProcess[str]:
        (folder / script).parent.mkdir(parents=True, exist_ok=True)
        (folder / script).write_text(text)
        return runctl("aws", "train", trainer.id, script, "--key", str(account.key), *words)

    yield call
    trainer.ssh("pkill -KILL -f 'train[.]py|agent/[0-9a-f]+[.]pyz'; rm -rf runctl .runctl/projects .runctl/runs")


@pytest.fixture
def s3(account: Sandbox) -> Iterator[Any]:
    """A bucket."""
    client = account.client("s3")
    client.create_bucket(Bucket=BUCKET)
    yield client
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
        for found in page.get("Contents", []):
            client.delete_object(Bucket=BUCKET, Key=found["Key"])
    for upload in client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []):
        pytest.fail(f"an unfinished upload is left, which costs money: {upload}")
    client.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def data(s3: Any) -> str:
    """Twenty objects of 200 KB each."""
    for number in range(20):
        s3.put_object(Bucket=BUCKET, Key=f"data/part {number}", Body=bytes(200_000))
    return f"s3://{BUCKET}/data"


def newest(runctl: Runctl) -> dict[str, Any]:
    """The state of the newest run, as anybody is told it."""
    state: dict[str, Any] = json.loads(runctl("runs", "list", "--json").stdout)[0]
    return state


def finished(runctl: Runctl) -> dict[str, Any]:
    """The newest run's state once it is over."""
    return until(
        lambda: (state := newest(runctl))["phase"] == "finished" and state,
        "the end of the run",
        found_instead=lambda: newest(runctl),
    )


def test_the_script_runs_in_its_own_folder_and_gets_its_arguments_as_typed(train: Any, folder: Path) -> None:
    (folder / ".runctl.toml").touch()
    done = train(PRINTS, "--", "a b", "", "--it's", "$HOME", "line\nbreak", script="sub dir/train it.py")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "here /home/ubuntu/runctl/project a b  --it's $HOME line\nbreak\n"


def test_the_exit_code_says_what_became_of_it(train: Any, runctl: Runctl) -> None:
    assert train("raise SystemExit(3)").returncode == 100
    assert newest(runctl)["exit_code"] == 3
    assert train("import os\nos.kill(os.getpid(), 9)").returncode == 100
    assert newest(runctl)["signal"] == "SIGKILL"


def test_watching_ends_and_the_run_goes_on(train: Any, runctl: Runctl, trainer: Machine) -> None:
    assert train(WAITS, "--timeout", "1").returncode == 101
    run = newest(runctl)
    assert (run["phase"], run["outcome"]) == ("running", None)
    [found] = document(runctl, "monitor", trainer.id, run["run_id"])
    assert found["phase"] == "running"
    # files under a live run are never changed
    refused = train(PRINTS)
    assert refused.returncode == 3
    assert run["run_id"] in refused.stderr
    assert "--project-name" in refused.stderr
    assert train(PRINTS, "--project-name", "other").stdout == "here /home/ubuntu/runctl/other\n"
    trainer.ssh("touch runctl/project/go")
    followed = runctl("runs", "logs", "--follow", run["run_id"])
    assert (followed.returncode, followed.stdout) == (0, "ready\ndone\n")


def test_ctrl_c_ends_the_watching_alone(
    train: Any, runctl: Runctl, trainer: Machine, account: Sandbox, folder: Path
) -> None:
    (folder / "train.py").write_text(WAITS)
    words = ["aws", "train", trainer.id, "train.py", "--key", str(account.key)]
    watching = subprocess.Popen([*RUNCTL, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert watching.stdout and watching.stdout.readline() == "ready\n"
    watching.send_signal(signal.SIGINT)
    said = watching.communicate()[1]
    assert watching.returncode == 130
    assert "goes on" in said
    trainer.ssh("touch runctl/project/go")
    assert finished(runctl)["outcome"] == "succeeded"


def test_a_dry_run_tells_all_and_changes_nothing(train: Any, runctl: Runctl, trainer: Machine, data: str) -> None:
    words = ["--data-s3", data, "--output-s3", f"s3://{BUCKET}/out", "--dry-run"]
    done = train(PRINTS, *words, "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    Draft202012Validator(SCHEMAS["aws-train.json"], registry=REGISTRY).validate(plan)
    assert (plan["files"], plan["data_objects"], plan["data_bytes"]) == (1, 20, 4_000_000)
    assert "20 objects" in train(PRINTS, *words).stdout
    assert trainer.ssh("ls -A runctl 2>/dev/null || true") == ""
    assert json.loads(runctl("runs", "list", "--json").stdout) == []


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--data-s3", f"s3://{BUCKET}/dota"], 4, "there is nothing at"),
        (["--data-s3", "s3://no-such-bucket-here/x"], 4, "no-such-bucket-here"),
        (["--data-s3", "data"], 2, "s3://"),
        (["--output-s3", "s3://no-such-bucket-here/x"], 4, "no-such-bucket-here"),
        (["--hyperparams", "epochs=3"], 3, "epochs"),
        (["--docker"], 2, "Dockerfile"),
        (["--mount", "/mnt/x"], 2, "--docker"),
        (["--docker-image", "x", "--mount", "/mnt/nowhere"], 4, "/mnt/nowhere"),
        (["--no-sync-code"], 4, "--no-sync-code"),
        (["--python", "python3"], 2, "absolute"),
        (["--detach", "--timeout", "3"], 2, "--detach"),
        (["--project-name", "../x"], 2, "--project-name"),
    ],
)
@pytest.mark.usefixtures("s3")
def test_what_can_not_work_is_refused_before_anything_is_sent(
    words: list[str], code: int, told: str, train: Any, runctl: Runctl, trainer: Machine
) -> None:
    parses = "import argparse\nparser = argparse.ArgumentParser()\nparser.parse_args()\n"
    done = train(parses, *words)
    assert done.returncode == code, done.stderr
    assert told in done.stderr
    assert trainer.ssh("ls -A runctl 2>/dev/null || true") == ""
    assert json.loads(runctl("runs", "list", "--json").stdout) == []


@pytest.mark.parametrize(
    ("words", "action"),
    [(["--data-s3", f"s3://{BUCKET}/data"], "ListObjectsV2"), (["--output-s3", f"s3://{BUCKET}/x"], "CreateMulti*")],
)
@pytest.mark.usefixtures("data")
def test_a_missing_permission_is_named(words: list[str], action: str, train: Any, fault: Fault) -> None:
    fault("deny", f"action={action}")
    done = train(PRINTS, *words)
    assert done.returncode == 5
    assert {"ListObjectsV2": "s3:ListBucket", "CreateMulti*": "s3:PutObject"}[action] in done.stderr


def test_the_machine_lacks_a_permission_that_its_user_has(train: Any, runctl: Runctl, data: str, fault: Fault) -> None:
    fault("deny", "action=GetObject")
    done = train(USES_DATA, "--data-s3", data)
    assert done.returncode == 100
    assert "s3:GetObject" in newest(runctl)["reason"]


@pytest.mark.parametrize("odd", ["a b'\"c", "a//b", "../up", "tab\there", "x" * 300])
def test_an_odd_key_arrives_or_is_refused_by_name(odd: str, train: Any, runctl: Runctl, s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key=f"data/{odd}", Body=b"1")
    s3.put_object(Bucket=BUCKET, Key="data/empty", Body=b"")
    done = train("import os\nprint(sorted(os.listdir('data')))\n", "--data-s3", f"s3://{BUCKET}/data/")
    if odd in ("a//b", "../up", "x" * 300):
        assert done.returncode == 100
        assert repr(odd)[1:5] in newest(runctl)["reason"]
    else:
        assert done.stdout == f"{sorted([odd, 'empty'])}\n"


def test_a_disk_that_fills_while_data_comes_costs_the_start_and_nothing_that_has_come(
    train: Any, runctl: Runctl, trainer: Machine, data: str, fault: Fault
) -> None:
    trainer.ssh("mkdir -p runctl/project/data && sudo mount -t tmpfs -o size=8m,uid=$(id -u) x runctl/project/data")
    fill = "until ls runctl/project/data | grep -q part; do sleep 0.01; done; cat /dev/zero > runctl/project/data/x"
    filling = trainer.begin_ssh(f"touch runctl/waiting; {fill}")
    until(lambda: "waiting" in trainer.ssh("ls runctl"), "the filler")
    try:
        fault("slow", "action=GetObject", "seconds=3")
        assert train(USES_DATA, "--data-s3", data).returncode == 100
        assert "No space left on device; make room" in newest(runctl)["reason"]
        came = int(trainer.ssh("ls runctl/project/data | grep -c '^part'"))
        trainer.ssh("rm runctl/project/data/x")
        done = train(USES_DATA, "--data-s3", data)
        assert done.stdout == "20 objects, 4000000 bytes\n"
        assert 0 < came < 20
        assert f"{came} unchanged" in done.stderr
    finally:
        filling.kill()
        filling.wait()
        trainer.ssh("sudo umount runctl/project/data")


def test_data_that_does_not_fit_is_refused_before_it_is_sent(
    train: Any, trainer: Machine, data: str, runctl: Runctl
) -> None:
    trainer.ssh("mkdir -p runctl/project/data && sudo mount -t tmpfs -o size=1m,uid=$(id -u) x runctl/project/data")
    try:
        done = train(USES_DATA, "--data-s3", data)
        assert done.returncode == 3
        assert "3.8 MiB" in done.stderr
        assert "1.0 MiB are free" in done.stderr
        assert json.loads(runctl("runs", "list", "--json").stdout) == []
    finally:
        trainer.ssh("sudo umount runctl/project/data")


def test_a_connection_that_is_cut_while_data_comes_costs_nothing(
    train: Any, runctl: Runctl, trainer: Machine, account: Sandbox, data: str, fault: Fault, folder: Path
) -> None:
    fault("slow", "action=GetObject", "seconds=0.5")
    (folder / "train.py").write_text(USES_DATA)
    words = ["aws", "train", trainer.id, "train.py", "--key", str(account.key), "--data-s3", data]
    words += ["--output-s3", f"s3://{BUCKET}/out"]
    watching = subprocess.Popen([*RUNCTL, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until(lambda: "part" in trainer.try_ssh("ls runctl/project/data").stdout, "the first objects")
    fault("cut", f"instance={trainer.id}", "seconds=5")
    output, said = watching.communicate(timeout=100)
    assert watching.returncode == 0, said
    assert output == "20 objects, 4000000 bytes\n"
    assert newest(runctl)["uploaded"] is True


def test_a_run_is_no_success_before_its_results_are_there(
    train: Any, runctl: Runctl, data: str, s3: Any, fault: Fault, trainer: Machine
) -> None:
    fault("deny", "action=PutObject")
    assert train(USES_DATA, "--data-s3", data, "--output-s3", f"s3://{BUCKET}/out").returncode == 100
    state = newest(runctl)
    assert (state["outcome"], state["uploaded"]) == ("failed", False)
    assert "s3:PutObject" in state["reason"]


def test_results_that_could_not_be_sent_stay_on_the_machine_and_are_named(
    train: Any, runctl: Runctl, data: str, fault: Fault, trainer: Machine, folder: Path
) -> None:
    words = ["--data-s3", data, "--output-s3", f"s3://{BUCKET}/out", "--detach"]
    waits = "import os, time\nwhile not os.path.exists('go'):\n    time.sleep(0.01)\n"
    assert train(waits + USES_DATA, *words).returncode == 0
    until(lambda: newest(runctl)["phase"] == "running", "the script")
    fault("deny", "action=PutObject")
    trainer.ssh("touch runctl/project/go")
    state = finished(runctl)
    assert (state["outcome"], state["exit_code"], state["uploaded"]) == ("failed", 0, False)
    assert "outputs/result" in state["reason"]
    assert trainer.ssh("cat runctl/project/outputs/result") == "made of it"


def test_a_run_is_told_from_s3_when_its_machine_is_gone(
    account: Sandbox, runctl: Runctl, s3: Any, folder: Path
) -> None:
    machine = account.run_instance(IamInstanceProfile={"Name": "runctl-instance"})
    (folder / "train.py").write_text(PRINTS + "print('Epoch 1/1 loss 0.5')\n")
    words = ["--key", str(account.key), "--output-s3", f"s3://{BUCKET}/out", "-q"]
    run_id = runctl("aws", "train", machine.id, "train.py", *words).stdout.strip()
    ec2 = account.client("ec2")
    ec2.terminate_instances(InstanceIds=[machine.id])
    wait_for_state(ec2, machine.id, "terminated")
    assert runctl("runs", "logs", run_id).stdout.startswith("here /home/ubuntu/runctl/project\n")
    shown = json.loads(runctl("runs", "show", run_id, "--json").stdout)
    assert shown["outcome"] == "succeeded"
    assert shown["metrics"] == {"loss": 0.5}


@pytest.mark.parametrize("share", ["error", "throttle"])
def test_s3_that_fails_now_and_then_costs_nothing(
    share: str, train: Any, runctl: Runctl, data: str, fault: Fault, s3: Any
) -> None:
    fault(share, "service=s3", "percent=30")
    done = train(USES_DATA, "--data-s3", data, "--output-s3", f"s3://{BUCKET}/out")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "20 objects, 4000000 bytes\n"
    run_id = newest(runctl)["run_id"]
    key = f"out/{run_id}/files/outputs/result"
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == b"made of it"
