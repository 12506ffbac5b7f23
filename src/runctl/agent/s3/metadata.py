"""The instance metadata service, version 2: what an EC2 instance can know about itself.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
"""

from __future__ import annotations

import os
import time
from typing import Callable, Optional

from runctl.agent.s3.dialing import dial
from runctl.agent.s3.endpoints import parse_endpoint
from runctl.agent.s3.errors import NoCredentials
from runctl.agent.s3.waiting import Patience, TimedOut, Waiting
from runctl.agent.s3.wire import Broken

_ADDRESS = "http://169.254.169.254"
_ADDRESS_IPV6 = "http://[fd00:ec2::254]"
_TOKEN_S = 21600
# where there is no such service, nobody answers
_PATIENCE = Patience(attempts=3, connect_s=1.0, silence_s=2.0)


class NotThere(Exception):
    """The service has nothing of that name."""


class _Refused(Exception):
    """Any other answer than 200 and 404."""


class Metadata:
    """Asks the service. Not thread-safe."""

    def __init__(self, stopped: Callable[[], bool]) -> None:
        self._waiting = Waiting(_PATIENCE, stopped)
        self._token = ""
        self._token_until = 0.0

    def get(self, path: str) -> str:
        """The text at `/latest/meta-data/<path>`. Raises NotThere, Stopped, and NoCredentials without a service."""
        problem: Optional[Exception] = None
        for attempt in range(_PATIENCE.attempts):
            self._waiting.pause(0.1 * attempt)
            try:
                return self._get(path)
            except (OSError, TimedOut, Broken, _Refused) as exc:
                self._token = ""
                problem = exc
        raise NoCredentials(
            f"no credentials: the environment has no keys, and there is no instance metadata service ({problem})",
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or let the instance's metadata service be reached",
        ) from problem

    def _get(self, path: str) -> str:
        if not self._token or time.monotonic() > self._token_until:
            wanted = f"X-aws-ec2-metadata-token-ttl-seconds: {_TOKEN_S}\r\nContent-Length: 0"
            self._token = self._ask("PUT", "/latest/api/token", wanted)
            self._token_until = time.monotonic() + _TOKEN_S / 2
        return self._ask("GET", f"/latest/meta-data/{path}", f"X-aws-ec2-metadata-token: {self._token}")

    def _ask(self, method: str, path: str, header: str) -> str:
        place = parse_endpoint(_address())
        lines = [f"{method} {place.path}{path} HTTP/1.1", f"Host: {place.host}", header, "Connection: close", "", ""]
        wire = dial(place.server, None, None, self._waiting)
        try:
            wire.send([memoryview("\r\n".join(lines).encode())])
            head = wire.head()
            body = bytearray()
            wire.body(method, head, body.extend)
        finally:
            wire.close()
        if head.status == 404:
            raise NotThere
        if head.status != 200:
            raise _Refused(f"it answers {head.status}")
        return body.decode("utf-8", "replace").strip()


def _address() -> str:
    """As botocore finds it."""
    given = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT")
    if given:
        return given
    ipv6 = os.environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "").lower() == "ipv6"
    return _ADDRESS_IPV6 if ipv6 else _ADDRESS
