"""An ssh ProxyCommand: stdin and stdout are a port of an instance, reached through a Session Manager session.

Started by ssh with the command that `transport.ssm.proxy_command` makes. Credentials are found as everywhere, in AWS's
variables and files.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from runctl.core.aws import Account
from runctl.core.config import load
from runctl.core.errors import RunctlError
from runctl.transport.session.channel import DataChannel
from runctl.transport.session.connecting import Connector
from runctl.transport.session.service import SessionService


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("instance")
    parser.add_argument("port", type=int)
    parser.add_argument("--region", required=True)
    parser.add_argument("--profile")
    given = parser.parse_args()
    _leave_terminal()
    try:
        carry(SessionService(_account(given.region, given.profile), given.instance, given.port))
    except RunctlError as error:
        hint = f"\n{error.hint}" if error.hint else ""
        sys.stderr.write(f"runctl: {error.message}{hint}\n")
        return error.exit_code
    return 0


def carry(service: SessionService) -> None:
    """Carries stdin to the port and what comes back to stdout, until one side ends. Raises RunctlError."""
    connector = Connector(service)
    try:
        _on_hangup(sys.exit)
        channel = DataChannel(connector, sys.stdin.fileno(), sys.stdout.fileno())
        _on_hangup(channel.stop)
        try:
            channel.run()
        finally:
            channel.close()
    finally:
        connector.end()


def _on_hangup(end: Callable[[], object]) -> None:
    """`end` is called when ssh ends, which hangs up on its proxy."""
    for ending in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(ending, lambda *_: end())


def _account(region: str, profile: str | None) -> Account:
    """The account that the caller meant: its settings were read already, and are not read again."""
    settings = {"HOME": "/", "RUNCTL_REGION": region}
    if profile:
        settings["RUNCTL_PROFILE"] = profile
    return Account(load(Path("/"), settings))


def _leave_terminal() -> None:
    """A control connection outlives the command that made it, and the terminal's Ctrl-C is not meant for it."""
    if os.getpgrp() != os.getpid():
        os.setsid()
