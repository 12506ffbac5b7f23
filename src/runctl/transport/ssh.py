"""A machine reached by the system's OpenSSH: one connection each, kept open for a while, and shared by all commands."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, NamedTuple, NoReturn

from runctl.core import process
from runctl.core.errors import RunctlError
from runctl.transport import control, known_hosts, quoting, ssh_errors

CONNECT_S, CONNECT_THROUGH_PROXY_S = 10, 30
# a connection over which nothing comes back for so long is given up; a proxy mends its own for a quarter of an hour
_SILENCE_S, _SILENCE_OF_PROXY_S = 30, 900
_ALIVE_COUNT = 3
KEPT_OPEN_S = 600

_WRITE_WHOLE = """\
umask 077
part="$1.$$.part"
mkdir -p "$(dirname "$1")" && cat > "$part" && test "$(wc -c < "$part")" -eq "$2" && mv "$part" "$1" && exit
rm -f "$part"
exit 1"""


class SshTarget(NamedTuple):
    """How a machine is reached. Its host keys are kept under `instance_id`; without a `key` the user's own are tried;
    `proxy` is a command over which to speak, None for a direct connection."""

    instance_id: str
    host: str
    port: int
    user: str
    key: Path | None
    known_hosts: Path
    proxy: tuple[str, ...] | None


class SshTransport:
    """Reaches a machine by SSH. The commands start in the user's home folder, which relative paths count from."""

    home = ".runctl"
    python = "python3"

    def __init__(self, target: SshTarget, prefix: tuple[str, ...] = ()) -> None:
        self.target = target
        self._prefix = prefix
        self._socket = control.socket_of(target.instance_id, target)

    def sudo(self) -> SshTransport:
        """The same machine by the same connection, but `run` and `stream` have root's rights. What `put` writes is
        the user's nonetheless."""
        return SshTransport(self.target, ("sudo", "-n", "--"))

    def connected(self) -> bool:
        """Whether a connection is open now, by whichever process."""
        return control.answers(self._socket)

    def connect(self) -> None:
        """Opens the connection, if it isn't. Raises UnreachableError, RefusedError for a host key that has changed,
        RunctlError."""
        if self.connected():
            return
        self.target.known_hosts.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with control.connecting(self._socket):
            if self.connected():
                return
            # what a killed connection left behind would keep the new one from being shared
            self._socket.unlink(missing_ok=True)
            # a session of its own, so that no Ctrl-C meant for one command ends what others use
            opened = process.run_leaving([*self._ssh(), "-o", "ControlMaster=yes", "-N", "-f", "--", self.target.host])
        if opened.code != 0:
            raise ssh_errors.translated(self.target, opened.stderr)

    def close(self) -> None:
        """Ends the connection, if one is open."""
        if self.connected():
            process.run([*self._ssh(), "-O", "exit", "--", self.target.host])

    def put(self, path: str, data: bytes) -> None:
        """Writes a file whole, for the user alone. Raises UnreachableError, RunctlError."""
        written = self._as_user().run(["sh", "-c", _WRITE_WHOLE, "sh", path, str(len(data))], data)
        if written.code != 0:
            reason = ssh_errors.shown(written.stderr) or "the connection ended too early"
            raise RunctlError(f"cannot write {path} on {self.target.instance_id}: {reason}")

    def exists(self, path: str) -> bool:
        """Whether there is a file of this path. Raises UnreachableError."""
        return self._as_user().run(["test", "-e", path]).code == 0

    def run(self, command: list[str], stdin: bytes = b"") -> process.Completed:
        """Runs a command to its end, with exactly these arguments; a program ended by a signal has the exit code 128
        and its number. Raises UnreachableError, also when the connection was lost meanwhile; RunctlError."""
        self.connect()
        done = process.run(self._session(command), stdin)
        self._raise_if_lost(done)
        if quoting.STARTED not in done.stdout:
            raise ssh_errors.not_started(self.target, done)
        return process.Completed(done.code, _after_start(done.stdout), _after_start(done.stderr))

    def stream(self, command: list[str], stdin: bytes = b"", more_input: bool = False) -> SshStream:
        """Runs a command whose output is read while it goes on; with `more_input` its stdin stays open after `stdin`.
        Raises UnreachableError, RunctlError."""
        self.connect()
        return SshStream(self, self._session(command), stdin, more_input)

    def shell(self, command: list[str], terminal: bool) -> NoReturn:
        """Makes this process an ssh that runs a command, or the user's login shell when `command` is empty. `terminal`
        gives the command one. Raises UnreachableError, RunctlError."""
        self.connect()
        remote = [quoting.remote_command(command)] if command else []
        process.become([*self._ssh(), "-t" if terminal else "-T", "--", self.target.host, *remote])

    @property
    def ssh_command(self) -> list[str]:
        """The ssh that uses this connection, for other programs; what is to be run there may be added."""
        return [*self._ssh(), "--", self.target.host]

    def _as_user(self) -> SshTransport:
        return SshTransport(self.target) if self._prefix else self

    def _session(self, command: list[str]) -> list[str]:
        remote = quoting.marked_command([*self._prefix, *command])
        return [*self._ssh(), "-T", "--", self.target.host, remote]

    def _ssh(self) -> list[str]:
        return ["ssh", *_options(self.target), "-o", f'ControlPath="{_escaped(self._socket)}"']

    def _raise_if_lost(self, done: process.Completed) -> None:
        """255 is what ssh says when it fails, and what a command may say itself: then the connection is still there."""
        if done.code == ssh_errors.FAILED and not self.connected():
            raise ssh_errors.lost(self.target, _after_start(done.stderr))


