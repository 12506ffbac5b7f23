"""A host is a machine: it is logged into, shuts down, boots again, runs containers; and nothing of it stays."""

from __future__ import annotations

import io
import os
import secrets
import signal
import subprocess
import tarfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from queue import Queue
from typing import NamedTuple

import pytest

from runctl.core.process import Completed, run
from runctl.sandbox import hosts as hosts_module
from runctl.sandbox import network as network_module
from runctl.sandbox.hosts import Hosts, build_image, image, image_missing, missing_requirements
from runctl.sandbox.hosts.capabilities import held
from runctl.sandbox.model import Boot, SandboxError
from runctl.sandbox.network import Network

VPC = "vpc-0123456789abcdef0"
ENVIRONMENT = {"AWS_ENDPOINT_URL": "http://10.0.0.1:5000", "PERCENT": "50%n of 100%"}
NOTES_ITS_END = """
cat > /etc/systemd/system/noting.service <<'UNIT'
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/bin/touch /var/ended
UNIT
systemctl start noting
"""
# Docker on the host has no image to run: one is made of the host's own shell
MAKE_IMAGE = """
set -e; mkdir -p /root/image; cd /root/image
cp --parents -L /bin/sh /bin/cat $(ldd /bin/sh /bin/cat | grep -o '/lib[^ ]*' | sort -u) .
tar -c . | docker import - tiny
"""


class Site(NamedTuple):
    """A sandbox's hosts, and what the tests hear of them."""

    sandbox_id: str
    hosts: Hosts
    network: Network
    prefix: str
    folder: Path
    heard: Queue[tuple[str, str]]
    numbers: Iterator[int]

    def boot(self, network: str | None = None) -> Boot:
        """What a new host is made of. An id is never used again, as on EC2."""
        number = next(self.numbers)
        key = (self.folder / "key.pub").read_text()
        where = network or self.network.network_of(VPC, f"{self.prefix}.0.0/16")
        address = self.address(instance_id := f"i-{number}")
        return Boot(instance_id, f"host-{number}", where, address, (key,), b"", ENVIRONMENT)

    def address(self, instance_id: str) -> str:
        return f"{self.prefix}.16.{instance_id.removeprefix('i-')}"

    def create(self) -> str:
        """The id of a new host that has booted."""
        self.hosts.create(boot := self.boot())
        return self.booted(boot.instance_id)

    def ssh(self, instance_id: str, command: str, user: str = "ubuntu") -> Completed:
        """How a command ends over ssh, where the host key must be the one that was there first."""
        options = ["BatchMode=yes", "StrictHostKeyChecking=accept-new", "ConnectTimeout=1", "LogLevel=ERROR"]
        options += [f"UserKnownHostsFile={self.folder}/known_hosts", "ConnectionAttempts=30"]
        words = [word for option in options for word in ("-o", option)]
        return run(["ssh", "-i", str(self.folder / "key"), *words, f"{user}@{self.address(instance_id)}", command])

    def says(self, instance_id: str, script: str) -> str:
        """What a shell script prints that root runs on a host, where it must succeed."""
        done = self.hosts.run(instance_id, ["sh", "-c", script])
        assert done.code == 0, done
        return done.stdout.decode().strip()

    def booted(self, instance_id: str) -> str:
        """Waits until a host has booted. Returns its id."""
        self.says(instance_id, "until test -S /run/systemd/private; do :; done; systemctl is-system-running --wait")
        return instance_id


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    build_image(print)
    sandbox_id, folder = secrets.token_hex(4), tmp_path_factory.mktemp("site")
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")])
    network, hosts = Network(sandbox_id), Hosts(sandbox_id, folder)
    prefix = network.free_cidr().removesuffix(".0.0/16")
    heard: Queue[tuple[str, str]] = Queue()
    hosts.watch(lambda name: heard.put(("ended", name)), lambda name: heard.put(("rebooted", name)))
    yield Site(sandbox_id, hosts, network, prefix, folder, heard, count(10))
    hosts.close()
    hosts_module.remove_everything(sandbox_id)
    network_module.remove_everything(sandbox_id)
    assert of_sandbox(sandbox_id) == []


@pytest.fixture(scope="module")
def host(site: Site) -> str:
    """The id of a host that runs; tests leave it so."""
    return site.create()


@pytest.fixture
def other(site: Site) -> Iterator[str]:
    """The id of a host that a test may end."""
    instance_id = site.create()
    yield instance_id
    site.hosts.remove(instance_id)
    assert site.heard.empty()


def of_sandbox(sandbox_id: str) -> list[str]:
    """Docker's objects that carry a sandbox's label."""
    kinds = {"container": ["--all"], "volume": [], "network": []}
    label = f"label=runctl.sandbox={sandbox_id}"
    listed = [run(["docker", kind, "ls", "--quiet", *more, "--filter", label]).stdout for kind, more in kinds.items()]
    return b" ".join(listed).decode().split()


