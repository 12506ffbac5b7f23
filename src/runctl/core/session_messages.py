"""The messages of a Session Manager data channel, as bytes.

AWS documents none of this: field order, the halves of the id and the payload types are those of `message/` in
session-manager-plugin and of `agent/session/contracts/` in amazon-ssm-agent, the two programs that talk to each other.
"""

from __future__ import annotations

import hashlib
import json
import struct
import time
import uuid
from typing import Any, NamedTuple

INPUT = "input_stream_data"
OUTPUT = "output_stream_data"
ACKNOWLEDGE = "acknowledge"
CHANNEL_CLOSED = "channel_closed"
START = "start_publication"
PAUSE = "pause_publication"

# payload types
DATA = 1
HANDSHAKE_REQUEST = 5
HANDSHAKE_RESPONSE = 6
HANDSHAKE_COMPLETE = 7
FLAG = 10

# what a payload of type FLAG says, as a big-endian 32-bit number
DISCONNECT_TO_PORT = 1
TERMINATE_SESSION = 2

# both programs cut the bytes of a connection into payloads of this size
PAYLOAD_SIZE = 1024

_SCHEMA_VERSION = 1
# SYN and FIN: the message is a stream of its own
_ALONE = 3
# header length, type, schema version, created (ms), sequence number, flags, id, digest, payload type, payload length
_HEADER = struct.Struct(">I32sIQqQ16s32sII")
# the header's own idea of its length leaves out its last field
_HEADER_LENGTH = _HEADER.size - 4


class MessageError(ValueError):
    """These bytes are no message, or not the one that was sent; the text says why."""


class Message(NamedTuple):
    """One message. `sequence` counts from 0 in each direction; `id` is what an acknowledgement names."""

    type: str
    sequence: int
    payload_type: int
    payload: bytes
    flags: int
    id: uuid.UUID


def pack(type: str, sequence: int, payload_type: int, payload: bytes, flags: int = 0) -> bytes:
    """A new message with an id of its own, created now."""
    return (
        _HEADER.pack(
            _HEADER_LENGTH,
            type.encode().ljust(32),
            _SCHEMA_VERSION,
            int(time.time() * 1000),
            sequence,
            flags,
            swapped(uuid.uuid4().bytes),
            hashlib.sha256(payload).digest(),
            payload_type,
            len(payload),
        )
        + payload
    )


def unpack(frame: bytes) -> Message:
    """The message in `frame`. Raises MessageError for what the plugin and the agent would refuse."""
    if len(frame) < _HEADER.size:
        raise MessageError(f"{len(frame)} bytes are too short for a message")
    length, type_field, _, created, sequence, flags, halves, digest, payload_type, payload_length = _HEADER.unpack_from(
        frame
    )
    name = type_field.strip(b"\0 ").decode("utf-8", "replace")
    payload = bytes(frame[length + 4 :])
    # these two come from the service itself, which leaves fields out
    if name not in (START, PAUSE):
        if not length or not name or not created:
            raise MessageError("header length, type or creation date is missing")
        if payload_length and hashlib.sha256(payload).digest() != digest:
            raise MessageError("the payload does not have the digest that the header tells")
    return Message(name, sequence, payload_type, payload, flags, uuid.UUID(bytes=swapped(halves)))


def acknowledgement(message: Message) -> bytes:
    """The message that tells the sender of `message` that it arrived."""
    content = {
        "AcknowledgedMessageType": message.type,
        "AcknowledgedMessageId": str(message.id),
        "AcknowledgedMessageSequenceNumber": message.sequence,
        "IsSequentialMessage": True,
    }
    return pack(ACKNOWLEDGE, 0, 0, json.dumps(content, separators=(",", ":")).encode(), _ALONE)


def acknowledged(message: Message) -> int:
    """The sequence number that an acknowledgement is about. Raises MessageError."""
    sequence = content(message).get("AcknowledgedMessageSequenceNumber")
    if not isinstance(sequence, int):
        raise MessageError("an acknowledgement without a sequence number")
    return sequence


def content(message: Message) -> dict[str, Any]:
    """The JSON object in the payload. Raises MessageError."""
    try:
        found = json.loads(message.payload)
    except ValueError as error:
        raise MessageError(f"the payload of {message.type} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise MessageError(f"the payload of {message.type} is no JSON object")
    return found


def swapped(halves: bytes) -> bytes:
    """The 16 bytes of an id with the halves exchanged: messages have the less significant one first."""
    return halves[8:] + halves[:8]
