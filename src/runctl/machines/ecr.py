"""Signing in to Amazon's registries: the client asks for the token, the machine needs no rights of its own for it."""

from __future__ import annotations

import base64
import re

from runctl.core.aws import Account, calling
from runctl.core.config import Config

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html; the last form answers by IPv6 too
_HOST = re.compile(
    r"\d{12}\.dkr(?:\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?|-ecr(?:-fips)?\.([a-z0-9-]+)\.on\.aws)"
)


def login_for(config: Config, image: str) -> dict[str, str] | None:
    """`registry`, `username` and `password` for pulling an image, as the agent's start request takes them; None for an
    image that is in no private registry of ECR. The password is good for twelve hours. Raises CloudError, UsageError.
    """
    host = image.partition("/")[0]
    found = _HOST.fullmatch(host)
    if found is None:
        return None
    client = Account(config, found[1] or found[2]).client("ecr")
    with calling(f"sign in to {host}"):
        token = client.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    username, _, password = base64.b64decode(token).decode().partition(":")
    return {"registry": host, "username": username, "password": password}
