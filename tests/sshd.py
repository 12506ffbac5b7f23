"""A real sshd on a port of this machine, with a home folder of its own for whoever logs in."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from account import until
from runctl.machines import warm
from runctl.transport.ssh import SshTarget, SshTransport

INSTANCE = "i-0123456789abcdef0"
SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin") or "sshd"


class Sshd:
    """An sshd that may be stopped, started again, and given another host key. It lets the current user in by `key`."""

    def __init__(self, folder: Path, remote_home: Path, known_hosts: Path) -> None:
        self.folder = folder
        self.home = remote_home
        self.port = _free_port()
        self.key = folder / "key"
        self.known_hosts = known_hosts
        self._process: subprocess.Popen[bytes] | None = None
        for path in (folder, remote_home):
            path.mkdir(parents=True)
        make_key(self.key)
        shutil.copy(f"{self.key}.pub", folder / "authorized_keys")
        make_key(folder / "host")
        self.use_login_shell("sh")

    @property
    def host_key(self) -> str:
        return (self.folder / "host.pub").read_text()

    def target(self, **different: object) -> SshTarget:
        """How to reach it."""
        target = SshTarget(INSTANCE, "127.0.0.1", self.port, getpass.getuser(), self.key, self.known_hosts, None)
        return target._replace(**different)

    def use_login_shell(self, shell: str, start_up: str = "") -> None:
        """Has every command read by this shell, in the home folder, after the `start_up` lines for sh."""
        login = self.folder / "login"
        login.write_text(
            f"cd {self.home}\nexport HOME={self.home}\n{start_up}\n"
            f'[ "$SSH_ORIGINAL_COMMAND" ] && exec {shell} -c "$SSH_ORIGINAL_COMMAND"\nexec {shell}\n'
        )

    def start(self) -> None:
        settings = {
            "ListenAddress": f"127.0.0.1:{self.port}",
            "HostKey": self.folder / "host",
            "AuthorizedKeysFile": self.folder / "authorized_keys",
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PermitRootLogin": "prohibit-password",
            "PasswordAuthentication": "no",
            # bash then takes itself for a shell within a shell, and does not read the start-up files of the real user
            "SetEnv": "SHLVL=1",
            "ForceCommand": f"sh {self.folder / 'login'}",
        }
        config = self.folder / "sshd_config"
        config.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        if os.getuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen([SSHD, "-D", "-e", "-f", config], stderr=log)
        until(self._answers, "sshd", found_instead=(self.folder / "log").read_text)

    def stop(self) -> None:
        """Stops listening, and cuts every connection."""
        if self._process:
            servants = _servants(self._process.pid)
            self._process.kill()
            self._process.wait()
            _kill(servants)
            self._process = None

    def cut_connections(self) -> None:
        """Cuts every connection, and goes on listening. What runs over them is left to itself."""
        assert self._process
        _kill(_servants(self._process.pid))

    def _answers(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def running(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sshd]:
    """A running sshd, which has ended afterwards. What lies in its home folder begins with the test's own, so that a
    process of a run left there is noticed as any other."""
    sshd = Sshd(home.parent / "sshd", home.parent / "home-remote", home / "known_hosts")
    with own_connections(monkeypatch):
        sshd.start()
        try:
            yield sshd
        finally:
            sshd.stop()


@contextmanager
def instance(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sshd]:
    """The same as an instance called INSTANCE that was reached a moment ago, with a connection that is open; of AWS
    nobody can be asked."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    with running(home, monkeypatch) as sshd:
        connect(home, sshd)
        yield sshd


def connect(home: Path, sshd: Sshd) -> SshTransport:
    """Opens a connection, as the next commands will use it."""
    transport = SshTransport(sshd.target())
    transport.connect()
    warm.remember(home, sshd.target())
    return transport


@contextmanager
def own_connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Control connections of a test's own, which have ended afterwards. Yields the folder of their sockets."""
    folder = Path(tempfile.mkdtemp(prefix="rx", dir="/tmp"))  # a test's own folder has too long a path
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    try:
        yield folder
    finally:
        close_connections(folder)
        shutil.rmtree(folder)


def close_connections(folder: Path) -> None:
    """Ends every control connection whose socket is under `folder`, and waits for it."""
    for path in folder.rglob("*"):
        if path.is_socket():
            subprocess.run(["ssh", "-o", f"ControlPath={path}", "-O", "exit", "any"], capture_output=True)
            until(lambda path=path: not path.exists(), f"the end of the connection of {path}")


def make_key(path: Path) -> None:
    """Makes a key pair, in place of one that may be there."""
    path.unlink(missing_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)


def _kill(pids: list[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue  # it has ended by itself


def _servants(pid: int) -> list[int]:
    """The sshd processes below an sshd: one for each connection, and below it one with the user's rights."""
    own = [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    own = [child for child in own if Path(f"/proc/{child}/comm").read_text().startswith("sshd")]
    return [*own, *(each for child in own for each in _servants(child))]


def _free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port
