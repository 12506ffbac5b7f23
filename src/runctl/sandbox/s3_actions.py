"""What a request to S3 is called: the action, by method, path and query; and the permission that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

# sub-resources that are spelled otherwise in an action's name
_SPELLED = {
    "acl": "Acl",
    "cors": "Cors",
    "encryption": "Encryption",
    "legal-hold": "LegalHold",
    "lifecycle": "LifecycleConfiguration",
    "location": "Location",
    "object-lock": "ObjectLockConfiguration",
    "ownershipControls": "OwnershipControls",
    "policy": "Policy",
    "publicAccessBlock": "PublicAccessBlock",
    "retention": "Retention",
    "tagging": "Tagging",
    "versioning": "Versioning",
    "versions": "Versions",
}
_WITH_KEY = {"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
_WITH_UPLOAD = {
    "GET": "ListParts",
    "PUT": "UploadPart",
    "POST": "CompleteMultipartUpload",
    "DELETE": "AbortMultipartUpload",
}
_WITH_BUCKET = {"GET": "ListObjects", "HEAD": "HeadBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}
_VERBS = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
_PERMISSIONS = {
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteObjects": "DeleteObject",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "UploadPart": "PutObject",
    "UploadPartCopy": "PutObject",
}


class Place(NamedTuple):
    """What a request is about; each is empty where there is none."""

    bucket: str
    key: str

    @property
    def arn(self) -> str:
        """As policies name it."""
        return f"arn:aws:s3:::{self.bucket}/{self.key}" if self.key else f"arn:aws:s3:::{self.bucket or '*'}"


def place_of(path: str) -> Place:
    """The bucket and key of a path as it was sent. A key's own slashes and dots are kept as they are."""
    bucket, _, key = path.removeprefix("/").partition("/")
    return Place(unquote(bucket), unquote(key))


def action_of(method: str, place: Place, query: str, headers: Mapping[str, str]) -> str:
    """The action's name, such as UploadPart; the method's own where S3 has no such action."""
    fields = dict(parse_qsl(query, keep_blank_values=True))
    if not place.bucket:
        return "ListBuckets" if method == "GET" else method
    if place.key:
        return _object_action(method, fields, "x-amz-copy-source" in headers)
    return _bucket_action(method, fields)


def permission_of(action: str) -> str:
    """The permission that an action needs, without `s3:`."""
    return _PERMISSIONS.get(action, action)


def _object_action(method: str, fields: Mapping[str, str], is_copy: bool) -> str:
    if "uploads" in fields and method == "POST":
        return "CreateMultipartUpload"
    if "uploadId" in fields:
        return "UploadPartCopy" if is_copy and method == "PUT" else _WITH_UPLOAD.get(method, method)
    for name, spelled in _SPELLED.items():
        if name in fields and method in _VERBS:
            return f"{_VERBS[method]}Object{spelled}"
    return "CopyObject" if is_copy and method == "PUT" else _WITH_KEY.get(method, method)


def _bucket_action(method: str, fields: Mapping[str, str]) -> str:
    if "uploads" in fields and method == "GET":
        return "ListMultipartUploads"
    if "delete" in fields and method == "POST":
        return "DeleteObjects"
    for name, spelled in _SPELLED.items():
        if name in fields and method in _VERBS:
            own = {"publicAccessBlock": "PublicAccessBlock", "versions": "ObjectVersions"}
            return _VERBS[method] + own.get(name, f"Bucket{spelled}")
    if method == "GET" and fields.get("list-type") == "2":
        return "ListObjectsV2"
    return _WITH_BUCKET.get(method, method)