@pytest.mark.slow
@pytest.mark.parametrize("user", ["ubuntu", "ec2-user"])
def test_both_users_log_in_and_may_do_everything(site: Site, host: str, user: str) -> None:
    done = site.ssh(host, "whoami; sudo -n whoami; docker ps --quiet; hostname", user)
    assert (done.code, done.stdout.decode().split()) == (0, [user, "root", host.replace("i-", "host-")]), done


@pytest.mark.slow
@pytest.mark.parametrize("before", ["", "sudo -n ", "sudo -n systemd-run --quiet --pipe "])
def test_every_process_is_told_where_the_account_is(site: Site, host: str, before: str) -> None:
    done = site.ssh(host, f"{before}env")
    assert {f"{name}={value}" for name, value in ENVIRONMENT.items()} <= set(done.stdout.decode().splitlines()), done


@pytest.mark.slow
def test_a_command_gets_its_input_and_its_exit_code_comes_back(site: Site, host: str) -> None:
    done = site.hosts.run(host, ["sh", "-c", "cat; echo wrong >&2; exit 3"], stdin=b"\0\xff")
    assert done == Completed(3, b"\0\xff", b"wrong\n")
    assert site.hosts.run(host, ["sleep", "1000"], timeout_s=0.1).code == 124
    assert site.hosts.run(host, ["pgrep", "-x", "sleep"]).code == 1


@pytest.mark.slow
def test_no_service_failed_to_start(site: Site, host: str) -> None:
    assert site.says(host, "systemctl list-units --failed --plain --no-legend") == ""
    assert site.says(host, "cloud-init status --wait --long").splitlines() == ["status: done", "errors: []"]


@pytest.mark.slow
def test_the_console_shows_the_host_keys(site: Site, host: str) -> None:
    site.says(host, "cloud-init status --wait")
    key = site.says(host, "cat /etc/ssh/ssh_host_ed25519_key.pub")
    shown = site.hosts.console(host).partition("-----BEGIN SSH HOST KEY KEYS-----\n")[2]
    assert key in shown.partition("-----END SSH HOST KEY KEYS-----")[0].splitlines()


@pytest.mark.slow
def test_its_own_docker_runs_containers_that_see_its_disk(site: Site, host: str) -> None:
    site.says(host, MAKE_IMAGE)
    limits = "--memory 100m --cpus 1"
    assert site.says(host, f"docker run --rm {limits} -v /etc:/of-host:ro tiny /bin/cat /of-host/passwd").startswith(
        "root:"
    )
    assert site.says(host, "docker run --rm tiny /bin/cat /proc/sys/net/ipv4/ip_forward") == "1"


@pytest.mark.slow
def test_a_container_of_its_own_docker_is_there_again_after_a_reboot(site: Site, other: str) -> None:
    site.says(other, MAKE_IMAGE)
    site.says(other, "docker run --detach --name serving --restart always tiny /bin/sh -c 'kill -STOP $$'")
    site.hosts.reboot(other)
    running = "docker inspect --format '{{.State.Running}}' serving"
    assert (
        site.says(site.booted(other), f"until systemctl is-active docker; do :; done > /dev/null; {running}") == "true"
    )


@pytest.mark.slow
def test_stop_and_start_keep_the_disk_and_the_host_key_and_nothing_else(site: Site, other: str) -> None:
    assert site.ssh(other, "echo kept > kept; touch /run/user/$UID/lost").code == 0
    site.says(other, "systemd-run --quiet sleep 1000")
    machine = site.says(other, "cat /etc/machine-id")
    site.hosts.stop(other)
    assert site.hosts.pid(other) is None
    site.hosts.start(other)
    done = site.ssh(other, "cat kept; pgrep -x sleep; ls /run/user/$UID/lost; cat /etc/machine-id")
    assert done.stdout.decode().split() == ["kept", machine], done


@pytest.mark.slow
def test_each_host_has_keys_of_its_own(site: Site, host: str, other: str) -> None:
    identity = "cat /etc/ssh/ssh_host_*_key.pub /etc/machine-id"
    assert not set(site.says(host, identity).splitlines()) & set(site.says(other, identity).splitlines())


@pytest.mark.slow
def test_a_stop_is_in_order_and_a_power_cut_is_not(site: Site, other: str) -> None:
    site.says(other, NOTES_ITS_END)
    site.hosts.kill(other)
    site.hosts.start(other)
    assert site.says(site.booted(other), "ls /var/ended || true") == ""
    site.says(other, "systemctl start noting")
    site.hosts.stop(other)
    site.hosts.start(other)
    assert site.says(other, "ls /var/ended") == "/var/ended"


@pytest.mark.slow
def test_a_host_that_has_hardly_begun_to_boot_is_stopped_in_order_too(site: Site, other: str) -> None:
    site.hosts.stop(other)
    for _ in range(3):
        site.hosts.start(other)
        site.hosts.stop(other)
        name = f"runctl-{site.sandbox_id}-{other}"
        code = run(["docker", "inspect", "--format", "{{.State.ExitCode}}", name]).stdout.decode().strip()
        assert code == "130"  # 137 would be a power cut


