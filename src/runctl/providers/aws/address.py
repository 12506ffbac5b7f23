"""This machine's address as the internet sees it."""

from __future__ import annotations

import ipaddress

from runctl.core.errors import RunctlError
from runctl.core.text import printable

_PATIENCE_S = 10
_LONGEST = 100


def own_network(service: str) -> str:
    """This machine's public address as a network of one, `203.0.113.7/32`, as `service` (a URL) answers it.

    Raises RunctlError when it can't be learned.
    """
    import http.client
    import urllib.request

    hint = "set address_service to a page that answers with an address, or use --transport ssm"
    if not service.startswith(("http://", "https://")):
        raise RunctlError(f"address_service = {printable(service)} is not a web address", hint)
    try:
        with urllib.request.urlopen(service, timeout=_PATIENCE_S) as answer:
            text = answer.read(_LONGEST).decode("ascii", "replace").strip()
        return str(ipaddress.ip_network(ipaddress.ip_address(text)))
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise RunctlError(f"cannot learn this machine's address from {printable(service)}: {error}", hint) from error
