"""Asks a sandbox's daemon, as `sandbox status`, `fault`, `interrupt` and `reset` do."""

from __future__ import annotations

import http.client
import json
from typing import Any

from runctl.core.errors import NotFoundError, RunctlError, UsageError
from runctl.sandbox.layout import State

_PATIENCE_S = 120


def ask(state: State, method: str, what: str, document: Any = None) -> Any:
    """The answer of /_sandbox/`what`. Raises UsageError or NotFoundError with what it finds wrong, RunctlError when it
    gives none."""
    connection = http.client.HTTPConnection("127.0.0.1", state.port, timeout=_PATIENCE_S)
    headers = {"X-Sandbox-Key": state.admin_key, "Content-Type": "application/json"}
    try:
        connection.request(method, f"/_sandbox/{what}", json.dumps(document or {}), headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise RunctlError(f"the sandbox does not answer: {error!r}", hint="see: runctl sandbox logs") from error
    finally:
        connection.close()
    if response.status == 400:
        raise UsageError(answer["error"])
    if response.status == 404:
        raise NotFoundError(answer["error"], hint="see: runctl sandbox status")
    if response.status != 200:
        raise RunctlError(f"the sandbox failed: {answer.get('error', response.status)}", hint="runctl sandbox logs")
    return answer
