"""Credentials of an instance's role, renewed well before they expire."""

from __future__ import annotations

import calendar
import json
import os
import threading
import time
from typing import Callable, Optional

from runctl.agent.s3.credentials import Credentials
from runctl.agent.s3.errors import NoCredentials, shown
from runctl.agent.s3.metadata import Metadata, NotThere

# AWS has new ones ready at least 5 minutes before the old ones expire; botocore begins to ask 15 minutes before
_RENEW_BEFORE_S = 900.0
_ASK_AGAIN_S = 60.0
_ROLES = "iam/security-credentials/"
_HINT = (
    "give the instance a profile whose role may use the bucket (`runctl aws setup` makes one), "
    "or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY there"
)


class RoleCredentials:
    """The instance's role, by IMDSv2. One thread renews it while the others go on with what they have. Thread-safe."""

    def __init__(self, stopped: Callable[[], bool], clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._metadata = Metadata(stopped)
        self._current: Optional[Credentials] = None
        self._ask_at = 0.0

    def __call__(self) -> Credentials:
        """Raises NoCredentials, Stopped."""
        current = self._current
        if current is not None and self._clock() < self._ask_at:
            return current
        if current is not None and _expiry(current) > self._clock():
            if not self._lock.acquire(blocking=False):
                return current
            try:
                return self._renewed_if_possible(current)
            finally:
                self._lock.release()
        return self.renewed(current)

    def renewed(self, refused: Optional[Credentials]) -> Credentials:
        """Others than `refused`, which S3 says are expired, if there are any yet. Raises NoCredentials, Stopped."""
        with self._lock:
            if self._current is None or self._current is refused:
                self._keep(self._asked())
            assert self._current is not None
            return self._current

    def _renewed_if_possible(self, current: Credentials) -> Credentials:
        """Credentials that are still valid are good enough while the service has no newer ones, or doesn't answer."""
        if self._current is not current:
            return self._current or current
        try:
            self._keep(self._asked())
        except NoCredentials:
            self._ask_at = self._clock() + _ASK_AGAIN_S
        return self._current

    def _keep(self, new: Credentials) -> None:
        self._current = new
        self._ask_at = max(_expiry(new) - _RENEW_BEFORE_S, self._clock() + _ASK_AGAIN_S)

    def _asked(self) -> Credentials:
        if os.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
            raise NoCredentials("no credentials: the environment has none, and AWS_EC2_METADATA_DISABLED is set", _HINT)
        try:
            roles = self._metadata.get(_ROLES).split()
            if not roles:
                raise NotThere
            document = json.loads(self._metadata.get(_ROLES + roles[0]))
            return _parsed(document)
        except NotThere:
            raise NoCredentials(
                "no credentials: this instance has no role, and the environment has no keys", _HINT
            ) from None
        except (KeyError, TypeError, ValueError):
            raise NoCredentials("no credentials: the instance's role gives none that can be read") from None


def _parsed(document: object) -> Credentials:
    if not isinstance(document, dict):
        raise TypeError
    if document.get("Code", "Success") != "Success":
        # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshoot-iam-roles.html
        raise NoCredentials(f"no credentials: the instance's role gives none ({shown(str(document['Code']))})", _HINT)
    expires_at = calendar.timegm(time.strptime(document["Expiration"], "%Y-%m-%dT%H:%M:%SZ"))
    return Credentials(document["AccessKeyId"], document["SecretAccessKey"], document["Token"], float(expires_at))


def _expiry(credentials: Credentials) -> float:
    assert credentials.expires_at is not None
    return credentials.expires_at