@pytest.mark.slow
@pytest.mark.parametrize("command", ["shutdown -h now", "poweroff", "halt", "systemctl poweroff", "poweroff -ff"])
def test_a_host_that_shuts_itself_down_is_reported(site: Site, other: str, command: str) -> None:
    site.ssh(other, f"sudo {command}")
    assert site.heard.get(timeout=60) == ("ended", other)
    assert site.hosts.pid(other) is None


@pytest.mark.slow
@pytest.mark.parametrize("command", ["shutdown -r now", "reboot"])
def test_a_host_that_reboots_itself_boots_again(site: Site, other: str, command: str) -> None:
    before = site.hosts.pid(other)
    site.ssh(other, f"sudo {command}")
    assert site.heard.get(timeout=60) == ("rebooted", other)
    assert site.hosts.pid(other) not in (None, before)


@pytest.mark.slow
def test_a_host_that_crashes_is_reported(site: Site, other: str) -> None:
    pid = site.hosts.pid(other)
    assert pid
    os.kill(pid, signal.SIGKILL)
    assert site.heard.get(timeout=60) == ("ended", other)


@pytest.mark.slow
def test_only_what_a_host_does_by_itself_is_reported(site: Site, other: str) -> None:
    for act in (site.hosts.reboot, site.hosts.kill, site.hosts.start, site.hosts.stop, site.hosts.start):
        act(other)
    site.hosts.remove(site.create())
    site.ssh(other, "sudo poweroff")
    assert site.heard.get(timeout=60) == ("ended", other)


@pytest.mark.slow
def test_what_there_is_not_is_not_ended_but_can_not_be_started(site: Site) -> None:
    for act in (site.hosts.stop, site.hosts.kill, site.hosts.remove):
        act("i-0")
    assert site.hosts.pid("i-0") is None
    with pytest.raises(SandboxError, match="No such container"):
        site.hosts.start("i-0")


@pytest.mark.slow
def test_a_creation_that_fails_leaves_nothing(site: Site) -> None:
    before = of_sandbox(site.sandbox_id)
    with pytest.raises(SandboxError, match="no-such-network"):
        site.hosts.create(site.boot("no-such-network"))
    assert of_sandbox(site.sandbox_id) == before


@pytest.mark.slow
def test_a_sandbox_is_removed_whole_and_no_other(site: Site, host: str) -> None:
    beside = secrets.token_hex(4)
    try:
        Hosts(beside, site.folder).create(site.boot())
        assert len(of_sandbox(beside)) == 2  # with the disk of its Docker
    finally:
        hosts_module.remove_everything(beside)
    assert of_sandbox(beside) == []
    assert site.hosts.pid(host)


@pytest.mark.slow
def test_the_end_of_the_watch_ends_its_process(site: Site) -> None:
    watching = Hosts(sandbox_id := secrets.token_hex(4), site.folder)
    watching.watch(print)
    listed = ["pgrep", "--full", f"docker events.*{sandbox_id}"]
    while run(listed).code != 0:
        pass
    watching.close()
    while run(listed).code == 0:
        pass


@pytest.mark.slow
def test_the_image_holds_no_secret_and_nothing_of_the_machine_that_built_it(site: Site) -> None:
    made = run(["docker", "create", "--network", "none", image.tag()]).stdout.decode().strip()
    try:
        names = set(tarfile.open(fileobj=io.BytesIO(run(["docker", "export", made]).stdout)).getnames())
    finally:
        run(["docker", "rm", made])
    assert {"usr/bin/cloud-init", "usr/sbin/sshd"} <= names
    assert not [name for name in names if name.startswith("etc/ssh/ssh_host_") or name.endswith("authorized_keys")]
    assert not [name for name in names if name.startswith(("var/lib/apt/lists/", "var/cache/apt/", "var/log/apt"))]
    assert not [name for name in names if name.startswith("tmp/")]


@pytest.mark.slow
def test_an_image_that_is_there_is_not_built_again(site: Site) -> None:
    said: list[str] = []
    build_image(said.append)
    assert (said, image_missing()) == ([], False)


@pytest.mark.slow
def test_this_machine_lacks_nothing() -> None:
    assert missing_requirements() == []


def test_what_is_missing_is_named_with_the_command_that_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    lines = missing_requirements()
    assert "docker: apt-get install --yes docker.io" in lines
    assert "nft: apt-get install --yes nftables" in lines


def test_an_engine_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    (line,) = missing_requirements()
    assert line.startswith("a Docker engine that answers: ")


def test_somebody_who_is_not_root_is_told_so() -> None:
    code = (
        "import os; os.setuid(65534); from runctl.sandbox.hosts.requirements import missing_requirements as missing; "
    )
    done = subprocess.run(["python3", "-c", code + "print(missing())"], env={"PYTHONPATH": "src"}, capture_output=True)
    assert done.stdout.decode().strip() == "['root: run the command with sudo']", done


def test_capabilities_are_read_as_the_kernel_writes_them(tmp_path: Path) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tpython\nCapEff:\t0000000000200080\n")
    assert held(status) == {"SETUID", "SYS_ADMIN"}
