"""An image that only the client's Docker has is sent to the instance, once."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from docker_support import OnInstance, docker_machine
from ebs_support import key

from runctl.core.errors import RunctlError
from runctl.machines import docker_image
from runctl.machines.docker_image import Progress

__all__ = ["docker_machine", "key"]  # fixtures
pytestmark = pytest.mark.slow
NAME = "runctl-test-local:1"


@pytest.fixture
def local_image() -> Iterator[str]:
    """The id of an image that is on this machine alone."""
    image_id = built("first")
    yield image_id
    subprocess.run(["docker", "image", "rm", "--force", NAME], capture_output=True)


def test_a_local_image_is_sent_when_it_is_not_there_or_is_another(docker_machine: OnInstance, local_image: str) -> None:
    told: list[Progress] = []
    sent = docker_image.send(docker_machine.transport, NAME, told.append)
    assert sent is not None
    assert (sent.image_id, on(docker_machine)) == (local_image, local_image)
    assert told[-1].bytes_done > 1_000_000
    assert docker_image.send(docker_machine.transport, NAME, told.append) is None
    newer = built("second")
    assert docker_image.send(docker_machine.transport, NAME, told.append) is not None
    assert on(docker_machine) == newer
    run = docker_machine.start("print('hello')", container={"image": NAME})
    assert docker_machine.finished(run)["outcome"] == "succeeded", docker_machine.log(run)


def test_an_image_that_is_not_here_is_left_to_the_instance(docker_machine: OnInstance) -> None:
    assert docker_image.send(docker_machine.transport, "pytorch/pytorch:9", lambda _: None) is None


def test_an_instance_without_docker_says_so(docker_machine: OnInstance, local_image: str) -> None:
    docker_machine.machine.ssh("sudo mv /usr/bin/docker /usr/bin/docker.away")
    try:
        with pytest.raises(RunctlError, match="docker"):
            docker_image.send(docker_machine.transport, NAME, lambda _: None)
        run = docker_machine.start("print(1)")
        assert "Docker is not installed on this machine" in docker_machine.finished(run)["reason"]
    finally:
        docker_machine.machine.ssh("sudo mv /usr/bin/docker.away /usr/bin/docker")


def built(content: str) -> str:
    """The id of a new image of this name, which holds the machine's shell and Python."""
    from python_image import MAKE_IMAGE

    subprocess.run(
        ["sh", "-c", MAKE_IMAGE.replace('/root"', f'/root/{content}"'), "sh", NAME], check=True, capture_output=True
    )
    done = subprocess.run(["docker", "image", "inspect", "--format", "{{.Id}}", NAME], capture_output=True, check=True)
    return done.stdout.decode().strip()


def on(docker_machine: OnInstance) -> str:
    """The id of the image on the instance."""
    return docker_machine.machine.ssh(f"docker image inspect --format '{{{{.Id}}}}' {NAME}").strip()
