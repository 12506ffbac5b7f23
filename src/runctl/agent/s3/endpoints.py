"""Where a bucket is served: the host and the beginning of the path."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional
from urllib.parse import urlsplit

from runctl.agent.s3.dialing import Server

_DNS_LABEL = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")


class Place(NamedTuple):
    """`host` is what the header Host says, `path` what comes before `/key`, "" or "/…" and encoded."""

    server: Server
    host: str
    path: str


class Endpoint(NamedTuple):
    """An address that was given instead of AWS's."""

    server: Server
    host: str
    path: str


def parse_endpoint(url: str) -> Endpoint:
    """The address `http[s]://host[:port][/path]`. Raises ValueError with what is wrong."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise ValueError(f"the endpoint {url!r} is not http[s]://host[:port]")
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    name = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    host = name if parts.port in (None, 443 if secure else 80) else f"{name}:{port}"
    return Endpoint(Server(secure, parts.hostname, port), host, parts.path.rstrip("/"))


def place_of(bucket: str, region: str, endpoint: Optional[Endpoint]) -> Place:
    """Where `bucket` is: under its own host name at AWS, unless no certificate can be for that name."""
    if endpoint is not None:
        return Place(endpoint.server, endpoint.host, f"{endpoint.path}/{bucket}")
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    host = f"s3.{region}.{domain}"
    path = f"/{bucket}"
    if _DNS_LABEL.fullmatch(bucket):
        host = f"{bucket}.{host}"
        path = ""
    return Place(Server(True, host, 443), host, path)
