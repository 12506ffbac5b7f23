"""HTTP proxies, as the environment names them: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, in either case."""

from __future__ import annotations

import base64
import ipaddress
import os
from typing import NamedTuple, Optional
from urllib.parse import unquote, urlsplit

from runctl.agent.s3.errors import first


class Proxy(NamedTuple):
    """`authorization` is the value of Proxy-Authorization, or ""."""

    name: str
    port: int
    authorization: str


def proxy_for(secure: bool, name: str) -> Optional[Proxy]:
    """The proxy by which the host `name` is reached. Raises ValueError where the variable can't be used."""
    variable = "https_proxy" if secure else "http_proxy"
    url = first(_variable(variable), _variable("all_proxy"))
    if not url or _is_direct(name, _variable("no_proxy")):
        return None
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"{variable} names a proxy that isn't one of http://host:port")
    authorization = ""
    if parts.username:
        user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = f"Basic {base64.b64encode(user.encode()).decode()}"
    return Proxy(parts.hostname, parts.port or 80, authorization)


def _variable(name: str) -> str:
    # in a CGI program HTTP_PROXY is what the client sent as a header named Proxy; urllib takes care of it too
    upper = "" if name == "http_proxy" and "REQUEST_METHOD" in os.environ else os.environ.get(name.upper())
    return first(os.environ.get(name), upper)


def _is_direct(name: str, exceptions: str) -> bool:
    for exception in exceptions.replace(",", " ").lower().split():
        if exception == "*" or _in_network(name, exception):
            return True
        domain = exception.lstrip("*").lstrip(".")
        if domain and (name.lower() == domain or name.lower().endswith("." + domain)):
            return True
    return False


def _in_network(name: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(name) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
