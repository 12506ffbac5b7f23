"""What user data consists of: scripts and cloud-configs, alone or together in a MIME message, gzip'ed or not."""

from __future__ import annotations

import email
import gzip
import zlib
from email.message import Message
from typing import NamedTuple

SCRIPT = "text/x-shellscript"
CONFIG = "text/cloud-config"
# what a part is that does not say so, by its first line
_BY_FIRST_LINE = {
    b"#!": SCRIPT,
    b"#cloud-config": CONFIG,
    b"#include": "text/x-include-url",
    b"#include-once": "text/x-include-once-url",
    b"#cloud-config-archive": "text/cloud-config-archive",
    b"#cloud-config-jsonp": "text/cloud-config-jsonp",
    b"#cloud-boothook": "text/cloud-boothook",
    b"#part-handler": "text/part-handler",
    b"## template: jinja": "text/jinja2",
}
_UNKNOWN = ("text/plain", "text/x-not-multipart", "application/octet-stream")
_GZIP = ("application/gzip", "application/gzip-compressed", "application/x-gzip", "application/x-compressed")


class Part(NamedTuple):
    """One piece of user data: its MIME type, its content, and its file name if it has one."""

    kind: str
    content: bytes
    name: str


def parts_of(user_data: bytes) -> list[Part]:
    """The parts in their order; whatever is not understood is a part as well, of the kind `text/plain`."""
    content = _unpacked(user_data)
    if b"mime-version:" not in content[:4096].lower():
        return [Part(_kind(content), content, "")] if content.strip() else []
    return [part for each in email.message_from_bytes(content).walk() for part in _of_message(each)]


def _of_message(message: Message) -> list[Part]:
    if message.is_multipart():
        return []  # `walk` comes to what is in it
    payload = message.get_payload(decode=True)
    content = _unpacked(payload if isinstance(payload, bytes) else b"")
    declared = message.get_content_type()
    # of a part that was compressed the type is in its first line
    kind = _kind(content) if declared in (*_UNKNOWN, *_GZIP) else declared
    return [Part(kind, content, message.get_filename() or "")]


def _kind(content: bytes) -> str:
    line = content.lstrip().split(b"\n", 1)[0].strip()
    for start in sorted(_BY_FIRST_LINE, key=len, reverse=True):
        if line.startswith(start):
            return _BY_FIRST_LINE[start]
    return "text/plain"


def _unpacked(content: bytes) -> bytes:
    try:
        return gzip.decompress(content)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return content
