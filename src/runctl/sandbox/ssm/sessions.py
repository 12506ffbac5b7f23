"""StartSession, ResumeSession, TerminateSession, DescribeSessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runctl.sandbox.ssm.errors import SsmError
from runctl.sandbox.ssm.fleet import Fleet
from runctl.sandbox.ssm.session import Session

_DOCUMENTS = ("AWS-StartSSHSession", "AWS-StartPortForwardingSession")


class Sessions:
    """The account's sessions. `address` is where their data channels are: ws://host:port."""

    def __init__(self, fleet: Fleet, address: Callable[[], str]) -> None:
        self._fleet = fleet
        self._address = address
        self._sessions: dict[str, Session] = {}

    def find(self, session_id: str) -> Session | None:
        return self._sessions.get(session_id)

    def start(self, request: dict[str, Any]) -> dict[str, Any]:
        target, document, port = request["Target"], request.get("DocumentName"), _port(request)
        pid = self._fleet.online(target)
        if pid is None:
            raise SsmError("TargetNotConnected", f"{target} is not connected.")
        session = Session(self._fleet, target, pid, port, str(document))
        self._sessions[session.id] = session
        return self._opened(session)

    def resume(self, request: dict[str, Any]) -> dict[str, Any]:
        session = self.find(request["SessionId"])
        if session is None or session.ended:
            raise SsmError("DoesNotExistException", f"Session {request['SessionId']} does not exist or has ended.")
        session.renew()
        return self._opened(session)

    def terminate(self, request: dict[str, Any]) -> dict[str, Any]:
        session = self.find(request["SessionId"])
        if session:
            session.terminate()
        return {"SessionId": request["SessionId"]}

    def describe(self, request: dict[str, Any]) -> dict[str, Any]:
        """DescribeSessions: `State` is Active or History."""
        active = request["State"] == "Active"
        return {"Sessions": [each.describe() for each in self._sessions.values() if bool(each.ended) != active]}

    def drop(self, instance_id: str | None) -> int:
        """Cuts the clients' connections, all or one instance's; how many there were."""
        return sum(each.drop() for each in self._sessions.values() if instance_id in (None, each.instance_id))

    def end_all(self) -> None:
        for session in self._sessions.values():
            session.terminate()

    def _opened(self, session: Session) -> dict[str, Any]:
        url = f"{self._address()}/v1/data-channel/{session.id}?role=publish_subscribe"
        return {"SessionId": session.id, "StreamUrl": url, "TokenValue": session.token}


def _port(request: dict[str, Any]) -> int:
    if request.get("DocumentName") not in _DOCUMENTS:
        raise SsmError("InvalidDocument", f"The sandbox knows the documents {' and '.join(_DOCUMENTS)} only")
    values = request.get("Parameters", {}).get("portNumber", ["22"])
    if not (isinstance(values, list) and len(values) == 1 and str(values[0]).isdigit() and 0 < int(values[0]) < 65536):
        raise SsmError("InvalidParameters", "portNumber is a list of one string, a number from 1 to 65535")
    return int(values[0])
