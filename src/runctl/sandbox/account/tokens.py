"""Client tokens: the same request twice is carried out once."""

from __future__ import annotations

from runctl.sandbox.account.refusing import refuse


class Tokens:
    """What was asked for with each token, and what came of it."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, object]] = {}

    def answer_to(self, token: str, asked: str) -> object | None:
        """What came of that request before; None when it is new. Refuses a token that was used for another."""
        if token not in self._seen:
            return None
        before, result = self._seen[token]
        if before != asked:
            refuse(
                "IdempotentParameterMismatch",
                "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
            )
        return result

    def remember(self, token: str, asked: str, result: object) -> None:
        """Keeps what came of a request."""
        self._seen[token] = (asked, result)
