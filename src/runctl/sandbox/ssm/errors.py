"""How Systems Manager refuses."""

from __future__ import annotations


class SsmError(Exception):
    """A request that AWS would refuse. `code` is AWS's, `message` its words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
