"""The machine of a run, reached when it is spoken to: by a connection that is open, else by asking AWS where it is."""

from __future__ import annotations

from pathlib import Path

from runctl.core.errors import CloudError, NotFoundError, UnreachableError, UsageError
from runctl.core.process import Completed, Stream
from runctl.machines import warm
from runctl.runs.places import Place
from runctl.transport.ssh import SshTransport


class GoneError(NotFoundError):
    """The machine has ended for good, and with it whatever went on there."""


class PlaceTransport:
    """A transport to the machine of a run. After its connection was lost the machine is found anew: one that was
    stopped and started has another address. Its methods raise GoneError when the machine is no more, RefusedError
    while it is stopped, UnreachableError when it can't be told."""

    home = SshTransport.home
    python = SshTransport.python

    def __init__(self, home: Path, place: Place) -> None:
        self._home = home
        self._place = place
        self._found: SshTransport | None = None

    def put(self, path: str, data: bytes) -> None:
        self.reached().put(path, data)

    def exists(self, path: str) -> bool:
        return self.reached().exists(path)

    def run(self, command: list[str], stdin: bytes) -> Completed:
        return self.reached().run(command, stdin)

    def stream(self, command: list[str], stdin: bytes, more_input: bool = False) -> Stream:
        return self.reached().stream(command, stdin, more_input)

    def reached(self) -> SshTransport:
        """The machine by an open connection."""
        if self._found is None:
            self._found = warm.connected(self._home, self._place.instance_id) or _asked(self._home, self._place)
        try:
            self._found.connect()
        except UnreachableError:
            self._found = _asked(self._home, self._place)
        return self._found


def _asked(home: Path, place: Place) -> SshTransport:
    try:
        return _by_aws(home, place)
    except (CloudError, UsageError) as error:
        raise UnreachableError(
            f"{place.instance_id} is not connected, and where it is can't be asked: {error.message}", error.hint
        ) from error


def _by_aws(home: Path, place: Place) -> SshTransport:
    # only now: boto3 takes ten times as long as all of the rest
    from runctl.core.aws import Account
    from runctl.core.config import load
    from runctl.core.folder import current_folder
    from runctl.machines.reach import reach
    from runctl.providers.aws import instances

    config = load(current_folder()).override(region=place.region, profile=place.profile)
    account = Account(config)
    try:
        instance = instances.get(account, place.instance_id)
    except NotFoundError as error:
        raise GoneError(
            f"{place.instance_id} is gone: AWS knows no such instance in {account.region}",
            hint="ended instances are forgotten after an hour; are these the credentials of the right account?",
        ) from error
    if instance.ended:
        raise GoneError(f"{place.instance_id} is {instance.state}")
    user, key = warm.login(home, place.instance_id)
    return reach(account, config, instance, user=user, key=key)
