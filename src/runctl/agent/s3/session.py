"""What all requests of a client share: credentials, connections, and what was learnt from earlier answers."""

from __future__ import annotations

import os
import ssl
import threading
import time
from typing import Dict, Optional

from runctl.agent.s3.credentials import Credentials, Source
from runctl.agent.s3.dialing import Refused, Server, dial, trust
from runctl.agent.s3.endpoints import Place, parse_endpoint, place_of
from runctl.agent.s3.errors import first
from runctl.agent.s3.pool import Pool
from runctl.agent.s3.proxies import Proxy, proxy_for
from runctl.agent.s3.role import RoleCredentials
from runctl.agent.s3.waiting import Waiting
from runctl.agent.s3.wire import Wire

_DEFAULT_REGION = "us-east-1"


class Session:
    """Thread-safe."""

    def __init__(self, source: Source, region: Optional[str], endpoint: Optional[str]) -> None:
        """Raises ValueError where `endpoint` is no address."""
        self._source = source
        self._region = first(
            region, os.environ.get("AWS_REGION"), os.environ.get("AWS_DEFAULT_REGION"), _DEFAULT_REGION
        )
        self._endpoint = parse_endpoint(endpoint) if endpoint else None
        self._regions: Dict[str, str] = {}
        self._proxies: Dict[Server, Optional[Proxy]] = {}
        self._lock = threading.Lock()
        self._context: Optional[ssl.SSLContext] = None
        self._clock_is_behind_s = 0.0
        self.pool = Pool()
        # a server that answers 417 is not asked again
        self.expects = True

    def credentials(self) -> Credentials:
        """Raises NoCredentials, Stopped."""
        return self._source()

    def renew_credentials(self, refused: Credentials) -> bool:
        """Whether there are others than those that S3 says are expired. Raises NoCredentials, Stopped."""
        if isinstance(self._source, RoleCredentials):
            return self._source.renewed(refused) != refused
        return self._source() != refused

    def now(self) -> float:
        """Seconds since the epoch, by S3's clock once it is known that this machine's is wrong."""
        return time.time() + self._clock_is_behind_s

    def set_clock(self, server_time: float) -> None:
        """Believes what S3 says the time is."""
        self._clock_is_behind_s = server_time - time.time()

    def region(self, bucket: str) -> str:
        """Where the bucket is, as far as is known."""
        return self._regions.get(bucket, self._region)

    def learn_region(self, bucket: str, region: str) -> None:
        """Believes what S3 says."""
        self._regions[bucket] = region

    def place(self, bucket: str) -> Place:
        """Where requests for the bucket go."""
        return place_of(bucket, self.region(bucket), self._endpoint)

    def proxy(self, server: Server) -> Optional[Proxy]:
        """Raises Refused where the environment names one that can't be used."""
        if server in self._proxies:
            return self._proxies[server]
        try:
            return self._proxies.setdefault(server, proxy_for(server.secure, server.name))
        except ValueError as exc:
            raise Refused(str(exc), "set it to http://HOST:PORT, or unset it") from exc

    def dial(self, server: Server, waiting: Waiting) -> Wire:
        """A new connection. Raises what `dialing.dial` and `dialing.trust` raise."""
        with self._lock:
            if server.secure and self._context is None:
                self._context = trust()
        return dial(server, self.proxy(server), self._context if server.secure else None, waiting)
