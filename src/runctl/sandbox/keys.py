"""Whose requests are answered: those signed with the sandbox's own key, or with keys that it issued."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import NamedTuple

from runctl.sandbox.signing import Signature, Signed, is_signed_with


class Refusal(NamedTuple):
    """Why a request is not carried out: AWS's code, its text, and the HTTP status. An empty code is a connection that
    is dropped."""

    code: str
    message: str
    status: int


_MISSING = Refusal("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
_UNKNOWN = Refusal("InvalidClientTokenId", "The security token included in the request is invalid.", 403)
_WRONG = Refusal(
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details.",
    403,
)
EXPIRED = Refusal("ExpiredToken", "The security token included in the request is expired", 403)

# the same refusal in the words of each service
_WORDS = {
    ("ec2", "InvalidClientTokenId"): Refusal(
        "AuthFailure", "AWS was not able to validate the provided access credentials", 401
    ),
    ("ec2", "SignatureDoesNotMatch"): Refusal(
        "AuthFailure", "AWS was not able to validate the provided access credentials", 401
    ),
    ("ec2", "MissingAuthenticationToken"): Refusal(
        "AuthFailure", "AWS was not able to validate the provided access credentials", 401
    ),
    ("ec2", "ExpiredToken"): Refusal("RequestExpired", "Request has expired.", 400),
    ("s3", "InvalidClientTokenId"): Refusal(
        "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403
    ),
    ("s3", "MissingAuthenticationToken"): Refusal("AccessDenied", "Access Denied", 403),
    ("s3", "ExpiredToken"): Refusal("ExpiredToken", "The provided token has expired.", 400),
}
_JSON_WORDS = {
    "InvalidClientTokenId": "UnrecognizedClientException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "ExpiredToken": "ExpiredTokenException",
}


class Keys:
    """The access keys that are good here."""

    def __init__(self, access_key: str, secret_key: str) -> None:
        self._own = {access_key: secret_key}

    def refusal(self, signature: Signature | None, request: Signed) -> Refusal | None:
        """Why the request is not from one who may send it; None when it is."""
        if signature is None:
            return _MISSING
        secret, token, expires = self._known(signature.access_key)
        if secret is None:
            return _UNKNOWN
        if token != signature.token:
            return _UNKNOWN
        if not is_signed_with(secret, signature, request):
            return _WRONG
        if expires is not None and expires < datetime.now(timezone.utc):
            return EXPIRED
        return None

    def _known(self, access_key: str) -> tuple[str | None, str, datetime | None]:
        """Secret key, session token and expiry of an access key."""
        if access_key in self._own:
            return self._own[access_key], "", None
        from runctl.sandbox.account.identities import issued_key

        return issued_key(access_key)


def in_words_of(service: str, refusal: Refusal, json: bool) -> Refusal:
    """`refusal` as `service` says it."""
    if json:
        code = _JSON_WORDS.get(refusal.code, refusal.code)
        return refusal._replace(code=code, status=400 if refusal.status < 500 else refusal.status)
    return _WORDS.get((service, refusal.code), refusal)
