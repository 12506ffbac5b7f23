"""(i) The sandbox, and AWS's commands in it, each beside the tool that people use for the same."""

from __future__ import annotations

import json
import os
import subprocess
import time
from functools import partial
from pathlib import Path

from bench.figures import Row, Sample, excess, ratio, value
from bench.place import Place
from bench.timing import MeasureFailed, interleaved, timed

_INSTANCES = 1_000
_MOST_OF_AWS_CLI = 0.7
_LONGEST_UP_S = 3.0
_LONGEST_TO_SSH_S = 6.0
_MOST_ABOVE_SSH_S = 0.060
_UP_ROUNDS, _CREATE_ROUNDS, _LIST_ROUNDS, _SSH_ROUNDS = 5, 5, 7, 31


def measure(place: Place) -> list[Row]:
    if os.geteuid() != 0:
        raise MeasureFailed("the sandbox needs root")
    home = place.new_folder()
    environment = place.environment(home)
    up = [place.runctl, "sandbox", "up"]
    down = [place.runctl, "sandbox", "down"]
    timed(up, environment, home)  # the first one may have to build the image
    try:
        seconds = []
        for _ in range(_UP_ROUNDS):
            timed(down, environment, home)
            seconds.append(timed(up, environment, home))
        account = {**environment, **_variables(place, environment, home)}
        return [
            value("i", "`runctl sandbox up`, image cached", Sample(tuple(seconds)), _LONGEST_UP_S),
            *_instances(place, account, home),
            *_listing(place, account, home),
        ]
    finally:
        timed(down, environment, home)


def _variables(place: Place, environment: dict[str, str], folder: Path) -> dict[str, str]:
    done = subprocess.run(
        [place.runctl, "sandbox", "env", "--json"], env=environment, cwd=folder, capture_output=True, check=True
    )
    variables: dict[str, str] = json.loads(done.stdout)["set"]
    return variables


def _instances(place: Place, account: dict[str, str], home: Path) -> list[Row]:
    """From `create` to a first command over SSH, and a command over a connection that is open."""
    seconds = []
    for _ in range(_CREATE_ROUNDS):
        begin = time.perf_counter()
        instance = _id(place, account, home)
        timed([place.runctl, "aws", "ssh", instance, "--", "true"], account, home)
        seconds.append(time.perf_counter() - begin)
    socket = home / "control"
    direct = _ssh_command(place, account, home, instance)
    plain = [*direct[:1], "-o", "ControlMaster=auto", "-o", f"ControlPath={socket}", "-o", "ControlPersist=60"]
    samples = interleaved(
        {
            "runctl": partial(timed, [place.runctl, "aws", "ssh", instance, "--", "true"], account, home),
            "ssh": partial(timed, [*plain, *direct[1:], "true"], account, home),
        },
        _SSH_ROUNDS,
    )
    what = "`runctl aws ssh … true`, connection open"
    return [
        value("i", "`runctl aws create` and a first `ssh … true`", Sample(tuple(seconds)), _LONGEST_TO_SSH_S),
        excess("i", what, samples["runctl"], "`ssh` with a control socket", samples["ssh"], _MOST_ABOVE_SSH_S),
    ]


def _id(place: Place, account: dict[str, str], folder: Path) -> str:
    command = [place.runctl, "aws", "create", "t3.micro", "--yes", "--wait", "--quiet"]
    done = subprocess.run(command, env=account, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise MeasureFailed(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return done.stdout.strip()


def _ssh_command(place: Place, account: dict[str, str], home: Path, instance: str) -> list[str]:
    """What a user would type to reach the instance with ssh alone, less the command."""
    shown = subprocess.run(
        [place.runctl, "aws", "status", instance, "--json"], env=account, cwd=home, capture_output=True, check=True
    )
    address = json.loads(shown.stdout)["public_address"]
    (key,) = (path for path in (home / "runctl" / "keys").iterdir() if path.suffix != ".pub")
    options = ["-i", str(key), "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"]
    trust = ["-o", "StrictHostKeyChecking=accept-new", "-o", f"UserKnownHostsFile={home / 'hosts'}"]
    return ["ssh", *options, *trust, f"ubuntu@{address}"]


def _listing(place: Place, account: dict[str, str], home: Path) -> list[Row]:
    """Many instances, which the account only records, listed by runctl and by AWS's own tool."""
    subprocess.run([place.python, "-c", _MAKE_MANY], env=account, cwd=home, check=True, stdout=subprocess.DEVNULL)
    samples = interleaved(
        {
            "list": partial(timed, [place.runctl, "aws", "list"], account, home, "i-"),
            "aws": partial(
                timed, [str(place.peers_bin / "aws"), "ec2", "describe-instances"], account, home, "InstanceId"
            ),
        },
        _LIST_ROUNDS,
    )
    what = f"`runctl aws list`, {_INSTANCES:,} instances"
    return [ratio("i", what, samples["list"], "`aws ec2 describe-instances`", samples["aws"], _MOST_OF_AWS_CLI)]


# instances that the sandbox records and never boots
_MAKE_MANY = f"""
import boto3
ec2 = boto3.client("ec2")
image = ec2.describe_images(Owners=["099720109477"])["Images"][0]["ImageId"]
tags = [
    {{"Key": "runctl:managed", "Value": "true"}},
    {{"Key": "runctl-sandbox:record", "Value": "true"}},
]
ec2.run_instances(
    ImageId=image, InstanceType="t3.micro", MinCount={_INSTANCES}, MaxCount={_INSTANCES},
    TagSpecifications=[{{"ResourceType": "instance", "Tags": tags}}],
)
"""
