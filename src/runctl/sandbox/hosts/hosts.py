"""Hosts of instances: each a container that boots Debian with systemd, and is seen from outside as a machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep, time

from runctl.core.process import Completed
from runctl.sandbox.hosts.capabilities import granted
from runctl.sandbox.hosts.docker import (
    INSTANCE_LABEL,
    SANDBOX_LABEL,
    attempt,
    docker,
    remove_containers,
    with_label,
)
from runctl.sandbox.hosts.image import tag
from runctl.sandbox.hosts.seed import seed
from runctl.sandbox.hosts.watch import Watch
from runctl.sandbox.model import Boot

STOP_SECONDS = 20
_SHUT_DOWN = 34 + 3  # SIGRTMIN+3 on Linux: systemd(1), "Signals"
_POLL_S = 0.02
# as much as EC2 keeps of it
_CONSOLE_BYTES = 64 * 1024


class Hosts:
    """The hosts of one sandbox. A method that is given the id of no host raises SandboxError, unless it says otherwise;
    so does whatever Docker refuses."""

    def __init__(self, sandbox_id: str, folder: Path) -> None:
        self._sandbox_id = sandbox_id
        self._watch = Watch(sandbox_id, self._boot)

    def create(self, boot: Boot) -> None:
        """Makes a host and starts it; returns when its init runs. What is made is removed again where that fails."""
        name = self._name(boot.instance_id)
        labels, shape = _labels(self._sandbox_id, boot), _shape(self._sandbox_id, boot)
        docker("create", "--name", name, *labels, *shape, *_powers(), tag())
        try:
            docker("cp", "-", f"{name}:/", stdin=seed(boot))
            docker("start", name)
        except BaseException:
            self.remove(boot.instance_id)
            raise

    def start(self, instance_id: str) -> None:
        """Boots a stopped host again: the same disk, new processes. User data is not run again."""
        self._watch.allow(instance_id)
        self._boot(instance_id)

    def stop(self, instance_id: str) -> None:
        """Shuts a host down in order, as EC2's StopInstances; the power is cut if that takes longer than 20 s. Silent
        when it does not run."""
        if self._watch.expect(instance_id, self.pid):
            self._until_it_listens(instance_id)
            docker("stop", "-t", str(STOP_SECONDS), self._name(instance_id))

    def reboot(self, instance_id: str) -> None:
        """Shuts a host down in order and boots it again."""
        self.stop(instance_id)
        self.start(instance_id)

    def kill(self, instance_id: str) -> None:
        """Cuts the power of a host; silent when it does not run."""
        if self._watch.expect(instance_id, self.pid):
            docker("kill", self._name(instance_id))

    def remove(self, instance_id: str) -> None:
        """Removes a host with its disk, running or not; silent when there is none."""
        self._watch.forget(instance_id)
        remove_containers([self._name(instance_id)])

    def pid(self, instance_id: str) -> int | None:
        """The process id, on this machine, of a host's init. None when it does not run, or does not exist."""
        done = attempt("inspect", "--type", "container", "--format", "{{.State.Pid}}", self._name(instance_id))
        return int(done.stdout) or None if done.code == 0 else None

    def run(self, instance_id: str, command: list[str], stdin: bytes = b"", timeout_s: float = 60) -> Completed:
        """How a command ends that is run as root on a host; with exit code 124 when it is ended after `timeout_s`."""
        bounded = ["timeout", "--kill-after=5", f"{timeout_s}", *command]
        return attempt("exec", "--interactive", self._name(instance_id), *bounded, stdin=stdin)

    def console(self, instance_id: str) -> str:
        """The last 64 KiB of what a host wrote to its console, of all its boots."""
        text = docker("logs", self._name(instance_id)).replace("\r\n", "\n")
        return text.encode()[-_CONSOLE_BYTES:].decode(errors="replace")

    def watch(self, ended: Callable[[str], None], rebooted: Callable[[str], None] = lambda _: None) -> None:
        """Starts a thread that calls `ended(instance_id)` whenever a host ended without being told to by this object:
        it was shut down from inside, or crashed. One that reboots itself is booted again, then `rebooted(instance_id)`
        is called: it is another process now, in another network namespace, with an empty /dev."""
        self._watch.begin(time(), ended, rebooted)

    def close(self) -> None:
        """Ends the watching, if any. The hosts go on."""
        self._watch.end()

    def _until_it_listens(self, instance_id: str) -> None:
        """Waits until a host that has only begun to boot takes the signal to shut down: systemd blocks it then, to read
        it from a descriptor. Sent before, it would be lost."""
        pid = self.pid(instance_id)
        deadline = monotonic() + STOP_SECONDS
        while pid and not _takes(pid, _SHUT_DOWN) and monotonic() < deadline:
            sleep(_POLL_S)

    def _boot(self, instance_id: str) -> None:
        docker("start", self._name(instance_id))

    def _name(self, instance_id: str) -> str:
        return f"runctl-{self._sandbox_id}-{instance_id}"


def remove_everything(sandbox_id: str) -> None:
    """Removes all hosts of a sandbox and their volumes, whether its daemon lives or not."""
    while containers := with_label(SANDBOX_LABEL, sandbox_id, "container"):
        remove_containers(containers)
    volumes = with_label(SANDBOX_LABEL, sandbox_id, "volume")
    if volumes:
        docker("volume", "rm", "--force", *volumes)


def _takes(pid: int, number: int) -> bool:
    """True when a process is a systemd that blocks a signal, or is no more. What was there before systemd may block it
    too."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return True
    fields = dict(line.split(":\t", 1) for line in lines)
    return fields["Name"] == "systemd" and bool(int(fields["SigBlk"], 16) >> (number - 1) & 1)


def _labels(sandbox_id: str, boot: Boot) -> list[str]:
    return ["--label", f"{SANDBOX_LABEL}={sandbox_id}", "--label", f"{INSTANCE_LABEL}={boot.instance_id}"]


def _shape(sandbox_id: str, boot: Boot) -> list[str]:
    """The machine: its name, network, memory file systems, console, and the disk of its own Docker, which can't be on
    the host's layered one."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    variables = [word for name, value in boot.environment.items() for word in ("--env", f"{name}={value}")]
    return [
        *("--hostname", boot.hostname),
        *("--network", boot.network, "--ip", boot.address),
        *("--tmpfs", "/run:exec", "--tmpfs", "/run/lock"),
        *("--shm-size", str(memory // 2)),
        *("--mount", f"type=volume,destination=/var/lib/docker,volume-label={SANDBOX_LABEL}={sandbox_id}"),
        *("--stop-signal", str(_SHUT_DOWN)),
        *("--log-driver", "json-file", "--log-opt", "max-size=1m"),
        "--tty",
        *variables,
    ]


def _powers() -> list[str]:
    capabilities = [f"--cap-add={name}" for name in granted()]
    unconfined = ["--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined"]
    # devices: the disks of volumes are made in it by number
    return ["--cap-drop=ALL", *capabilities, *unconfined, "--cgroupns=private", "--device-cgroup-rule=a *:* rwm"]
