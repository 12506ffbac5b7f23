"""Session Manager's messages, and the client's bookkeeping of them over connections that lose, double and reorder."""

from __future__ import annotations

import hashlib
import json
import random
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runctl.core import session_messages as messages
from runctl.core.session_messages import MessageError
from runctl.sandbox.ssm.stream import Received
from runctl.transport.session import handshake
from runctl.transport.session.incoming import Incoming
from runctl.transport.session.outgoing import WINDOW, Outgoing

# the message of TestSerializeAndDeserializeAgentMessage in amazon-ssm-agent (agent/session/contracts), put together by
# the offsets in agentmessage.go
AGENTS_MESSAGE = (
    bytes.fromhex("00000074")
    + b"interactive_shell               "
    + bytes.fromhex("000000010000015e0bbc6f0400000000000000010000000000000002")
    + bytes.fromhex("a508b5f073f31b16dd01e56bff48483e")
    + hashlib.sha256(b"payload").digest()
    + bytes.fromhex("0000000000000007")
    + b"payload"
)


def test_a_message_of_the_agent_is_read_field_by_field() -> None:
    message = messages.unpack(AGENTS_MESSAGE)

    assert message == messages.Message(
        "interactive_shell", 1, 0, b"payload", 2, uuid.UUID("dd01e56b-ff48-483e-a508-b5f073f31b16")
    )


def test_a_message_of_ours_has_the_fields_at_the_agents_offsets() -> None:
    frame = messages.pack(messages.INPUT, 7, messages.DATA, b"abc")

    assert frame[:4] == bytes.fromhex("00000074")
    assert frame[4:36] == b"input_stream_data".ljust(32)
    assert frame[36:40] == bytes.fromhex("00000001")
    assert int.from_bytes(frame[40:48], "big") > 1_700_000_000_000
    assert frame[48:64] == (7).to_bytes(8, "big") + bytes(8)
    assert uuid.UUID(bytes=frame[72:80] + frame[64:72]).version == 4
    assert frame[80:112] == hashlib.sha256(b"abc").digest()
    assert frame[112:] == bytes.fromhex("0000000100000003") + b"abc"


@given(st.integers(0, 2**40), st.integers(0, 12), st.binary(max_size=2000))
def test_what_is_packed_is_unpacked(sequence: int, payload_type: int, payload: bytes) -> None:
    message = messages.unpack(messages.pack(messages.OUTPUT, sequence, payload_type, payload))

    assert (message.sequence, message.payload_type, message.payload) == (sequence, payload_type, payload)


@pytest.mark.parametrize(("position", "what"), [(0, "header"), (40, "creation date"), (85, "digest"), (121, "payload")])
def test_a_damaged_message_is_refused(position: int, what: str) -> None:
    frame = bytearray(messages.pack(messages.OUTPUT, 0, messages.DATA, b"abcdef"))
    frame[position : position + 8] = bytes(8)

    with pytest.raises(MessageError):
        messages.unpack(bytes(frame))


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_in_words(frame: bytes) -> None:
    with pytest.raises(MessageError):
        messages.unpack(frame)


def test_an_acknowledgement_names_what_it_is_about() -> None:
    message = messages.unpack(messages.pack(messages.OUTPUT, 5, messages.DATA, b"x"))
    acknowledgement = messages.unpack(messages.acknowledgement(message))

    assert acknowledgement.type == "acknowledge"
    assert acknowledgement.flags == 3
    assert messages.acknowledged(acknowledgement) == 5
    assert json.loads(acknowledgement.payload) == {
        "AcknowledgedMessageType": "output_stream_data",
        "AcknowledgedMessageId": str(message.id),
        "AcknowledgedMessageSequenceNumber": 5,
        "IsSequentialMessage": True,
    }


def test_a_service_message_without_its_fields_is_understood() -> None:
    frame = bytearray(messages.pack(messages.PAUSE, 0, 0, b""))
    frame[40:48] = bytes(8)

    assert messages.unpack(bytes(frame)).type == "pause_publication"


def _request(*actions: dict[str, object]) -> messages.Message:
    content = {"AgentVersion": "3.3.0.0", "RequestedClientActions": list(actions)}
    return messages.unpack(
        messages.pack(messages.OUTPUT, 0, messages.HANDSHAKE_REQUEST, json.dumps(content).encode(), 1)
    )


def test_the_handshake_of_a_port_session_is_accepted() -> None:
    payload, refusal = handshake.response(
        _request({"ActionType": "SessionType", "ActionParameters": {"SessionType": "Port", "Properties": {}}})
    )

    assert refusal is None
    (action,) = json.loads(payload)["ProcessedClientActions"]
    assert (action["ActionType"], action["ActionStatus"]) == ("SessionType", 1)


def test_no_version_is_claimed_that_agents_multiplex_for() -> None:
    payload, _ = handshake.response(_request())

    assert [int(part) for part in json.loads(payload)["ClientVersion"].split(".")] < [1, 1, 70]


def test_a_demand_for_encryption_is_refused_in_words() -> None:
    payload, refusal = handshake.response(_request({"ActionType": "KMSEncryption", "ActionParameters": {}}))

    assert refusal == "unsupported: KMSEncryption"
    assert json.loads(payload)["ProcessedClientActions"][0]["ActionStatus"] == 3


