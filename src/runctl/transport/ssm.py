"""Instances without an open port: ssh through a Systems Manager session, authorized by Systems Manager itself.

A key is put on the instance, and the instance's host keys are read, by one command that AWS's agent runs there as root.
Whoever may send that command is trusted by AWS's rules, so the first ssh connection needs no trust of its own.
"""

from __future__ import annotations

import shlex
import sys
from typing import NamedTuple

from runctl.core.aws import Account, calling
from runctl.core.errors import CloudError, NotFoundError
from runctl.core.text import printable
from runctl.transport.session.commands import run_command

# the users of the usual images, in the order in which they are looked for
USERS = ("ubuntu", "ec2-user", "admin", "debian", "rocky", "fedora", "centos", "cloud-user")
_MARK = "runctl"
_NO_SUCH_USER = 67
_WAIT_FOR_SSHD_S = 20

# As the user, not as root: the folder is the user's, and may hold links. A line that starts with # counts for nothing.
# A file whose last line has no end gets one first. The lock is for two runctls at once.
_APPEND = """
umask 077
cd "$1"
mkdir -p .ssh
exec 9>>.ssh/authorized_keys
flock 9
grep -v '^[[:space:]]*#' .ssh/authorized_keys | grep -qF -- "$2" && exit 0
[ -z "$(tail -c 1 .ssh/authorized_keys)" ] || echo >&9
printf '%s %s\\n' "$2" "$3" >&9
"""

# An agent may be there before sshd: the first boot makes users and host keys, in this order, and then starts sshd.
_AUTHORIZE = """
set -eu
tries=0
until grep -qE '^ *[0-9]+: [0-9A-F]+:0016 [0-9A-F:]+ 0A ' /proc/net/tcp /proc/net/tcp6 2>/dev/null &&
    ls /etc/ssh/ssh_host_*_key.pub >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt {tries} ] || break
    sleep 0.2
done
home=
for user in {users}; do
    home=$(getent passwd "$user" | cut -d: -f6)
    [ -z "$home" ] || break
done
[ -n "$home" ] || exit {no_such_user}
runuser -u "$user" -- sh -euc {append} sh "$home" {key} {mark}
echo "user $user"
for file in /etc/ssh/ssh_host_*_key.pub; do
    [ ! -r "$file" ] || cat "$file"
done
"""


class Access(NamedTuple):
    """Whom ssh may log in as, and the instance's host keys as known_hosts has them (`ssh-ed25519 AAAA…`)."""

    user: str
    host_keys: list[str]


def online(account: Account, instance_id: str) -> bool:
    """Whether Systems Manager reaches the instance's agent just now. Raises CloudError."""
    with calling(f"ask Systems Manager about {instance_id}"):
        answer = account.client("ssm").describe_instance_information(
            Filters=[{"Key": "InstanceIds", "Values": [instance_id]}]
        )
    return any(found["PingStatus"] == "Online" for found in answer["InstanceInformationList"])


def authorize(account: Account, instance_id: str, user: str | None, public_key: str) -> Access:
    """Lets the owner of `public_key` (a line of a .pub file) log in as `user`, or as the image's usual user.

    May be called again: a key that is there already is not added. Takes about a second, and longer during the boot.
    Raises NotFoundError when there is no such user, CloudError when the instance is not connected to Systems Manager or
    the command fails.
    """
    script = _AUTHORIZE.format(
        users=" ".join(shlex.quote(name) for name in ((user,) if user else USERS)),
        no_such_user=_NO_SUCH_USER,
        tries=_WAIT_FOR_SSHD_S * 5,
        append=shlex.quote(_APPEND),
        key=shlex.quote(" ".join(public_key.split()[:2])),
        mark=shlex.quote(_MARK),
    )
    result = run_command(account, instance_id, script, "runctl: let a key log in")
    if result.exit_code == _NO_SUCH_USER:
        raise NotFoundError(
            f"there is no user {printable(user)} on {instance_id}"
            if user
            else f"none of the usual users is on {instance_id}: {', '.join(USERS)}",
            hint="name the user to log in as",
        )
    if result.exit_code:
        reason = printable(result.stderr.strip()[-500:]) or f"exit code {result.exit_code}"
        raise CloudError(f"cannot put the key on {instance_id}: {reason}", code="Failed")
    first, *rest = [line.split() for line in result.stdout.splitlines()]
    host_keys = [" ".join(fields[:2]) for fields in rest if len(fields) > 1]
    if not host_keys:
        raise CloudError(f"{instance_id} has no host keys in /etc/ssh: does sshd run there?", code="NoHostKeys")
    return Access(first[1], host_keys)


def proxy_command(region: str, profile: str | None, instance_id: str, port: int = 22) -> list[str]:
    """The arguments of an ssh ProxyCommand that connects to `port` of the instance through a session of its own."""
    # the folder that ssh is started in must not count for imports: `python -m` would put it first
    start = (
        "import sys; sys.path[:] = [entry for entry in sys.path if entry]; "
        "from runctl.transport.ssm_proxy import main; sys.exit(main())"
    )
    command = [sys.executable, "-c", start, instance_id, str(port), "--region", region]
    return command + (["--profile", profile] if profile else [])
