"""What must be right on a machine before a run is sent there; asked in one round trip, and only where there is
something to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runctl.core.errors import NotFoundError, RefusedError
from runctl.core.text import printable, size
from runctl.runs.remote_plan import RemotePlan
from runctl.transport.ssh import SshTransport

if TYPE_CHECKING:
    from runctl.runs.s3_checks import DataFound

# prints the free bytes of the disk that the data will be on, what is there of it, then which of the paths are missing
_LOOK = """
data="$HOME/runctl/$1/data/"
[ -d "$data" ] || data=$HOME
df -Pk "$data" | awk 'NR == 2 { print $4 * 1024 }'
[ "$data" = "$HOME" ] || du -sk "$data" | awk '{ print $1 * 1024 }'
echo missing
shift
for path; do [ -e "$path" ] || printf '%s\\n' "$path"; done
"""


def check(transport: SshTransport, plan: RemotePlan, data: DataFound | None) -> None:
    """Checks that the folders to mount are there, that the script is where nothing is sent, and that there is room for
    the data. Raises NotFoundError, RefusedError; UnreachableError."""
    paths = [mount["source"] for mount in (plan.spec["container"] or {"mounts": []})["mounts"]]
    script = f"{plan.spec['workdir']}/{plan.program}".removeprefix("~/")
    if plan.keep_code:
        paths.append(script)
    if not paths and data is None:
        return
    done = transport.run(["sh", "-c", _LOOK, "sh", plan.name, *paths])
    room, _, missing = done.stdout.decode("utf-8", "surrogateescape").partition("missing\n")
    _refuse_missing(missing.splitlines(), script)
    free, *there = [int(float(line)) for line in room.split()]
    # what is there already is not fetched again, or makes room
    if data is not None and data.bytes > free + sum(there):
        raise RefusedError(
            f"the data has {size(data.bytes)}, and {size(free)} are free on the disk of {transport.target.instance_id}",
            hint="create the instance with a larger --root-size",
        )


def _refuse_missing(missing: list[str], script: str) -> None:
    if script in missing:
        raise NotFoundError(
            f"there is no {printable(script)} on the machine", hint="leave --no-sync-code out: the project is sent then"
        )
    if missing:
        raise NotFoundError(
            f"--mount: there is no {printable(missing[0])} on the machine",
            hint="volumes are attached and mounted by: runctl aws ebs attach",
        )
