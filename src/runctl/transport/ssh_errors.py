"""What ssh's messages mean, as runctl's errors. That a machine can't be reached says nothing about the machine."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from runctl.core.errors import RefusedError, RunctlError, UnreachableError, UsageError
from runctl.core.process import Completed
from runctl.core.text import printable

if TYPE_CHECKING:
    from runctl.transport.ssh import SshTarget


class LoginRefusedError(RunctlError):
    """The machine answers, and lets this user in with none of the keys that were offered."""


# ssh's own exit code when it fails, which a command may have as well
FAILED = 255
_MOST_SHOWN = 2000

_NO_ANSWER = (
    "is the address you come from still the one that its security group lets in? `runctl aws setup` opens port 22 to "
    "the present one, `runctl aws doctor` looks further, `--transport ssm` needs no port"
)
_NOT_LISTENING = "a machine that has just started needs a few seconds more; then try again"
_NO_WAY = "is this computer on a network, and does a private address need a VPN? `--transport ssm` needs neither"
_PROXY = "see: runctl aws doctor"

_REASONS = (
    ("timed out", "no answer", _NO_ANSWER),
    ("Connection refused", "nothing listens there", _NOT_LISTENING),
    ("No route to host", "no route to host", _NO_WAY),
    ("Network is unreachable", "the network is unreachable", _NO_WAY),
    ("Could not resolve hostname", "its name has no address", _NO_WAY),
    ("UNKNOWN port 65535", "the way to it was closed", _PROXY),
    ("Connection reset", "the connection was reset", _NOT_LISTENING),
    ("Connection closed", "the connection was closed", _NOT_LISTENING),
    ("kex_exchange_identification", "the connection was closed", _NOT_LISTENING),
    ("Broken pipe", "the connection broke", _NOT_LISTENING),
)


def translated(target: SshTarget, messages: bytes) -> RunctlError:
    """The error for a connection that ssh could not open."""
    text = messages.decode("utf-8", "replace")
    if "HOST IDENTIFICATION HAS CHANGED" in text or "Host key verification failed" in text:
        return _host_key(target)
    if "UNPROTECTED PRIVATE KEY" in text or "bad permissions" in text:
        return RunctlError(
            f"ssh does not use the key {printable(str(target.key))}: others may read it",
            hint=f"chmod 600 {shlex.quote(str(target.key))}",
        )
    if "Permission denied" in text:
        return _not_let_in(target)
    if "configuration option" in text or "Bad owner or permissions on" in text:
        return UsageError(f"ssh does not accept its configuration: {shown(messages)}", hint="see: man ssh_config")
    for words, reason, hint in _REASONS:
        if words in text:
            return _unreachable(target, reason, hint, messages)
    return RunctlError(f"cannot connect to {_place(target)}: {shown(messages) or 'ssh does not say why'}")


def lost(target: SshTarget, messages: bytes) -> UnreachableError:
    """The error for a connection that ended while it was used."""
    more = shown(messages)
    return UnreachableError(
        f"the connection to {_place(target)} was lost{f': {more}' if more else ''}; what runs there goes on",
        hint="try again",
    )


def not_started(target: SshTarget, done: Completed) -> RunctlError:
    """The error for a command that ssh, or the user's login shell, did not come to."""
    if done.code == FAILED and done.stderr.strip():
        return translated(target, done.stderr)
    said = shown(done.stdout + b"\n" + done.stderr)
    return RunctlError(
        f"user {printable(target.user)} can't run commands on {target.instance_id}: "
        f"{said or f'the login shell ends with exit code {done.code}'}",
        hint="another user? --user ubuntu, ec2-user, admin, …; else see what the user's shell start-up files do",
    )


def shown(messages: bytes) -> str:
    """ssh's messages on one line, safe to show."""
    text = messages.decode("utf-8", "replace")[-_MOST_SHOWN:]
    return printable(" / ".join(line.strip() for line in text.splitlines() if line.strip()))


def _unreachable(target: SshTarget, reason: str, hint: str, messages: bytes) -> UnreachableError:
    # what a proxy prints says more than ssh does
    detail = f" ({shown(messages)})" if target.proxy else ""
    return UnreachableError(f"cannot reach {_place(target)}: {reason}{detail}; the instance itself may be well", hint)


def _host_key(target: SshTarget) -> RefusedError:
    file = str(target.known_hosts)
    return RefusedError(
        f"{target.instance_id} shows another host key than before: it is another machine, or was made anew; "
        f"nothing was sent to it (the known keys: {printable(file)})",
        hint=f"only if you know why it changed: ssh-keygen -R {target.instance_id} -f {shlex.quote(file)}",
    )


def _not_let_in(target: SshTarget) -> LoginRefusedError:
    key = f"the key {printable(str(target.key))}" if target.key else "your own keys"
    return LoginRefusedError(
        f"{_place(target)} does not let {printable(target.user)} in with {key}",
        hint="another user? --user ubuntu, ec2-user, admin, …; another key? --key FILE; `--transport ssm` needs no key",
    )


def _place(target: SshTarget) -> str:
    if target.proxy:
        return f"{target.instance_id} through SSM"
    return f"{target.instance_id} at {target.host} port {target.port}"
