"""Runs in containers on an instance: what they see of its volumes, and whose the files are that they write."""

from __future__ import annotations

import json

import pytest
from docker_support import HOME, PROJECT, WAITS, OnInstance, docker_machine
from ebs_support import Asked, ebs, key, made, volume

from account import Machine
from runctl.transport.agent_client import AgentClient

__all__ = ["docker_machine", "ebs", "key", "made", "volume"]  # fixtures
pytestmark = pytest.mark.slow
POINT = "/srv/of all: places, data"

WRITES = """
import json, os, sys
points = [line.split()[4] for line in open("/proc/self/mountinfo")]
point = sys.argv[1]
os.makedirs(point + "/new/deep", exist_ok=True)
for path in (point + "/new/deep/file", point + "/old/file", "out.txt", "checkpoints.pt"):
    with open(path, "w") as file:
        file.write("written")
os.symlink("/etc/passwd", point + "/old/link")
os.chmod("out.txt", 0o600)
print(json.dumps({"points": points, "uid": os.getuid()}))
"""


def test_a_volume_is_seen_once_at_its_own_path_and_what_is_written_there_is_the_users(
    ebs: Asked, volume: str, docker_machine: OnInstance
) -> None:
    machine = docker_machine.machine
    ebs("attach", volume, machine.id, "--mount-point", POINT)
    machine.ssh(f"mkdir '{POINT}/old' '{POINT}/others' && touch '{POINT}/others/kept' && sudo mkdir -p /srv/second")
    machine.ssh(f"sudo chown root '{POINT}/others/kept'; sudo mount --bind '{POINT}/old' /srv/second")
    try:
        run = docker_machine.start(WRITES, command=["train.py", POINT])
        assert docker_machine.finished(run)["outcome"] == "succeeded", docker_machine.log(run)
    finally:
        machine.ssh("sudo umount /srv/second")
    told = json.loads(docker_machine.output(run))
    escaped = POINT.replace(" ", "\\040")
    assert told["uid"] == 0
    assert [point for point in told["points"] if point.startswith("/srv")] == [escaped]
    assert f"{HOME}/.runctl/runs/{run}" in told["points"]
    assert owners(machine, POINT) == {"ubuntu": 8, "root": 1}
    assert owners(machine, PROJECT) == {"ubuntu": 4}
    assert machine.ssh("stat -c %U /etc/passwd").strip() == "root"
    assert machine.ssh(f"stat -c %U '{POINT}/others/kept'").strip() == "root"


def test_files_of_a_killed_script_are_the_users_too(docker_machine: OnInstance) -> None:
    run = docker_machine.start("open('big', 'w').close()\n" + WAITS)
    docker_machine.printed(run)
    assert AgentClient(docker_machine.transport).stop(run, 0, None)["outcome"] == "stopped"
    assert owners(docker_machine.machine, PROJECT) == {"ubuntu": 3}


def test_the_agent_is_killed_and_the_end_of_its_container_is_known_all_the_same(docker_machine: OnInstance) -> None:
    run = docker_machine.start("open('big', 'w').close()\n" + WAITS + "raise SystemExit(9)")
    docker_machine.printed(run)
    # agents (supervisor and keeper) and the process that waits for the container
    docker_machine.machine.ssh("pkill -KILL -f 'docker wai[t]|\\.runctl/agent/.*py[z]'")
    assert docker_machine.state(run)["agent"] == "lost"
    docker_machine.machine.ssh(f"touch {PROJECT}/go")
    assert docker_machine.finished(run)["exit_code"] == 9, docker_machine.log(run)
    assert owners(docker_machine.machine, PROJECT) == {"ubuntu": 4}


def test_a_user_without_dockers_group_gets_it_by_sudo(docker_machine: OnInstance) -> None:
    machine = docker_machine.machine
    machine.ssh("sudo gpasswd --delete ubuntu docker")
    docker_machine.transport.close()
    try:
        secret = {"TOKEN": "sesame"}
        run = docker_machine.start("import os; print(len(os.environ['TOKEN']))", secret, secret_names=["TOKEN"])
        assert docker_machine.finished(run)["outcome"] == "succeeded", docker_machine.log(run)
        assert docker_machine.output(run) == "6\n"
    finally:
        machine.ssh("sudo gpasswd --add ubuntu docker")
        docker_machine.transport.close()


def test_an_image_of_another_user_runs_so_that_it_can_write(docker_machine: OnInstance) -> None:
    image = "runctl-test-user:1"
    docker_machine.machine.ssh(f"printf 'FROM runctl-test-python:1\\nUSER app\\n' | docker build -q -t {image} -")
    script = "import os; open('out', 'w').close(); print(os.getuid(), os.environ['HOME'])"
    run = docker_machine.start(script, container={"image": image})
    assert docker_machine.finished(run)["outcome"] == "succeeded", docker_machine.log(run)
    assert docker_machine.output(run) == "0 /home/app\n"
    assert "the image's user app" in docker_machine.log(run)


def owners(machine: Machine, folder: str) -> dict[str, int]:
    """How many files and folders below one belong to whom."""
    lines = machine.ssh(f"sudo find '{folder}' -printf '%u\\n'").split()
    return {name: lines.count(name) for name in set(lines)}