def test_messages_that_arrive_early_are_handled_in_order_and_only_once() -> None:
    incoming = Incoming()
    made = [messages.unpack(messages.pack(messages.OUTPUT, n, messages.DATA, bytes([n]))) for n in range(4)]

    taken = [incoming.take(made[n]) for n in (2, 0, 0, 1, 3, 2)]

    assert [[each.sequence for each in one.messages] for one in taken] == [[], [0], [], [1, 2], [3], []]
    # what was handled already is acknowledged again: its sender has not heard so
    assert all(one.acknowledge for one in taken)


def test_a_message_is_sent_again_with_growing_pauses() -> None:
    outgoing = Outgoing()
    frame = outgoing.add(messages.DATA, b"a", 0.0)

    sent = [at / 8 for at in range(60) if outgoing.due(at / 8) == [frame]]

    assert sent == [0.25, 0.75, 1.625, 3.25, 6.5]


def test_after_a_new_connection_everything_unacknowledged_is_sent_again_at_once() -> None:
    outgoing = Outgoing()
    frames = [outgoing.add(messages.DATA, bytes([n]), 0.0) for n in range(5)]
    outgoing.acknowledge(1, 0.05)

    outgoing.connected(0.06)

    assert outgoing.due(0.06) == [frames[0], *frames[2:]]
    assert outgoing.due(0.07) == []


def test_a_lost_acknowledgement_does_not_block_the_window_forever() -> None:
    """An agent that has a message does not acknowledge it again: message 0 is never acknowledged here."""
    outgoing, now = Outgoing(), 0.0
    outgoing.add(messages.DATA, b"lost", now)
    for sequence in range(1, 400):
        now += 0.1
        outgoing.due(now)
        outgoing.add(messages.DATA, b"x", now)
        outgoing.acknowledge(sequence, now + 0.05)

    assert len(outgoing) == 0


def test_silence_is_counted_only_while_something_waits() -> None:
    outgoing = Outgoing()
    assert outgoing.silent_for(100.0) == 0

    outgoing.add(messages.DATA, b"a", 100.0)
    assert outgoing.silent_for(130.0) == 30

    outgoing.connected(131.0)
    assert (outgoing.silent_for(133.0), outgoing.unanswered_for(133.0)) == (2, 33)

    outgoing.acknowledge(0, 134.0)
    assert outgoing.silent_for(200.0) == 0


def test_what_may_be_on_the_way_is_bounded() -> None:
    outgoing = Outgoing()
    for _ in range(WINDOW):
        assert not outgoing.full
        outgoing.add(messages.DATA, b"a", 0.0)

    assert outgoing.full


def test_a_window_full_of_lost_acknowledgements_opens_again() -> None:
    outgoing = Outgoing()
    while not outgoing.full:
        outgoing.add(messages.DATA, b"a", 0.0)

    outgoing.connected(1.0)
    outgoing.due(1.0)

    assert not outgoing.full
    now = 1.0
    for sequence in range(WINDOW, 2 * WINDOW):  # what comes after them is acknowledged
        now += 0.05
        outgoing.add(messages.DATA, b"b", now)
        outgoing.acknowledge(sequence, now + 0.01)
        outgoing.due(now + 0.02)
    assert len(outgoing) == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.floats(0, 0.5), st.integers(0, 5))
def test_everything_arrives_once_and_in_order_whatever_the_connection_does(seed: int, loss: float, drops: int) -> None:
    """The client's sending half against the receiving half of the agent, which acknowledges nothing twice.

    Acknowledgements get lost singly, everything gets lost for a while, connections end with what is on the way.
    """
    chance = random.Random(seed)
    outgoing, agent = Outgoing(), Agent()
    drop_at = {chance.randrange(300) for _ in range(drops)}
    gaps = [range(start, start + chance.randrange(30)) for start in chance.sample(range(300), drops)]
    to_send = [bytes([n]) * 3 for n in range(60)]
    step, unsent = 0, list(to_send)
    while len(agent.handled) < len(to_send):
        step += 1
        assert step < 20_000, "the stream is stuck"
        now = step / 10
        wire = [outgoing.add(messages.DATA, unsent.pop(0), now)] if unsent else []
        if step in drop_at:
            wire.clear()
            outgoing.connected(now)
        wire += outgoing.due(now)
        chance.shuffle(wire)
        if any(step in gap for gap in gaps):
            continue
        for sequence in agent.arrive(wire):
            if chance.random() >= loss:
                outgoing.acknowledge(sequence, now + 0.01)

    assert agent.handled == to_send


class Agent:
    """The receiving half of the sandbox's agent."""

    def __init__(self) -> None:
        self._received = Received()
        self.handled: list[bytes] = []

    def arrive(self, frames: list[bytes]) -> list[int]:
        """What it acknowledges."""
        return [sequence for frame in frames for sequence in self._take(messages.unpack(frame))]

    def _take(self, message: messages.Message) -> list[int]:
        if message.sequence < self._received.expected:
            return []
        if message.sequence > self._received.expected:
            self._received.keep(message)
            return [message.sequence]
        next_one: messages.Message | None = message
        while next_one:
            self.handled.append(next_one.payload)
            self._received.handled()
            next_one = self._received.next_early()
        return [message.sequence]
