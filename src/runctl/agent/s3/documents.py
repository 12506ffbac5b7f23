"""S3's XML: read without entities or DTDs, and written."""

from __future__ import annotations

import calendar
import re
from typing import TYPE_CHECKING, Callable, Iterable, List, NamedTuple, Optional, Tuple
from urllib.parse import unquote_plus
from xml.sax.saxutils import escape

from runctl.agent.s3 import checksums
from runctl.agent.s3.errors import shown

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

_HTTP_DATE = re.compile(r"(\d\d?) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class BadDocument(Exception):
    """Not XML, or not what was asked for."""


class Object(NamedTuple):
    """An object in a listing. `etag` without quotes, `modified_at` seconds since the epoch."""

    key: str
    size: int
    etag: str
    modified_at: float


class Page(NamedTuple):
    """A page of a listing. `prefixes` are what is grouped by the delimiter, `next_token` None at the end."""

    objects: List[Object]
    prefixes: List[str]
    next_token: Optional[str]


class Part(NamedTuple):
    """A part of a multipart upload. `crc32` None where the server doesn't keep it."""

    number: int
    etag: str
    size: int
    crc32: Optional[int]


def parsed(body: bytes) -> Element:
    """The document's root. Raises BadDocument, also for one that declares entities."""
    from xml.etree import ElementTree

    try:
        text = body.decode("utf-8")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise BadDocument("a DOCTYPE")
        return ElementTree.fromstring(text)
    except (UnicodeDecodeError, ElementTree.ParseError, ValueError) as exc:
        raise BadDocument(str(exc)) from exc


def tag(element: Element) -> str:
    """The name without its namespace, which some servers leave out."""
    return element.tag.rpartition("}")[2]


def text_of(element: Element, name: str) -> str:
    """The text of the child `name`, or ""."""
    return element.findtext(f"{{*}}{name}") or ""


class ErrorDocument(NamedTuple):
    """`region` only where S3 says which one would be right."""

    code: str
    message: str
    region: str


def error_in(body: bytes) -> Optional[ErrorDocument]:
    """What an <Error> document says; None if `body` is none."""
    if b"<Error" not in body:
        return None
    try:
        root = parsed(body)
    except BadDocument:
        return None
    if tag(root) != "Error":
        return None
    return ErrorDocument(text_of(root, "Code"), text_of(root, "Message"), text_of(root, "Region"))


def page(body: bytes) -> Page:
    """Raises BadDocument."""
    root = parsed(body)
    if tag(root) != "ListBucketResult":
        raise BadDocument(f"a {tag(root)} instead of a listing")
    read: Callable[[str], str] = unquote_plus if text_of(root, "EncodingType") == "url" else str
    objects = []
    prefixes = []
    for element in root:
        name = tag(element)
        if name == "Contents":
            objects.append(_object(element, read))
        elif name == "CommonPrefixes":
            prefixes.append(read(text_of(element, "Prefix")))
    more = text_of(root, "IsTruncated") == "true"
    token = text_of(root, "NextContinuationToken")
    if more and not token:
        raise BadDocument("a listing that goes on nowhere")
    return Page(objects, prefixes, token if more else None)


def parts(body: bytes) -> Tuple[List[Part], Optional[str]]:
    """A page of a multipart upload's parts, and the marker of the next or None. Raises BadDocument."""
    root = parsed(body)
    found = [
        Part(
            int(text_of(element, "PartNumber")),
            text_of(element, "ETag").strip('"'),
            int(text_of(element, "Size")),
            checksums.read(text_of(element, "ChecksumCRC32") or None),
        )
        for element in root.iterfind("{*}Part")
    ]
    more = text_of(root, "IsTruncated") == "true"
    return found, text_of(root, "NextPartNumberMarker") if more else None


def upload_id(body: bytes) -> str:
    """Raises BadDocument."""
    return _required(body, "UploadId")


def etag(body: bytes) -> str:
    """That of a completed upload. Raises BadDocument."""
    return _required(body, "ETag").strip('"')


def not_deleted(body: bytes) -> List[Tuple[str, ErrorDocument]]:
    """Of a DeleteResult the keys that are still there, and why. Raises BadDocument."""
    return [
        (text_of(element, "Key"), ErrorDocument(text_of(element, "Code"), text_of(element, "Message"), ""))
        for element in parsed(body).iterfind("{*}Error")
    ]


def deletion(keys: Iterable[str]) -> bytes:
    """The document that asks for `keys` to be deleted. They must be writable in XML."""
    listed = "".join([f"<Object><Key>{_escaped(key)}</Key></Object>" for key in keys])
    return f"<Delete xmlns='{_NAMESPACE}'><Quiet>true</Quiet>{listed}</Delete>".encode()


def completion(etags: Iterable[Tuple[int, str, Optional[int]]]) -> bytes:
    """The document that makes an object of its parts: number, ETag and CRC-32 of each."""
    listed = "".join([_part(number, etag, crc32) for number, etag, crc32 in etags])
    return f"<CompleteMultipartUpload xmlns='{_NAMESPACE}'>{listed}</CompleteMultipartUpload>".encode()


def is_writable(key: str) -> bool:
    """Whether `key` can stand in XML 1.0 at all: most control characters can't, however they are written."""
    return not _NOT_IN_XML.search(key)


def _part(number: int, etag: str, crc32: Optional[int]) -> str:
    checksum = "" if crc32 is None else f"<ChecksumCRC32>{checksums.written(crc32)}</ChecksumCRC32>"
    return f'<Part><PartNumber>{number}</PartNumber><ETag>"{_escaped(etag)}"</ETag>{checksum}</Part>'


def _required(body: bytes, name: str) -> str:
    text = text_of(parsed(body), name)
    if not text:
        raise BadDocument(f"no {name}")
    return text


def _escaped(text: str) -> str:
    # white space would be normalised
    return escape(text, {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;", '"': "&quot;"})


def _object(element: Element, read: Callable[[str], str]) -> Object:
    key = size = etag = modified = ""
    for child in element:
        name = child.tag.rpartition("}")[2]
        if name == "Key":
            key = read(child.text or "")
        elif name == "Size":
            size = child.text or ""
        elif name == "ETag":
            etag = (child.text or "").strip('"')
        elif name == "LastModified":
            modified = child.text or ""
    try:
        return Object(key, int(size), etag, _seconds(modified))
    except ValueError as exc:
        raise BadDocument(f"an object without size or time ({shown(key)})") from exc


def _seconds(text: str) -> float:
    """2009-10-12T17:50:30.000Z"""
    date = (int(text[0:4]), int(text[5:7]), int(text[8:10]), int(text[11:13]), int(text[14:16]), int(text[17:19]))
    fraction = text[19:].rstrip("Z")
    return calendar.timegm(date) + (float(fraction) if fraction else 0.0)


def http_date(text: str) -> float:
    """Fri, 02 Aug 2024 10:11:12 GMT, as seconds since the epoch; 0 where it is none."""
    found = _HTTP_DATE.search(text)
    if not found or found.group(2) not in _MONTHS:
        return 0.0
    day, month, year, hour, minute, second = found.groups()
    date = (int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second))
    return float(calendar.timegm(date))
