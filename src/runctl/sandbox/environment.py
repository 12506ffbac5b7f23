"""The variables by which AWS's tools use a sandbox."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from runctl.sandbox.layout import State

UNSET = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")


def variables(state: State, region: str) -> dict[str, str]:
    """Name and value of what is to be set."""
    return {
        "AWS_ENDPOINT_URL": state.endpoint,
        "AWS_ACCESS_KEY_ID": state.access_key,
        "AWS_SECRET_ACCESS_KEY": state.secret_key,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "RUNCTL_ADDRESS_SERVICE": f"{state.endpoint}/_sandbox/address",
    }


def shell_lines(found: Mapping[str, str]) -> list[str]:
    """Lines for sh, bash and zsh."""
    return [f"unset {' '.join(UNSET)}", *(f"export {name}={shlex.quote(value)}" for name, value in found.items())]
