"""The one maker of boto3 clients: region, profile, endpoint and retries; AWS's errors become ours here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runctl.core.errors import CloudError, NotFoundError, RunctlError, UsageError
from runctl.core.text import printable

if TYPE_CHECKING:
    from runctl.agent.s3.credentials import Source
    from runctl.core.config import Config

# throttled and failed requests are sent again with growing pauses, up to about a minute in all
MOST_ATTEMPTS = 8
_REGION = re.compile(r"[a-z]+(-[a-z]+)+-\d+")
_SIGN_IN = "set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or: aws configure"
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired")
_UNKNOWN_KEY = ("AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch")
_NOT_ALLOWED = ("UnauthorizedOperation", "AccessDenied", "AccessDeniedException")


class Account:
    """An AWS account in one region, as the settings, AWS's variables and ~/.aws name it. boto3 is imported on use."""

    def __init__(self, config: Config, region: str | None = None) -> None:
        self._profile = config.profile
        # boto3 itself knows only the second of AWS's two variables
        self._region = region or config.region or os.environ.get("AWS_REGION")
        self._clients: dict[str, Any] = {}

    @cached_property
    def _session(self) -> Any:
        import boto3

        with calling("sign in"):
            return boto3.session.Session(profile_name=self._profile, region_name=self._region)

    @cached_property
    def region(self) -> str:
        """The region's name. Raises UsageError when nothing names one, or what does is none."""
        region: str | None = self._region or os.environ.get("AWS_DEFAULT_REGION") or self._session.region_name
        if not region:
            raise UsageError("no AWS region is set", hint="give --region, or: runctl config set region us-east-1")
        if not _REGION.fullmatch(region):
            raise UsageError(f"{printable(region)!r} is not an AWS region", hint="such as us-east-1")
        return region

    def client(self, service: str) -> Any:
        """The boto3 client of a service, made once. Its calls belong into `calling`. Raises UsageError, CloudError."""
        if service not in self._clients:
            from botocore.config import Config as ClientConfig

            settings = ClientConfig(retries={"mode": "standard", "max_attempts": MOST_ATTEMPTS}, connect_timeout=10)
            with calling(f"make a client of {service}"):
                self._clients[service] = self._session.client(service, region_name=self.region, config=settings)
        return self._clients[service]

    def signature(self, url: str, service: str) -> dict[str, str]:
        """The headers that sign a GET of `url` for `service`, where no client makes the request. Raises CloudError."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        with calling(f"sign a request to {service}"):
            request = AWSRequest("GET", url)
            SigV4Auth(self._session.get_credentials(), service, self.region).add_auth(request)
        return dict(request.headers.items())

    def credentials(self) -> Source:
        """What signs the requests that no client of boto3 makes: boto3's own chain, renewed before they expire.

        boto3 is not imported where the environment has the keys, which come first in that chain. Raises CloudError.
        """
        from runctl.agent.s3.credentials import Credentials, on_machine

        if self._profile is None and os.environ.get("AWS_ACCESS_KEY_ID") and os.environ.get("AWS_SECRET_ACCESS_KEY"):
            return on_machine()
        with calling("sign in"):
            found = self._session.get_credentials()
        if found is None:
            raise CloudError("cannot sign in: there are no credentials", _SIGN_IN, "NoCredentialsError")

        def source() -> Credentials:
            with calling("sign in"):
                frozen = found.get_frozen_credentials()
            return Credentials(frozen.access_key, frozen.secret_key, frozen.token)

        return source

    def endpoint(self, service: str) -> str | None:
        """The URL that AWS's variables or ~/.aws/config give in place of AWS's own for a service. Raises CloudError."""
        if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
            return None
        for name in (f"AWS_ENDPOINT_URL_{service.upper()}", "AWS_ENDPOINT_URL"):
            if os.environ.get(name):
                return os.environ[name]
        if not Path(os.environ.get("AWS_CONFIG_FILE") or "~/.aws/config").expanduser().exists():
            return None
        with calling("read ~/.aws/config"):
            settings = self._session._session.get_scoped_config()
            services = self._session._session.full_config.get("services", {})
        if settings.get("ignore_configured_endpoint_urls", "").lower() == "true":
            return None
        own = services.get(settings.get("services"), {}).get(service, {})
        url: str | None = own.get("endpoint_url") or settings.get("endpoint_url")
        return url


@contextmanager
def calling(action: str) -> Iterator[None]:
    """Turns AWS's errors within the block into CloudError or NotFoundError: "cannot `action`: …", with AWS's code."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as error:
        raise _refused(action, dict(error.response["Error"])) from error
    except (BotoCoreError, ResponseParserError) as error:
        raise _unsent(action, error) from error


def _refused(action: str, error: dict[str, Any]) -> RunctlError:
    code, text = str(error.get("Code", "?")), str(error.get("Message", ""))
    message = f"cannot {action}: {text} ({code})"
    if code.endswith((".NotFound", ".Malformed")) or code == "NoSuchEntity":
        return NotFoundError(message)
    if code in _EXPIRED:
        return CloudError(message, "the credentials have expired: sign in again (aws sso login, or new keys)", code)
    if code in _UNKNOWN_KEY:
        return CloudError(message, "AWS does not accept these credentials; see: runctl aws doctor", code)
    if code in _NOT_ALLOWED:
        return CloudError(message, "the credentials lack this permission; see: runctl aws doctor", code)
    return CloudError(message, code=code)


def _unsent(action: str, error: Exception) -> RunctlError:
    name = type(error).__name__
    hint = {
        "NoCredentialsError": _SIGN_IN,
        "ProfileNotFound": "see the profiles with: aws configure list-profiles",
        "EndpointConnectionError": "is there a network, and is the region's name right?",
        "UnauthorizedSSOTokenError": "sign in again: aws sso login",
        "SSOTokenLoadError": "sign in again: aws sso login",
        "TokenRetrievalError": "sign in again: aws sso login",
    }.get(name)
    return CloudError(f"cannot {action}: {error}", hint, name)
