"""What the agent asks before it connects, and what it is answered."""

from __future__ import annotations

import json
import uuid
from typing import Any

from runctl.core import session_messages as messages

# the last release of session-manager-plugin before agents offer multiplexed forwarding (from 1.1.70 on,
# agent/session/plugins/port/port.go), which this client does not speak
CLIENT_VERSION = "1.1.61.0"
SCHEMA_VERSION = "1.0"
_SUCCESS, _UNSUPPORTED = 1, 3


def new_id() -> str:
    """An id for a client or a request."""
    return str(uuid.uuid4())


def opening(token: str, client_id: str) -> str:
    """The first text on a new connection: the token that the service gave for it."""
    return json.dumps(
        {
            "MessageSchemaVersion": SCHEMA_VERSION,
            "RequestId": new_id(),
            "TokenValue": token,
            "ClientId": client_id,
            "ClientVersion": CLIENT_VERSION,
        }
    )


def response(request: messages.Message) -> tuple[bytes, str | None]:
    """The payload that answers a HandshakeRequest, and what this client can't do though it was asked to, if anything.
    Raises MessageError."""
    actions = messages.content(request).get("RequestedClientActions") or []
    processed = [_processed(action) for action in actions]
    errors = [action["Error"] for action in processed if action["Error"]]
    answer = {"ClientVersion": CLIENT_VERSION, "ProcessedClientActions": processed, "Errors": errors}
    return json.dumps(answer).encode(), errors[0] if errors else None


def _processed(action: dict[str, Any]) -> dict[str, Any]:
    kind = action.get("ActionType")
    parameters = action.get("ActionParameters") or {}
    if kind == "SessionType" and parameters.get("SessionType") == "Port":
        return {"ActionType": kind, "ActionStatus": _SUCCESS, "ActionResult": None, "Error": ""}
    what = f"session type {parameters.get('SessionType')}" if kind == "SessionType" else kind
    return {"ActionType": kind, "ActionStatus": _UNSUPPORTED, "ActionResult": None, "Error": f"unsupported: {what}"}
