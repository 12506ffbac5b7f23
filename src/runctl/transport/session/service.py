"""Starting, resuming and ending sessions: the part of the Session Manager that is an ordinary AWS API."""

from __future__ import annotations

from typing import NamedTuple

from runctl.core.aws import Account, calling
from runctl.core.errors import CloudError, RunctlError

# botocore's names for a network that is not there just now; what AWS itself answers is not among them
_NO_NETWORK = {
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "EndpointConnectionError",
    "HTTPClientError",
    "ProxyConnectionError",
    "ReadTimeoutError",
    "SSLError",
}


class Session(NamedTuple):
    """A session that was started: its id, the address of its data channel, and the token that opens it."""

    id: str
    url: str
    token: str


class SessionService:
    """Sessions to a port of one instance."""

    def __init__(self, account: Account, instance_id: str, port: int) -> None:
        self._account = account
        self._instance_id = instance_id
        self._port = port

    def start(self) -> Session:
        """Raises CloudError."""
        client = self._account.client("ssm")
        try:
            with calling(f"start a session to {self._instance_id}"):
                answer = client.start_session(
                    Target=self._instance_id,
                    DocumentName="AWS-StartSSHSession",
                    Parameters={"portNumber": [str(self._port)]},
                )
        except CloudError as error:
            if error.code == "TargetNotConnected":
                raise not_connected(self._instance_id, error.code) from error
            raise
        return Session(answer["SessionId"], answer["StreamUrl"], answer["TokenValue"])

    def resume(self, session_id: str) -> str | None:
        """A token for a new connection; None when the session is over. Raises CloudError."""
        client = self._account.client("ssm")
        try:
            with calling(f"resume session {session_id}"):
                answer = client.resume_session(SessionId=session_id)
        except CloudError as error:
            if error.code == "DoesNotExistException":
                return None
            raise
        token: str | None = answer.get("TokenValue")
        return token or None

    def terminate(self, session_id: str) -> None:
        """Ends the session. Sessions end by themselves too, after some idle minutes: a refusal is no error."""
        try:
            with calling(f"end session {session_id}"):
                self._account.client("ssm").terminate_session(SessionId=session_id)
        except RunctlError:
            pass

    def headers(self, url: str) -> dict[str, str]:
        """The signature that the service asks for on the request that opens a data channel
        (ssmmessages:OpenDataChannel). Addresses that are signed already have none."""
        if "X-Amz-Signature" in url:
            return {}
        return self._account.signature(url, "ssmmessages")


def no_network(error: CloudError) -> bool:
    """Whether the service was not reached at all, so that trying again makes sense."""
    return error.code in _NO_NETWORK


def not_connected(instance_id: str, code: str) -> CloudError:
    """The error for an instance that Systems Manager does not know or has lost."""
    return CloudError(
        f"{instance_id} is not connected to Systems Manager ({code})",
        "it needs a running SSM agent, an instance profile with AmazonSSMManagedInstanceCore, and a way to AWS's "
        "endpoints (a public address, NAT or VPC endpoints); just after its start it takes up to a minute",
        code,
    )