class SshStream(process.Stream):
    """A command's output, as it comes."""

    def __init__(self, transport: SshTransport, command: list[str], stdin: bytes, more_input: bool) -> None:
        super().__init__(command, stdin, more_input=more_input)
        self._transport = transport
        self._begun = False
        if not more_input:
            self._begin()

    @property
    def stdout(self) -> BinaryIO:
        """What the command prints; waits until it has started. Raises UnreachableError, RunctlError."""
        if not self._begun:
            self._begin()
        return self._stdout

    def _begin(self) -> None:
        self._begun = True
        if not _skip_to_start(self._stdout):
            done = self.result()
            self.__exit__()
            raise ssh_errors.not_started(self._transport.target, done)

    def result(self) -> process.Completed:
        """Waits for the end. Returns exit code and stderr. Raises UnreachableError when the connection was lost."""
        done = super().result()
        self._transport._raise_if_lost(done)
        return process.Completed(done.code, done.stdout, _after_start(done.stderr))


def _options(target: SshTarget) -> list[str]:
    """What must hold whatever the user's own configuration says; the rest of that (jump hosts, ciphers) counts."""
    known = known_hosts.knows(target.known_hosts, target.instance_id)
    limit_s = CONNECT_THROUGH_PROXY_S if target.proxy else CONNECT_S
    silence_s = _SILENCE_OF_PROXY_S if target.proxy else _SILENCE_S
    options = {
        "HostKeyAlias": target.instance_id,
        "UserKnownHostsFile": f'"{_escaped(target.known_hosts)}"',
        "GlobalKnownHostsFile": "/dev/null",
        # of a host that is known by one type of key, no other type is taken on trust
        "StrictHostKeyChecking": "yes" if known else "accept-new",
        "UpdateHostKeys": "no",
        "HashKnownHosts": "no",
        "CheckHostIP": "no",
        "BatchMode": "yes",
        "PreferredAuthentications": "publickey",
        "AddKeysToAgent": "no",
        "ControlPersist": str(KEPT_OPEN_S),
        "ConnectTimeout": str(limit_s),
        "ServerAliveInterval": str(silence_s // _ALIVE_COUNT),
        "ServerAliveCountMax": str(_ALIVE_COUNT),
        "ForwardAgent": "no",
        "ForwardX11": "no",
        "ClearAllForwardings": "yes",
        "PermitLocalCommand": "no",
        "RemoteCommand": "none",
        "LogLevel": "ERROR",
    }
    if target.proxy:
        import shlex

        options["ProxyCommand"] = shlex.join(target.proxy).replace("%", "%%")
    words = ["-l", target.user, "-p", str(target.port)]
    if target.key:
        words += ["-o", f'IdentityFile="{_escaped(target.key)}"', "-o", "IdentitiesOnly=yes"]
    for name, value in options.items():
        words += ["-o", f"{name}={value}"]
    return words


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")


def _after_start(output: bytes) -> bytes:
    """What a command wrote, without what the user's shell wrote before."""
    before, started, after = output.partition(quoting.STARTED)
    return after if started else before


def _skip_to_start(output: BinaryIO) -> bool:
    """Reads up to where the command's own output begins. Returns False when it never does."""
    return any(line.endswith(quoting.STARTED) for line in iter(output.readline, b""))
