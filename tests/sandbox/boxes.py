"""Hosts in a network of their own, without an account: what the tests of disks and networks look at."""

from __future__ import annotations

import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runctl.core.process import Completed
from runctl.sandbox import hosts, network
from runctl.sandbox.hosts import Hosts, build_image
from runctl.sandbox.model import Boot
from runctl.sandbox.network import Network

VPC = "vpc-0123456789abcdef0"


class Boxes:
    """A network, and the hosts in it by their numbers."""

    def __init__(self, sandbox_id: str, folder: Path) -> None:
        self.sandbox_id = sandbox_id
        self.hosts = Hosts(sandbox_id, folder)
        self.network = Network(sandbox_id)
        self._cidr = self.network.free_cidr()
        self._name = self.network.network_of(VPC, self._cidr)

    def address(self, number: int) -> str:
        """The private address of a host."""
        return f"{self._cidr.split('.0.0/')[0]}.16.{number + 10}"

    def boot(self, number: int) -> int:
        """A new host. Returns the pid of its init."""
        boot = Boot(str(number), f"host-{number}", self._name, self.address(number), (), b"", {})
        self.hosts.create(boot)
        return self.pid(number)

    def pid(self, number: int) -> int:
        pid = self.hosts.pid(str(number))
        assert pid
        return pid

    def run(self, number: int, script: str) -> Completed:
        """How a line of shell ends in that host."""
        return self.hosts.run(str(number), ["bash", "-c", script])

    def says(self, number: int, script: str) -> str:
        """What a line of shell prints in that host, where it must succeed."""
        done = self.run(number, script)
        assert done.code == 0, done
        return done.stdout.decode().strip()


@contextmanager
def boxes(folder: Path) -> Iterator[Boxes]:
    """Afterwards nothing of it is left."""
    build_image(print)
    sandbox_id = secrets.token_hex(4)
    try:
        yield Boxes(sandbox_id, folder)
    finally:
        hosts.remove_everything(sandbox_id)
        network.remove_everything(sandbox_id)


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Boxes]:
    """The hosts 1 and 2, for all tests of a file."""
    with boxes(tmp_path_factory.mktemp("hosts")) as made:
        made.boot(1)
        made.boot(2)
        yield made


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    """Waits for something that shall happen."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def output(*command: str) -> str:
    """What a program prints on this machine."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
