"""A machine that is reached by SSH: an sshd of this machine, with a home folder of its own for whoever logs in."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from bench.place import Place
from bench.timing import MeasureFailed, timed

INSTANCE = "i-0123456789abcdef0"
_LONGEST_START_S = 10.0
# has runctl know the machine, as after a first command: a connection that is open, and disks that were looked at
_CONNECT = f"""
import sys
from pathlib import Path
from runctl.machines import readiness, warm
from runctl.transport.ssh import SshTarget, SshTransport
home, port, user, key, hosts = sys.argv[1:]
target = SshTarget("{INSTANCE}", "127.0.0.1", int(port), user, Path(key), Path(hosts), None)
transport = SshTransport(target)
transport.connect()
warm.remember(Path(home), target)
readiness.remember(Path(home), transport, "us-east-1", None, None)
"""


class Sshd:
    """An sshd, and how runctl and ssh reach it, each by an open connection. It ends with the `with` block."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._folder = place.new_folder()
        self.home = place.new_folder()
        self.user_home = place.new_folder()
        self._key = self._folder / "key"
        self._port = _free_port()
        self.environment = {
            **place.environment(self.user_home),
            "XDG_RUNTIME_DIR": str(self._folder),
            "RUNCTL_GRACE": "1",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Sshd:
        self._process = self._start()
        self._connect()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            # the clients of its connections end with them
            for pid in (*_children(self._process.pid), self._process.pid):
                os.kill(pid, signal.SIGKILL)
            self._process.wait()

    @property
    def ssh(self) -> list[str]:
        """A plain ssh with a control socket; the host and a command may be added."""
        options = {
            "ControlMaster": "auto",
            "ControlPath": self._folder / "control",
            "ControlPersist": "600",
            "IdentitiesOnly": "yes",
            "BatchMode": "yes",
            "StrictHostKeyChecking": "accept-new",
            "UserKnownHostsFile": self._folder / "hosts",
        }
        words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        return ["ssh", "-F", "none", "-p", str(self._port), "-i", str(self._key), *words]

    @property
    def host(self) -> str:
        return "127.0.0.1"

    def _start(self) -> subprocess.Popen[bytes]:
        for name in ("key", "host"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self._folder / name], check=True)
        shutil.copy(f"{self._key}.pub", self._folder / "authorized_keys")
        login = self._folder / "login"
        login.write_text(f'cd {self.home}\nexport HOME={self.home}\nexec sh -c "$SSH_ORIGINAL_COMMAND"\n')
        settings = {
            "ListenAddress": f"127.0.0.1:{self._port}",
            "HostKey": self._folder / "host",
            "AuthorizedKeysFile": self._folder / "authorized_keys",
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PermitRootLogin": "prohibit-password",
            "PasswordAuthentication": "no",
            "ForceCommand": f"sh {login}",
        }
        config = self._folder / "sshd_config"
        config.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
        if program is None:
            raise MeasureFailed("there is no sshd: sh tools/install_system_packages.sh")
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        with (self._folder / "log").open("wb") as log:
            process = subprocess.Popen([program, "-D", "-e", "-f", config], stderr=log, env=self.environment)
        deadline = time.monotonic() + _LONGEST_START_S
        while not _answers(self._port):
            if time.monotonic() > deadline:
                raise MeasureFailed(f"sshd does not start: {(self._folder / 'log').read_text()}")
            time.sleep(0.01)
        return process

    def _connect(self) -> None:
        home = self.environment["RUNCTL_HOME"]
        words = [home, str(self._port), getpass.getuser(), str(self._key), str(self._folder / "hosts.runctl")]
        timed([self._place.python, "-c", _CONNECT, *words], self.environment, self.user_home)
        timed([*self.ssh, self.host, "true"], self.environment, self.user_home)


def _children(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port
